import Primitives

/// What a record holds; the last byte of its nonce.
enum RecordKind: UInt8, Sendable {
  /// A full chunk of content that another follows.
  case content = 0
  /// The last chunk of content; empty only when there is no content at all.
  case lastContent = 1
  /// Manifest and signatures, after the last chunk; nothing sealed follows.
  case manifest = 2

  var lengths: ClosedRange<Int> {
    switch self {
    case .content: SecFormat.chunkSize...SecFormat.chunkSize
    case .lastContent: 0...SecFormat.chunkSize
    case .manifest: 1...SecFormat.signedManifestLimit
    }
  }
}

/// Four bytes before each record: its kind and the length of its plaintext in 24 bits.
///
/// They need no authentication of their own: the kind is part of the nonce, and the length
/// decides where ciphertext and tag lie.
struct RecordHeader: Sendable {
  let kind: RecordKind
  let length: Int

  init(kind: RecordKind, length: Int) {
    self.kind = kind
    self.length = length
  }

  /// Parses four bytes; `index` is the number of records before this one.
  init(_ bytes: some Collection<UInt8>, index: UInt64) throws {
    var length = 0
    for byte in bytes.dropFirst() { length = length << 8 | Int(byte) }
    guard let kind = bytes.first.flatMap(RecordKind.init(rawValue:)), kind.lengths.contains(length),
      kind != .lastContent || length > 0 || index == 0
    else {
      throw PeerChartError(.secRecord, "a record's frame is malformed", place: "record \(index)")
    }
    self.init(kind: kind, length: length)
  }

  var bytes: [UInt8] {
    [
      kind.rawValue, UInt8(truncatingIfNeeded: length >> 16),
      UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
    ]
  }

  /// Ciphertext and tag.
  var sealedSize: Int { length + SecFormat.tagSize }
}
