public import Primitives

/// What an authorization code stands for: one decision of one user about one request. Kept under the
/// code's digest until the code is used or its minute is over; after that its being there still tells of
/// a replay.
public struct AuthorizationCode: Sendable, Hashable, Codable {
  /// The request that was agreed to.
  public let request: AuthorizationRequest
  /// What was agreed to: never more than was asked for.
  public let scope: SMARTScopes
  /// The grant that came of it.
  public let grant: String
  /// Who agreed.
  public let subject: String
  /// How and when that user signed in.
  public let authentication: AuthenticationContext
  /// The patient whom the user chose, or whom the launch named.
  public let patient: String?
  /// The user as a FHIR resource.
  public let fhirUser: String?
  /// When the code's minute is over.
  public let expires: Instant
  /// Whether it was shown before.
  public private(set) var isSpent: Bool

  /// - Throws: `invalid_scope` for a scope that goes beyond the request.
  public init(
    request: AuthorizationRequest, scope: SMARTScopes, grant: String, subject: String,
    authentication: AuthenticationContext, patient: String?, fhirUser: String?, at now: Instant
  ) throws(OAuthError) {
    guard scope.isCovered(by: request.scope) else {
      throw OAuthError(.invalidScope, "more was granted than was asked for")
    }
    self.request = request
    self.scope = scope
    self.grant = grant
    self.subject = subject
    self.authentication = authentication
    self.patient = patient
    self.fhirUser = fhirUser
    expires = now.adding(seconds: TokenLifetime.authorizationCode)
    isSpent = false
  }

  /// What came of showing a code. In every case the code is spent and stored so.
  public enum Redemption: Sendable, Hashable {
    /// It was good.
    case granted(AuthorizationCode)
    /// It was shown before: the grant and all that came of it must be revoked (RFC 6749
    /// section 4.1.2).
    case replayed(AuthorizationCode)
    /// It was shown by somebody else, too late, or without what belongs to it. There is no second try.
    case refused(AuthorizationCode, OAuthError)
  }

  /// Uses the code.
  ///
  /// - Parameters:
  ///   - clientID: the client, authenticated.
  ///   - redirectURI: as the token request names it.
  ///   - verifier: as the token request names it.
  ///   - binding: what the client proved with the request.
  public func redeem(
    clientID: String, redirectURI: String, verifier: String, binding: TokenBinding?,
    at now: Instant
  ) -> Redemption {
    var spent = self
    spent.isSpent = true
    if isSpent { return .replayed(spent) }
    func refused(_ reason: String) -> Redemption {
      .refused(spent, OAuthError(.invalidGrant, reason))
    }
    guard clientID.isIdentical(to: request.clientID) else { return refused("the code is not good") }
    guard now < expires else { return refused("the code is not good") }
    guard redirectURI.isIdentical(to: request.target.redirectURI) else {
      return refused("redirect_uri is not the one of the request")
    }
    guard request.codeChallenge.matches(verifier: verifier) else {
      return refused("code_verifier does not belong to the request")
    }
    if let key = request.proofKey, binding != .key(thumbprint: key) {
      return refused("the key is not the one that the request named")
    }
    return .granted(spent)
  }
}
