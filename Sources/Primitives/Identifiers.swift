/// The name of a node: SHA-256 over its public keys (docs/format/identity.md).
public struct NodeID: Hashable, Sendable {
  public static let byteCount = 32
  public let bytes: [UInt8]

  /// Returns nil unless there are exactly 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Parses the text form, 64 lower-case hexadecimal digits.
  public init?(_ text: some StringProtocol) {
    guard let bytes = Hex.decode(text) else { return nil }
    self.init(bytes: bytes)
  }

  /// What two people read to each other: the first 80 bits in groups of four digits.
  public var fingerprint: String {
    let digits = Hex.encode(bytes.prefix(10)).uppercased()
    return stride(from: 0, to: digits.count, by: 4).map { offset in
      digits.dropFirst(offset).prefix(4)
    }.joined(separator: "-")
  }
}

extension NodeID: CustomStringConvertible {
  public var description: String { Hex.encode(bytes) }
}
