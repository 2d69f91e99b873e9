import Crypto
public import Primitives

/// What a client signs to show who it is (RFC 7523 section 3, SMART App Launch 2.2 asymmetric client
/// authentication). A value of this type has been checked; that it was not used before is the caller's
/// to find out, by `id`.
public struct ClientAssertion: Sendable, Hashable {
  /// The value of `client_assertion_type`.
  public static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

  static let types: Set<String?> = [nil, "jwt", "client-authentication+jwt"]
  private static let profile = JWSProfile(
    algorithms: SignatureAlgorithm.clientAssertions, types: types)
  static let certified = JWSProfile(
    algorithms: SignatureAlgorithm.udap, types: types, certificatesInHeader: true,
    maximumLength: 65_536)

  /// The client.
  public let clientID: String
  /// What it was signed with.
  public let algorithm: SignatureAlgorithm
  /// The assertion's own name together with its client: what the caller remembers.
  public let id: [UInt8]
  /// Until when the caller remembers it.
  public let rememberUntil: Instant

  /// Checks an assertion with the client's keys.
  ///
  /// - Parameter audiences: the token endpoint's address and the issuer.
  /// - Throws: `invalid_client`.
  public init(
    verifying text: String, clientID: String, keys: JWKSet, audiences: [String], at now: Instant
  ) throws(OAuthError) {
    self = try OAuthError.wrapping(.invalidClient) {
      let token = try CompactJWS(parsing: text, as: Self.profile)
      let claims = try token.verify(
        with: keys.candidates(keyID: token.keyID, algorithm: token.algorithm))
      return try ClientAssertion(
        claims, clientID: clientID, algorithm: token.algorithm, audiences: audiences, at: now)
    }
  }

  init(
    _ claims: OAuthJSON, clientID: String, algorithm: SignatureAlgorithm, audiences: [String],
    at now: Instant
  ) throws {
    let reader = ClaimReader(claims: claims)
    guard try reader.text("iss").isIdentical(to: clientID),
      try reader.text("sub").isIdentical(to: clientID)
    else { throw PeerChartError(.unauthenticated, "an assertion of another client") }
    try reader.requireAudience(audiences)
    let expires = try reader.requireTime(at: now, lifetime: TokenLifetime.assertion)
    let name = try reader.text("jti")
    self.clientID = clientID
    self.algorithm = algorithm
    id = Array(SHA256.hash(data: Array("\(clientID)\n\(name)".utf8)))
    rememberUntil = expires.adding(seconds: TokenLifetime.clockSkew)
  }

  /// Which client an assertion claims to come from. **Nothing is verified.**
  ///
  /// - Throws: `malformed`, `tooLarge` or `notSupported`.
  static func claimedClient(in text: String) throws -> String {
    let token: CompactJWS
    do { token = try CompactJWS(parsing: text, as: profile) } catch {
      // A member of a trust community, perhaps; if not, the first fault is the one to tell.
      guard let other = try? CompactJWS(parsing: text, as: certified) else { throw error }
      token = other
    }
    return try ClaimReader(claims: token.unverifiedClaims()).text("iss")
  }
}
