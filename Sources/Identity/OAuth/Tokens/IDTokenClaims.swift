import Crypto
public import Primitives

/// What an id token says (OpenID Connect Core section 2): to one client, who signed in.
public struct IDTokenClaims: Sendable, Hashable {
  /// Who issued it (`iss`).
  public let issuer: String
  /// Who signed in (`sub`).
  public let subject: String
  /// To whom it is said (`aud`).
  public let clientID: String
  /// What ties it to the client's request (`nonce`), where the request had one.
  public let nonce: String?
  /// How and when the user signed in.
  public let authentication: AuthenticationContext
  /// The user as a FHIR resource: its absolute address (SMART `fhirUser`).
  public let fhirUser: String?
  /// When it was issued (`iat`), in whole seconds.
  public let issued: Instant

  public init(
    issuer: String, subject: String, clientID: String, nonce: String?,
    authentication: AuthenticationContext, fhirUser: String?, at now: Instant
  ) {
    self.issuer = issuer
    self.subject = subject
    self.clientID = clientID
    self.nonce = nonce
    self.authentication = authentication
    self.fhirUser = fhirUser
    issued = Instant(epochSeconds: now.epochSeconds)
  }

  /// Writes and signs the token, tied to the access token that goes with it (`at_hash`, section
  /// 3.1.3.6).
  ///
  /// - Throws: `invalid` when the library refuses.
  public func signed(
    by key: SigningKey, accessToken: Redacted<String>
  ) throws -> Redacted<String> {
    let half = Array(SHA256.hash(data: Array(accessToken.exposed.utf8))).prefix(16)
    let claims = OAuthJSON.object([
      "iss": .string(issuer), "sub": .string(subject), "aud": .string(clientID),
      "iat": .date(issued), "exp": .date(issued.adding(seconds: TokenLifetime.access)),
      "nonce": nonce.map { .string($0) }, "at_hash": .string(Base64URL.encode(half)),
      "fhirUser": fhirUser.map { .string($0) },
    ])
    return Redacted(
      try key.sign(type: "JWT", .object((claims.members ?? []) + authentication.members)))
  }
}
