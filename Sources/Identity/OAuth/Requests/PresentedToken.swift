public import Primitives

/// The token that a client wants to end (RFC 7009) or to know of (RFC 7662). Its form says what it is;
/// `token_type_hint` is not needed.
public enum PresentedToken: Sendable {
  /// A signed access token, not checked yet.
  case access(Redacted<String>)
  /// A refresh token.
  case refresh(RefreshToken)
  /// A bearer token that the operator issued.
  case bearer(BearerToken)
  /// None of these: not active, and nothing to end.
  case unknown

  /// - Throws: `invalid_request` without a token.
  public init(_ parameters: FormParameters) throws(OAuthError) {
    let text = try parameters.required("token", limit: 16_384)
    if let token = RefreshToken(text) {
      self = .refresh(token)
    } else if let token = BearerToken(text) {
      self = .bearer(token)
    } else {
      self = AccessTokenClaims.isCandidate(text) ? .access(Redacted(text)) : .unknown
    }
  }
}
