public import Primitives

/// What a log sends to a witness: a checkpoint, and the proof that it continues what the witness has seen
/// (C2SP tlog-witness, `add-checkpoint`).
public struct AddCheckpointRequest: Hashable, Sendable {
  /// The most lines of proof.
  public static let maximumProofLines = 63
  /// The largest request that we read, in bytes.
  public static let maximumLength = 128 << 10

  /// The size of the latest checkpoint that the witness cosigned, as the log knows; 0 for none.
  public let oldSize: UInt64
  /// The consistency proof from there (RFC 6962 section 2.1.2).
  public let proof: [Hash]
  public let checkpoint: SignedCheckpoint

  /// - Throws: `invalid` for more lines of proof than a request may have.
  public init(
    oldSize: UInt64, proof: [Hash], checkpoint: SignedCheckpoint
  ) throws(PeerChartError) {
    guard proof.count <= Self.maximumProofLines else {
      throw PeerChartError(.invalid, "a consistency proof has at most 63 hashes")
    }
    self.oldSize = oldSize
    self.proof = proof
    self.checkpoint = checkpoint
  }

  /// The byte form: `old N`, one hash a line, a blank line, the checkpoint.
  public var bytes: [UInt8] {
    let head = "old \(oldSize)\n" + proof.map { $0.base64 + "\n" }.joined() + "\n"
    return Array(head.utf8) + checkpoint.bytes
  }

  /// Parses strictly: what it accepts, `bytes` gives back unchanged. Checks no signature and no proof.
  ///
  /// - Throws: `too-large` or `malformed` with the line at fault.
  public init(parsing input: some Collection<UInt8>) throws(PeerChartError) {
    guard input.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "a request is longer than \(Self.maximumLength) bytes")
    }
    var lines = TextLines(rest: Array(input)[...])
    guard let digits = lines.next()?.value(of: "old "), let oldSize = Decimal.parse(digits) else {
      throw PeerChartError(.malformed, "there is no old size in its one form", place: "line 1")
    }
    var proof: [Hash] = []
    while true {
      guard let line = lines.next() else { throw lines.malformed("the checkpoint is missing") }
      if line.isEmpty { break }
      guard proof.count < Self.maximumProofLines,
        let hash = Hash(base64: Substring(decoding: line, as: UTF8.self))
      else { throw lines.malformed("this is not a hash in base64, or there are too many") }
      proof.append(hash)
    }
    self.oldSize = oldSize
    self.proof = proof
    checkpoint = try SignedCheckpoint(parsing: lines.rest)
  }
}
