public import Primitives

/// All refresh tokens that came out of one authorization: one is good, the ones before it are spent
/// (RFC 9700 section 4.14.2). Whoever shows a spent one is a thief, or was robbed: the family ends.
///
/// A pure value: the caller stores what comes back, in the same transaction.
public struct RefreshFamily: Sendable, Hashable, Codable {
  /// The client to whom the tokens were given.
  public let clientID: String
  /// The grant that revocation kills.
  public let grant: String
  /// What the tokens are good for at most.
  public let scope: SMARTScopes
  /// What the holder must prove, where the tokens are bound (RFC 9449 section 5, RFC 8705 section 4).
  public let binding: TokenBinding?
  /// When the family ends, however much it is used.
  public let expires: Instant
  /// The idle time after which it ends, in seconds.
  public let idle: Int64
  /// The digest of the one token that is good.
  public private(set) var current: [UInt8]
  /// When the last token was handed out.
  public private(set) var lastUsed: Instant
  /// How many tokens were handed out.
  public private(set) var generation: Int64
  /// Whether the family was ended: a spent token came back, or somebody revoked it.
  public private(set) var isRevoked: Bool

  /// A family with its first token.
  public init(
    first token: RefreshToken, clientID: String, grant: String, scope: SMARTScopes,
    binding: TokenBinding?, at now: Instant,
    lifetime: Int64 = TokenLifetime.refreshAbsolute, idle: Int64 = TokenLifetime.refreshIdle
  ) {
    self.clientID = clientID
    self.grant = grant
    self.scope = scope
    self.binding = binding
    self.idle = idle
    expires = now.adding(seconds: lifetime)
    current = token.digest
    lastUsed = now
    generation = 1
    isRevoked = false
  }

  /// What came of showing a token. Where there is a family, it is to be stored.
  public enum Use: Sendable, Hashable {
    /// The token was good; it is spent now, and the next one is.
    case rotated(RefreshFamily)
    /// The token was spent before. The family is revoked, and so must its grant be.
    case reused(RefreshFamily)
    /// The token is good, but another client shows it, or it comes without the proof that it is bound
    /// to. Nothing changes.
    case unproved
    /// The family was revoked.
    case revoked
    /// Its time is over.
    case expired
  }

  /// Uses a token of the family, to be replaced by `next`.
  ///
  /// - Parameters:
  ///   - clientID: the client, authenticated.
  ///   - binding: what the client proved with the request.
  public func use(
    _ token: RefreshToken, next: RefreshToken, clientID: String, binding: TokenBinding?,
    at now: Instant
  ) -> Use {
    if isRevoked { return .revoked }
    // A spent token tells of a theft, whoever shows it, and also when its time is over.
    guard constantTimeEqual(token.digest, current) else { return .reused(revoked()) }
    guard clientID.isIdentical(to: self.clientID), self.binding == nil || self.binding == binding
    else { return .unproved }
    guard !isExpired(at: now) else { return .expired }
    var family = self
    family.current = next.digest
    family.lastUsed = now
    family.generation = generation &+ 1
    return .rotated(family)
  }

  /// Whether a token is the one that is good, without using it.
  public func isGood(_ token: RefreshToken, at now: Instant) -> Bool {
    !isRevoked && !isExpired(at: now) && constantTimeEqual(token.digest, current)
  }

  /// Whether no token of the family is good any more by its age.
  public func isExpired(at now: Instant) -> Bool {
    now >= expires || now >= lastUsed.adding(seconds: idle)
  }

  /// The family, ended.
  public func revoked() -> RefreshFamily {
    var family = self
    family.isRevoked = true
    return family
  }
}
