public import Primitives

/// The answer of the token endpoint (RFC 6749 section 5.1, SMART App Launch 2.2). To be sent with
/// `Cache-Control: no-store`.
public struct TokenResponse: Sendable {
  /// What the signed token says.
  public let claims: AccessTokenClaims
  /// The signed token.
  public let accessToken: Redacted<String>
  /// The next refresh token.
  public var refreshToken: RefreshToken?
  /// Who signed in.
  public var idToken: Redacted<String>?
  /// Whether the app must say whose chart it shows (`need_patient_banner`).
  public var needsPatientBanner: Bool?

  public init(claims: AccessTokenClaims, accessToken: Redacted<String>) {
    self.claims = claims
    self.accessToken = accessToken
  }

  /// The body in JSON.
  public func body(at now: Instant) -> Redacted<[UInt8]> {
    let seconds = max(0, claims.expires.epochSeconds - now.epochSeconds)
    return Redacted(
      OAuthJSON.object([
        "access_token": .string(accessToken.exposed),
        "token_type": .string(claims.binding?.tokenType ?? "Bearer"),
        "expires_in": .integer(seconds), "scope": .string(claims.scope.description),
        "refresh_token": refreshToken.map { .string($0.text.exposed) },
        "id_token": idToken.map { .string($0.exposed) },
        "patient": claims.patient.map { .string($0) },
        "need_patient_banner": needsPatientBanner.map { .bool($0) },
      ]).bytes)
  }
}

/// The answer about a token (RFC 7662 section 2.2). What is not active is all alike.
public enum IntrospectionResponse: Sendable {
  /// Not good, or none of the caller's business.
  case inactive
  /// Good, and so is its grant.
  case active(AccessTokenClaims)
  /// A refresh token that is good, of this family.
  case refresh(RefreshFamily)

  /// The body in JSON.
  public var body: [UInt8] {
    switch self {
    case .inactive: OAuthJSON.object(["active": .bool(false)]).bytes
    case .active(let claims): Self.json(claims).bytes
    case .refresh(let family):
      OAuthJSON.object([
        "active": .bool(true), "scope": .string(family.scope.description),
        "client_id": .string(family.clientID), "exp": .date(family.expires),
        "cnf": family.binding?.json,
      ]).bytes
    }
  }

  private static func json(_ claims: AccessTokenClaims) -> OAuthJSON {
    .object([
      "active": .bool(true), "scope": .string(claims.scope.description),
      "client_id": .string(claims.clientID), "sub": .string(claims.subject),
      "aud": .string(claims.audience), "iss": .string(claims.issuer), "jti": .string(claims.id),
      "iat": .date(claims.issued), "exp": .date(claims.expires),
      "token_type": .string(claims.binding?.tokenType ?? "Bearer"), "cnf": claims.binding?.json,
      "patient": claims.patient.map { .string($0) },
    ])
  }
}

/// The answer to a pushed request (RFC 9126 section 2.2), with status 201.
public struct PushedRequestResponse: Sendable {
  /// What the client names at the authorization endpoint.
  public let reference: OpaqueSecret

  public init(reference: OpaqueSecret) { self.reference = reference }

  /// The body in JSON.
  public var body: [UInt8] {
    OAuthJSON.object([
      "request_uri": .string(reference.text.exposed),
      "expires_in": .integer(TokenLifetime.pushedRequest),
    ]).bytes
  }
}

/// Who signed in, at the endpoint of OpenID Connect Core section 5.3: what the id token says.
public struct UserInfoResponse: Sendable {
  /// The user, as in the access token.
  public let subject: String
  /// The user as a FHIR resource; nil where the scope does not hold `fhirUser`.
  public let fhirUser: String?

  /// - Throws: `insufficient_scope` for a token without `openid`.
  public init(_ claims: AccessTokenClaims, fhirUser: String?) throws(OAuthError) {
    guard claims.scope.contains(.openid) else {
      throw OAuthError(.insufficientScope, "the scope openid is needed")
    }
    subject = claims.subject
    self.fhirUser = claims.scope.contains(.fhirUser) ? fhirUser : nil
  }

  /// The body in JSON.
  public var body: [UInt8] {
    OAuthJSON.object([
      "sub": .string(subject), "fhirUser": fhirUser.map { .string($0) },
    ]).bytes
  }
}
