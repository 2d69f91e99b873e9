import Primitives

/// What a `.sec` document shows to everybody.
public struct SecSummary: Hashable, Sendable {
  /// The version of the format.
  public let version: Int
  /// How the document is sealed.
  public let recipientKind: SecRecipientKind
  /// How many can open it.
  public let recipientCount: Int
  /// What trying a passphrase costs; nil where it is not sealed under one.
  public let passphraseCost: PassphraseCost?
  /// Length of the content in bytes. As little authentic as all of this until it is opened.
  public let contentLength: UInt64
  /// Length of the document in bytes, without its proof section.
  public let sealedLength: UInt64
  /// The proof section, unchecked.
  public let proof: [UInt8]?
}

/// What can be done with a `.sec` document without its keys.
public enum SecFile {
  /// Reads through a document and checks its frames; nothing is authenticated.
  public static func inspect(_ source: some SecSource) throws -> SecSummary {
    var nowhere = SecDiscard()
    return try walk(source, copyingTo: &nowhere)
  }

  /// Copies a document with another proof section, or with none.
  ///
  /// The signature does not cover that section, so it stays valid. Throws `sec-proof` unless the
  /// proof is 1 to 65,536 bytes of UTF-8, and the frame errors of `inspect`.
  public static func replaceProof(
    of source: some SecSource, by proof: [UInt8]?, to sink: inout some SecSink
  ) throws {
    let section = try proof.map(ProofSection.encode) ?? []
    _ = try walk(source, copyingTo: &sink)
    try section.withUnsafeBytes { if !$0.isEmpty { try sink.write($0) } }
  }

  /// The same for a document in memory.
  public static func replacingProof(of file: [UInt8], by proof: [UInt8]?) throws -> [UInt8] {
    var sink = SecBytesSink()
    try replaceProof(of: SecBytesSource(file), by: proof, to: &sink)
    return sink.bytes
  }

  /// The bytes to append to a document that has no proof section yet.
  public static func proofSection(_ proof: [UInt8]) throws -> [UInt8] {
    try ProofSection.encode(proof)
  }

  /// Follows the frames, copying all but the proof section.
  private static func walk(
    _ source: some SecSource, copyingTo sink: inout some SecSink
  ) throws -> SecSummary {
    var input = StreamInput(source)
    let header = try SecHeader(from: &input)
    try header.bytes.withUnsafeBytes { try sink.write($0) }
    var contentLength: UInt64 = 0
    var index: UInt64 = 0
    var previous = RecordKind.content
    while previous != .manifest {
      let frame = try input.read(exactly: SecFormat.recordHeaderSize)
      let record = try RecordHeader(frame, index: index)
      guard (record.kind == .manifest) == (previous == .lastContent) else {
        throw PeerChartError(.secRecord, "the records are out of order", place: "record \(index)")
      }
      let sealed = try input.read(exactly: record.sealedSize)
      try (frame + sealed).withUnsafeBytes { try sink.write($0) }
      if record.kind != .manifest { contentLength += UInt64(record.length) }
      previous = record.kind
      index += 1
    }
    let sealedLength = input.position
    return SecSummary(
      version: Int(SecFormat.version), recipientKind: header.kind,
      recipientCount: header.stanzas.count,
      passphraseCost: header.kind == .passphrase
        ? try header.stanzas.first.map { try PassphraseStanza(bytes: $0).cost } : nil,
      contentLength: contentLength,
      sealedLength: sealedLength, proof: try ProofSection.read(from: &input))
  }
}

/// A sink for those who only want to know whether a document holds.
public struct SecDiscard: SecSink {
  /// Keeps nothing.
  public init() {}
  public mutating func write(_: UnsafeRawBufferPointer) {}
}
