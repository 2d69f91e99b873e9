public import Identity

extension Exchange {
  /// Who signed in, told to the app that holds the token (OpenID Connect Core section 5.3).
  ///
  /// - Throws: `unauthenticated`; `insufficient_scope` without `openid`; `invalid_token` for a service's.
  public func userInfo(
    accessToken text: String, holder: TokenHolder, at server: ServerMetadata
  ) async throws -> UserInfoResponse {
    let (claims, fhirUser) = try await recognize(text, holder: holder, at: server) {
      [self] claims, snapshot -> (AccessTokenClaims, String??)? in
      guard
        try caller(
          of: claims, purpose: nil, networkAddress: nil, requestID: "", baseURL: nil, in: snapshot)
          != nil,
        let id = AppGrantID(claims.grant), let grant = try grant(id, in: snapshot)
      else { return nil }
      return (claims, grant.standing.map { $0.fhirUser(at: server) })
    }
    guard let fhirUser else {
      throw OAuthError(.invalidToken, "this token is not of a person")
    }
    return try UserInfoResponse(claims, fhirUser: fhirUser)
  }
}
