import Primitives

/// What the node tells everybody about its authorization server. All documents are made from this one
/// description, so that they cannot disagree.
public struct ServerMetadata: Sendable, Hashable {
  /// The issuer (RFC 8414 section 2): https, without a slash at the end.
  public let issuer: String
  /// The base address of the FHIR API: the audience of access tokens.
  public let fhirBase: String
  /// Whether strangers may register their apps.
  public var allowsRegistration: Bool
  /// The base address at which clients show certificates; nil where that is not offered.
  public var mutualTLSBase: String?
  /// Scopes worth naming; any other of the same form can be asked for.
  public var scopes: [String]

  public init(
    issuer: String, fhirBase: String, allowsRegistration: Bool = true,
    mutualTLSBase: String? = nil, scopes: [String] = Self.usualScopes
  ) {
    self.issuer = issuer
    self.fhirBase = fhirBase
    self.allowsRegistration = allowsRegistration
    self.mutualTLSBase = mutualTLSBase
    self.scopes = scopes
  }

  /// What apps ask for most.
  public static let usualScopes = [
    "openid", "fhirUser", "launch", "launch/patient", "offline_access", "online_access",
    "patient/*.rs", "patient/*.cruds", "user/*.rs", "user/*.cruds", "system/*.rs",
    "system/*.cruds", "patient/Observation.rs?category=laboratory",
    "patient/Observation.rs?category=vital-signs",
  ]

  /// The endpoints, each with the path behind the issuer.
  public enum Endpoint: String, Sendable, CaseIterable {
    /// A user decides (RFC 6749 section 3.1).
    case authorize = "/oauth/authorize"
    /// Codes become tokens (section 3.2).
    case token = "/oauth/token"
    /// Requests are pushed (RFC 9126).
    case pushedRequest = "/oauth/par"
    /// Clients register (RFC 7591).
    case register = "/oauth/register"
    /// Tokens are looked at (RFC 7662).
    case introspect = "/oauth/introspect"
    /// Tokens are ended (RFC 7009).
    case revoke = "/oauth/revoke"
    /// The node's keys (RFC 7517).
    case keys = "/oauth/jwks"
    /// Who signed in (OpenID Connect Core section 5.3).
    case userInfo = "/oauth/userinfo"
    /// The user looks at the apps that have access and ends it (SMART `management_endpoint`).
    case manage = "/apps"
  }

  /// The address of an endpoint.
  public func address(_ endpoint: Endpoint) -> String { issuer + endpoint.rawValue }

  /// Where a browser goes that opens an app out of a session (SMART App Launch 2.2, EHR launch).
  public func launchLocation(_ address: String, secret: OpaqueSecret) -> String {
    let query =
      "iss=\(PercentEncoding.encode(fhirBase))&launch=\(PercentEncoding.encode(secret.text.exposed))"
    return address + (address.contains("?") ? "&" : "?") + query
  }

  /// What the assertion of a client may name as its audience.
  public var assertionAudiences: [String] {
    [address(.token), issuer] + (mutualTLSBase.map { [$0 + Endpoint.token.rawValue] } ?? [])
  }
}
