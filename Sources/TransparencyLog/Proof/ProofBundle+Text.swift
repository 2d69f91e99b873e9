public import Primitives

/// The text form: blocks of lines between blank lines. The head; the main proof's three blocks; and for each
/// anchor four, its evidence and the three of its proof.
extension ProofBundle {
  public var bytes: [UInt8] {
    var text = Self.header + "\nlog \(log.verifierKey)\n"
    for witness in witnesses { text += "witness \(witness.verifierKey)\n" }
    let parts = [Array((text + "\n").utf8) + proof.bytes] + anchors.map(\.bytes)
    return Array(parts.joined(separator: [0x0A]))
  }

  /// Whether a file begins as a bundle does.
  public static func isBundle(_ start: some Collection<UInt8>) -> Bool {
    start.starts(with: (header + "\n").utf8)
  }

  /// Parses strictly: what it accepts, `bytes` gives back unchanged. Checks no signature and no path.
  ///
  /// - Throws: `tooLarge`; `unsupportedVersion`; `malformed` with the place of the fault.
  public init(parsing input: some Collection<UInt8>) throws(PeerChartError) {
    guard input.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "a proof is longer than \(Self.maximumLength) bytes")
    }
    let input = Array(input)
    guard Self.isBundle(input) else { throw Self.fault(notA: input) }
    let blocks = Self.blocks(input)
    guard blocks.count % 4 == 0, blocks.count / 4 - 1 <= Self.maximumAnchors, !blocks.isEmpty else {
      throw PeerChartError(.malformed, "the proof ends early, or has too many parts")
    }
    let (log, witnesses) = try Self.head(blocks[0])
    var anchors: [ProofAnchor] = []
    for start in stride(from: 4, to: blocks.count, by: 4) {
      anchors.append(try Self.anchor(blocks, start))
    }
    let proof = try Self.proof(blocks, 1)
    guard
      let bundle = Self(log: log, witnesses: witnesses, checking: proof, anchors: anchors)
    else {
      throw PeerChartError(
        .malformed, "the parts of the proof do not belong together, or are not in their order")
    }
    guard bundle.bytes == input else {
      throw PeerChartError(.malformed, "the proof is not in its one form")
    }
    self = bundle
  }

  private static func fault(notA input: [UInt8]) -> PeerChartError {
    if input.starts(with: (header + "\r\n").utf8) {
      return PeerChartError(
        .malformed, "the proof's lines end in CR LF: something has changed the file on its way")
    }
    return input.starts(with: "peerchart.proof/v".utf8)
      ? PeerChartError(.unsupportedVersion, "a proof of another version", place: "line 1")
      : PeerChartError(.malformed, "this is not a proof", place: "line 1")
  }

  /// Each block with its last newline. What does not end in one is in no block.
  private static func blocks(_ input: [UInt8]) -> [ArraySlice<UInt8>] {
    guard input.last == 0x0A else { return [] }
    var blocks: [ArraySlice<UInt8>] = []
    var start = 0
    for index in input.indices.dropFirst() where input[index] == 0x0A && input[index - 1] == 0x0A {
      blocks.append(input[start..<index])
      start = index + 1
    }
    return blocks + [input[start...]]
  }

  private static func head(
    _ block: ArraySlice<UInt8>
  ) throws(PeerChartError) -> (Ed25519NoteVerifier, [CosignatureVerifier]) {
    var lines = TextLines(rest: block)
    _ = lines.next()
    guard let value = lines.next()?.value(of: "log ") else {
      throw lines.malformed("the log's key is missing")
    }
    let log = try Ed25519NoteVerifier(verifierKey: String(decoding: value, as: UTF8.self))
    var witnesses: [CosignatureVerifier] = []
    while let line = lines.next() {
      guard let value = line.value(of: "witness "),
        witnesses.count < SignedNote.maximumSignatures
      else { throw lines.malformed("this is not a witness's key, or there are too many") }
      witnesses.append(
        try CosignatureVerifier(verifierKey: String(decoding: value, as: UTF8.self)))
    }
    return (log, witnesses)
  }

  private static func anchor(
    _ blocks: [ArraySlice<UInt8>], _ start: Int
  ) throws(PeerChartError) -> ProofAnchor {
    var lines = TextLines(rest: blocks[start])
    let evidence = try ProofAnchor.Evidence(&lines)
    guard lines.rest.isEmpty else { throw lines.malformed("an anchor has a line too many") }
    return try ProofAnchor(evidence, proof: try proof(blocks, start + 1))
  }

  /// The tlog-proof in three blocks.
  private static func proof(
    _ blocks: [ArraySlice<UInt8>], _ start: Int
  ) throws(PeerChartError) -> LogProof {
    try LogProof(parsing: Array(blocks[start..<start + 3].joined(separator: [0x0A])))
  }
}
