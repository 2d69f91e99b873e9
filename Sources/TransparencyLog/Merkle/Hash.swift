import Primitives

/// A SHA-256 value: a leaf hash, a node or a root of a Merkle tree.
///
/// Four machine words instead of an array: no allocation, cheap to compare. The words hold the
/// bytes as they lie in memory and have no numeric meaning.
public struct Hash: Hashable, Sendable {
  /// The size of a hash in bytes.
  public static let byteCount = 32

  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  /// Takes the bytes of a hash; nil unless there are exactly 32.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
  }

  /// Takes the first 32 bytes of `source`, which the caller knows to be there.
  init(copying source: UnsafeRawBufferPointer) {
    withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: source) }
  }

  /// The 32 bytes.
  public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

  /// Lends the 32 bytes without a copy.
  public func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try Swift.withUnsafeBytes(of: words, body)
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.words.0 == b.words.0 && a.words.1 == b.words.1 && a.words.2 == b.words.2
      && a.words.3 == b.words.3
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}

extension Hash {
  /// Reads the canonical base64 of 32 bytes (RFC 4648 section 4); nil for anything else.
  public init?(base64 text: some StringProtocol) {
    guard let bytes = Base64.decode(text) else { return nil }
    self.init(bytes: bytes)
  }

  /// The base64 form used by checkpoints and proofs.
  public var base64: String { Base64.encode(bytes) }
}

extension Hash: CustomStringConvertible {
  /// 64 lower-case hexadecimal digits.
  public var description: String { Hex.encode(bytes) }
}
