/// What comes to the token endpoint (RFC 6749 section 3.2).
public struct TokenEndpointRequest: Sendable {
  /// What is to be exchanged for a token.
  public enum Grant: Sendable {
    /// A code (section 4.1.3), with what proves that it comes from the one who asked for it.
    case authorizationCode(OpaqueSecret, redirectURI: String, verifier: String)
    /// A refresh token (section 6); no scope means all that was granted.
    case refreshToken(RefreshToken, scope: SMARTScopes?)
    /// The client's own right (section 4.4): SMART backend services.
    case clientCredentials(scope: SMARTScopes)
  }

  /// What is to be exchanged.
  public let grant: Grant
  /// Who asks.
  public let client: ClientAuthentication

  /// - Parameter hasAuthorizationHeader: as with `ClientAuthentication`.
  /// - Throws: `invalid_request`, `invalid_client`, `invalid_grant`, `invalid_scope` or
  ///   `unsupported_grant_type`.
  public init(_ parameters: FormParameters, hasAuthorizationHeader: Bool) throws(OAuthError) {
    let type = try parameters.required("grant_type", limit: 128)
    guard let type = GrantType(rawValue: type) else {
      throw OAuthError(.unsupportedGrantType, "grant_type is not offered")
    }
    client = try ClientAuthentication(
      parameters, hasAuthorizationHeader: hasAuthorizationHeader)
    switch type {
    case .authorizationCode: grant = try Self.code(parameters)
    case .refreshToken: grant = try Self.refresh(parameters)
    case .clientCredentials:
      let text = try parameters.required("scope", limit: SMARTScopes.maximumLength)
      let scope = try OAuthError.wrapping(.invalidScope) {
        try SMARTScopes(words: [], resources: SMARTScopes(requested: text).resources)
          .restricted(to: [.system])
      }
      guard !scope.isEmpty else {
        throw OAuthError(.invalidScope, "a program of its own asks for system/ scopes")
      }
      grant = .clientCredentials(scope: scope)
    }
  }

  private static func code(_ parameters: FormParameters) throws(OAuthError) -> Grant {
    let text = try parameters.required("code", limit: 256)
    let redirectURI = try parameters.required("redirect_uri", limit: RedirectURI.maximumLength)
    let verifier = try parameters.required("code_verifier", limit: 128)
    guard let code = OpaqueSecret(.authorizationCode, parsing: text) else {
      throw OAuthError(.invalidGrant, "the code is not good")
    }
    return .authorizationCode(code, redirectURI: redirectURI, verifier: verifier)
  }

  private static func refresh(_ parameters: FormParameters) throws(OAuthError) -> Grant {
    let text = try parameters.required("refresh_token", limit: 256)
    guard let token = RefreshToken(text) else {
      throw OAuthError(.invalidGrant, "the refresh token is not good")
    }
    guard let text = try parameters.value("scope", limit: SMARTScopes.maximumLength) else {
      return .refreshToken(token, scope: nil)
    }
    // Clients repeat what they asked for first, also what was left out then.
    let scope = try OAuthError.wrapping(.invalidScope) { try SMARTScopes(requested: text) }
    guard !scope.isEmpty else {
      throw OAuthError(.invalidScope, "none of the scopes was granted")
    }
    return .refreshToken(token, scope: scope)
  }
}
