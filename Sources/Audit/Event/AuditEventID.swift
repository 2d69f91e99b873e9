public import Primitives

/// The name of an audit event: 16 random bytes, written as 32 lower-case hexadecimal digits.
public struct AuditEventID: Hashable, Sendable {
  public static let byteCount = 16
  public let bytes: [UInt8]

  public init(random: some RandomSource) {
    bytes = random.bytes(Self.byteCount)
  }

  /// Returns nil unless there are exactly 16 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Parses the text form.
  public init?(_ text: some StringProtocol) {
    guard let bytes = Hex.decode(text) else { return nil }
    self.init(bytes: bytes)
  }
}

extension AuditEventID: CustomStringConvertible {
  public var description: String { Hex.encode(bytes) }
}
