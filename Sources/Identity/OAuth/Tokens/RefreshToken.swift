import Crypto
public import Primitives

/// A refresh token (RFC 6749 section 1.5): `pcr_`, 16 bytes that name its family, 32 bytes of secret.
///
/// The family's name is part of the token so that an old one, of which nothing is kept any more, still
/// leads to the family that it betrays.
public struct RefreshToken: Sendable {
  private static let prefix = "pcr_"
  private static let familyLength = 16
  private static let length = 48

  /// What is handed out once.
  public let text: Redacted<String>
  /// SHA-256 over the text: what the family keeps.
  public let digest: [UInt8]
  /// SHA-256 over the family's name: where the family is stored.
  public let familyKey: [UInt8]
  private let family: [UInt8]

  /// The first token of a fresh family.
  public init(random: any RandomSource) {
    self.init(wellFormed: random.bytes(Self.length))
  }

  /// Reads a token as a client shows it. Returns nil for any other text.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 68, text.hasPrefix(Self.prefix),
      let bytes = Base64URL.decode(text.dropFirst(Self.prefix.count)), bytes.count == Self.length
    else { return nil }
    self.init(wellFormed: bytes)
  }

  private init(wellFormed bytes: [UInt8]) {
    let text = Self.prefix + Base64URL.encode(bytes)
    self.text = Redacted(text)
    digest = Array(SHA256.hash(data: Array(text.utf8)))
    family = Array(bytes.prefix(Self.familyLength))
    familyKey = Array(SHA256.hash(data: Array("peerchart-refresh-family-v1\n".utf8) + family))
  }

  /// The next token of the family.
  public func next(random: any RandomSource) -> RefreshToken {
    RefreshToken(wellFormed: family + random.bytes(Self.length - Self.familyLength))
  }
}

extension RefreshToken: CustomStringConvertible {
  /// Never the token.
  public var description: String { "<refresh token>" }
}
