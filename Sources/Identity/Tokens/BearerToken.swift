import Crypto
public import Primitives

/// A bearer token (RFC 6750): whoever shows it is let in. 256 random bits; the node keeps a hash.
public struct BearerToken: Sendable {
  static let prefix = "pct_"
  static let byteCount = 32

  /// What is shown once to whoever asked for it: `pct_` and 43 characters of base64url.
  public let text: Redacted<String>
  /// SHA-256 over the text: what is stored and looked up. The token has 256 bits of its own, so a
  /// slow hash would add nothing.
  public let digest: [UInt8]

  /// Makes a fresh token.
  public init(random: any RandomSource) {
    self.init(wellFormed: Self.prefix + Base64URL.encode(random.bytes(Self.byteCount)))
  }

  /// Reads a token as a caller shows it. Returns nil for any other text.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 47, text.hasPrefix(Self.prefix),
      let secret = Base64URL.decode(text.dropFirst(Self.prefix.count)),
      secret.count == Self.byteCount
    else { return nil }
    // Base64URL takes one text for each secret, so this is the text that was made.
    self.init(wellFormed: String(text))
  }

  private init(wellFormed text: String) {
    self.text = Redacted(text)
    digest = Array(SHA256.hash(data: Array(text.utf8)))
  }

  /// Whether this is the token that was stored under `digest`, compared in constant time.
  public func matches(digest: [UInt8]) -> Bool { constantTimeEqual(self.digest, digest) }
}

extension BearerToken: CustomStringConvertible {
  /// Never the token.
  public var description: String { "<bearer token>" }
}
