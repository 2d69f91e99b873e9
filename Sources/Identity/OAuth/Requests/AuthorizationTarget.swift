import Primitives

/// Where the answer to an authorization request goes: an address that the client registered, and what
/// the client wants to find there.
public struct AuthorizationTarget: Sendable, Hashable, Codable {
  /// As the request named it.
  public let redirectURI: String
  /// As the request named it.
  public let state: String?

  /// The address with a code (RFC 6749 section 4.1.2) and with the issuer, so that a client of several
  /// servers cannot be made to mix them up (RFC 9207).
  public func location(code: OpaqueSecret, issuer: String) -> String {
    location([("code", code.text.exposed)], issuer: issuer)
  }

  /// The address with an error (RFC 6749 section 4.1.2.1).
  public func location(error: OAuthError, issuer: String) -> String {
    location(
      [("error", error.code.rawValue), ("error_description", error.description)], issuer: issuer)
  }

  private func location(_ parameters: [(String, String)], issuer: String) -> String {
    let all = parameters + (state.map { [("state", $0)] } ?? []) + [("iss", issuer)]
    let query = all.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
    return redirectURI + (redirectURI.contains("?") ? "&" : "?") + query
  }
}
