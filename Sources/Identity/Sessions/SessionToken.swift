import Crypto
public import Primitives

/// What a browser shows with every request to say which session it belongs to: the account and 256
/// random bits. The node keeps a hash of those.
public struct SessionToken: Sendable {
  static let secretBytes = 32

  public let account: AccountID
  /// The value of the cookie.
  public let text: Redacted<String>
  /// SHA-256 over the secret: what is stored.
  public let digest: [UInt8]
  /// What each form of a page of this session carries, so that another site cannot send it (CSRF). It
  /// follows from the secret, and the secret does not follow from it.
  public let formToken: Redacted<String>

  /// Makes the token of a new session.
  public init(account: AccountID, random: any RandomSource) {
    self.init(account: account, secret: random.bytes(Self.secretBytes))
  }

  /// Reads a cookie's value. Returns nil for any other text.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count <= 128 else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let account = AccountID(parts[0]),
      let secret = Base64URL.decode(parts[1]), secret.count == Self.secretBytes
    else { return nil }
    self.init(account: account, secret: secret)
  }

  private init(account: AccountID, secret: [UInt8]) {
    self.account = account
    text = Redacted("\(account).\(Base64URL.encode(secret))")
    digest = Array(SHA256.hash(data: secret))
    let code = HMAC<SHA256>.authenticationCode(
      for: Array("peerchart form".utf8), using: SymmetricKey(data: secret))
    formToken = Redacted(Base64URL.encode(Array(Array(code).prefix(16))))
  }

  /// Whether a form came from a page of this session, compared in constant time.
  public func matches(formToken text: String) -> Bool {
    constantTimeEqual(Array(text.utf8), Array(formToken.exposed.utf8))
  }
}

extension SessionToken: CustomStringConvertible {
  /// Never the token.
  public var description: String { "<session token>" }
}
