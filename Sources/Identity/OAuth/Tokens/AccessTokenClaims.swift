public import Primitives

/// What an access token says (RFC 9068, `at+jwt`). It is believed only together with the grant that it
/// names, which is looked up with each request: so revocation does not wait for the token to run out.
public struct AccessTokenClaims: Sendable, Hashable {
  /// Who issued it (`iss`).
  public let issuer: String
  /// Where it is good (`aud`): the base address of the FHIR API.
  public let audience: String
  /// For whom (`sub`): the user, or the client itself.
  public let subject: String
  /// The client (`client_id`).
  public let clientID: String
  /// The token's own name (`jti`).
  public let id: String
  /// When it was issued (`iat`), in whole seconds.
  public let issued: Instant
  /// When it ends (`exp`).
  public let expires: Instant
  /// What it allows (`scope`).
  public let scope: SMARTScopes
  /// The grant behind it (`grant_id`).
  public let grant: String
  /// What the holder must prove (`cnf`); nil for a bearer token.
  public let binding: TokenBinding?
  /// How the user signed in; nil where there is no user.
  public let authentication: AuthenticationContext?
  /// The patient of the launch context (`patient`).
  public let patient: String?

  /// The claims of a token issued `now` for five minutes.
  public init(
    issuer: String, audience: String, subject: String, clientID: String, id: String,
    scope: SMARTScopes, grant: String, binding: TokenBinding?,
    authentication: AuthenticationContext?, patient: String?, at now: Instant,
    lifetime: Int64 = TokenLifetime.access
  ) {
    self.issuer = issuer
    self.audience = audience
    self.subject = subject
    self.clientID = clientID
    self.id = id
    self.scope = scope
    self.grant = grant
    self.binding = binding
    self.authentication = authentication
    self.patient = patient
    issued = Instant(epochSeconds: now.epochSeconds)
    expires = issued.adding(seconds: min(max(lifetime, 1), TokenLifetime.access))
  }

  /// Writes and signs the token.
  ///
  /// - Throws: `invalid` when the library refuses.
  public func signed(by key: SigningKey) throws -> Redacted<String> {
    Redacted(try key.sign(type: "at+jwt", json))
  }

  private var json: OAuthJSON {
    let claims = OAuthJSON.object([
      "iss": .string(issuer), "aud": .string(audience), "sub": .string(subject),
      "client_id": .string(clientID), "jti": .string(id), "iat": .date(issued),
      "exp": .date(expires), "scope": .string(scope.description), "grant_id": .string(grant),
      "cnf": binding?.json, "patient": patient.map { .string($0) },
    ])
    return .object((claims.members ?? []) + (authentication?.members ?? []))
  }
}

extension AccessTokenClaims {
  private static let profile = JWSProfile(algorithms: [.es256], types: ["at+jwt"])

  /// Whether a text looks like an access token of this form, rather than a `BearerToken`.
  public static func isCandidate(_ text: some StringProtocol) -> Bool { text.hasPrefix("eyJ") }

  /// Checks a token: signature, issuer, audience, time.
  ///
  /// What it proves of its holder is checked by `requireHolder`; that its grant lives is the caller's to
  /// find out.
  ///
  /// - Parameters:
  ///   - keys: the node's own keys, `SigningKeyRing.published`.
  ///   - now: clocks may be off by a minute.
  /// - Throws: `unauthenticated`, `malformed`, `notSupported` or `tooLarge`.
  public init(
    verifying text: String, keys: JWKSet, issuer: String, audience: String, at now: Instant
  ) throws {
    let token = try CompactJWS(parsing: text, as: Self.profile)
    guard let keyID = token.keyID else {
      throw PeerChartError(.malformed, "a token names its key", place: "kid")
    }
    let claims = try token.verify(
      with: keys.candidates(keyID: keyID, algorithm: token.algorithm))
    let reader = ClaimReader(claims: claims)
    guard try reader.text("iss", limit: 2048).isIdentical(to: issuer) else {
      throw PeerChartError(.unauthenticated, "a token of another issuer", place: "iss")
    }
    try reader.requireAudience([audience])
    expires = try reader.requireTime(at: now, lifetime: TokenLifetime.access)
    issued = try reader.date("iat")
    self.issuer = issuer
    self.audience = audience
    subject = try reader.text("sub")
    clientID = try reader.text("client_id", limit: 2048)
    id = try reader.text("jti")
    scope = try SMARTScopes(
      granted: claims.text("scope", limit: SMARTScopes.maximumLength) ?? "")
    grant = try reader.text("grant_id")
    binding = try claims["cnf"].map { try TokenBinding($0) }
    authentication = try AuthenticationContext(reader)
    patient = try claims.text("patient", limit: 256)
  }

  /// Checks that the holder proved what the token asks for, and no more: a proof beside a token that is
  /// bound to nothing would be a bearer token in disguise (RFC 9449 section 7.2).
  ///
  /// - Parameters:
  ///   - proof: the proof of this very request, checked with this very token.
  ///   - certificate: the client's certificate of the connection in DER.
  /// - Throws: `unauthenticated`; `invalid_dpop_proof` where a proof is missing.
  public func requireHolder(proof: DPoPProof?, certificate: [UInt8]?) throws {
    switch binding {
    case .key(let thumbprint):
      // RFC 9449 section 7.1: a token that is bound to a key and comes without a proof.
      guard let proof else {
        throw OAuthError(.invalidDPoPProof, "this token is sent with a proof of its key")
      }
      guard proof.isBoundToToken,
        constantTimeEqual(Array(proof.thumbprint.utf8), Array(thumbprint.utf8))
      else { throw PeerChartError(.unauthenticated, "the token's key was not proved") }
    case .certificate:
      guard proof == nil, let certificate, binding == .certificate(der: certificate) else {
        throw PeerChartError(.unauthenticated, "the token's certificate was not shown")
      }
    case nil:
      guard proof == nil else {
        throw PeerChartError(.unauthenticated, "a proof for a token that is not bound to its key")
      }
    }
  }
}
