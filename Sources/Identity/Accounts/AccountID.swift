public import Primitives

/// What an account is called inside: 16 random bytes, written as 32 hexadecimal digits. It says nothing
/// about whose it is and never changes.
public struct AccountID: Hashable, Sendable {
  public static let byteCount = 16
  public let bytes: [UInt8]

  /// Makes the id of a new account.
  public init(random: any RandomSource) { bytes = random.bytes(Self.byteCount) }

  /// Nil for another number of bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Reads what `description` writes; nil for anything else.
  public init?(_ text: some StringProtocol) {
    guard let bytes = Hex.decode(text) else { return nil }
    self.init(bytes: bytes)
  }
}

extension AccountID: CustomStringConvertible {
  public var description: String { Hex.encode(bytes) }
}

extension AccountID: Codable {
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let id = Self(text) else {
      throw PeerChartError(.malformed, "this is no account id")
    }
    self = id
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
