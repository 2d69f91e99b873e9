/// The ways to a token (RFC 7591 section 2, `grant_types`). Neither passwords nor implicit ones.
public enum GrantType: String, Sendable, Hashable, CaseIterable, Codable {
  /// A user agrees.
  case authorizationCode = "authorization_code"
  /// A user agreed before.
  case refreshToken = "refresh_token"
  /// The client's own right.
  case clientCredentials = "client_credentials"
}
