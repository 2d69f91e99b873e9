public import Primitives

/// What an authenticator has to sign: 32 fresh random bytes, so that no answer serves twice
/// (WebAuthn section 13.4.3). The caller keeps it on the server for five minutes and uses it once.
public struct PasskeyChallenge: Hashable, Sendable {
  static let byteCount = 32
  public let bytes: [UInt8]

  /// Makes a fresh challenge.
  public init(random: any RandomSource) { bytes = random.bytes(Self.byteCount) }

  /// Returns nil unless there are exactly 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }
}

extension PasskeyChallenge: CustomStringConvertible {
  /// base64url, as browsers write it.
  public var description: String { Base64URL.encode(bytes) }
}

extension PasskeyChallenge: Codable {
  /// Reads base64url.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let bytes = Base64URL.decode(text), let challenge = PasskeyChallenge(bytes: bytes) else {
      throw PeerChartError(.malformed, "a challenge does not follow its format")
    }
    self = challenge
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
