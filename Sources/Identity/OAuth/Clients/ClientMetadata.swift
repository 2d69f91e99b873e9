import Primitives

/// What a client tells of itself when it registers (RFC 7591 section 2), checked, with the defaults
/// filled in. None of it is proved: the page that asks for consent says so.
public struct ClientMetadata: Sendable, Hashable {
  /// Largest text in bytes.
  public static let maximumLength = 131_072
  /// The most redirect addresses.
  public static let maximumRedirects = 16

  /// How the client shows who it is (`token_endpoint_auth_method`).
  public enum Authentication: String, Sendable, Hashable, CaseIterable {
    /// It cannot: an app in a browser or on a phone.
    case none
    /// It signs (RFC 7523).
    case privateKeyJWT = "private_key_jwt"
    /// It shows a certificate of a trust community for the name that it registered (RFC 8705 section 2.1).
    case mutualTLS = "tls_client_auth"
    /// It shows a certificate with a key that it registered (RFC 8705 section 2.2).
    case selfSignedMutualTLS = "self_signed_tls_client_auth"

    /// Whether the client shows a certificate of its own with each request.
    public var isMutualTLS: Bool { self == .mutualTLS || self == .selfSignedMutualTLS }
  }

  /// The name of a client in its certificate (RFC 8705 section 2.1.2); the raw value is the member in which
  /// it is registered.
  public enum CertificateName: String, Sendable, Hashable, CaseIterable {
    /// The subject's distinguished name as RFC 4514 writes it.
    case subject = "tls_client_auth_subject_dn"
    /// A DNS name among the alternative names.
    case dns = "tls_client_auth_san_dns"
    /// A URI among the alternative names.
    case uri = "tls_client_auth_san_uri"
  }

  /// Where the client's keys come from.
  public enum KeySource: Sendable, Hashable {
    /// They were registered (`jwks`).
    case registered(JWKSet)
    /// They are fetched when needed (`jwks_uri`): https, only through the node's list of allowed hosts.
    case address(String)
  }

  /// What kind of program it is (`application_type` of OpenID Connect registration).
  public enum ApplicationType: String, Sendable, Hashable {
    /// Runs on a server or in a browser: https redirects only.
    case web
    /// Runs on the user's device.
    case native
  }

  /// The name shown to users (`client_name`), 100 characters at most, none of them invisible.
  public let name: String?
  /// Where users may be sent back to.
  public let redirectURIs: [RedirectURI]
  /// The flows it may use.
  public let grants: Set<GrantType>
  /// How it shows who it is.
  public let authentication: Authentication
  /// Its keys; nil for public clients, and for those known by certificates.
  public let keys: KeySource?
  /// Who its certificate names, for `tls_client_auth`; nil for every other client.
  public let certificateName: (kind: CertificateName, value: String)?
  /// Where it is opened out of a session (`initiate_login_uri`; SMART App Launch 2.2, EHR launch); nil for
  /// an app that cannot be.
  public let launchAddress: String?
  /// The one algorithm of its assertions (`token_endpoint_auth_signing_alg`).
  public let signingAlgorithm: SignatureAlgorithm?
  /// How its id tokens are signed (`id_token_signed_response_alg`): RS256 unless it asks for ES256.
  public let identityAlgorithm: SignatureAlgorithm
  /// The most that it may ask for (`scope`); nil if it registered none.
  public let scope: SMARTScopes?
  /// What kind of program it is.
  public let applicationType: ApplicationType
  /// Whom to write to (`contacts`).
  public let contacts: [String]
  /// Addresses of pages about it: `client_uri`, `logo_uri`, `policy_uri`, `tos_uri`.
  public let pages: [String: String]
  /// What software it is (`software_id`) and which version of it.
  public let software: (id: String?, version: String?)
  /// Whether its tokens are bound to a key (`dpop_bound_access_tokens`).
  public let isProofBound: Bool
  /// Whether its tokens are bound to its certificate (`tls_client_certificate_bound_access_tokens`).
  public let isCertificateBound: Bool
  /// Whether it always pushes its requests (`require_pushed_authorization_requests`).
  public let pushesRequests: Bool

  static let pageNames = ["client_uri", "logo_uri", "policy_uri", "tos_uri"]

  /// Reads what a client sends to register.
  ///
  /// - Throws: `invalid_client_metadata` or `invalid_redirect_uri`.
  public init(parsing bytes: [UInt8]) throws(OAuthError) {
    let json = try OAuthError.wrapping(.invalidClientMetadata) {
      try OAuthJSONParser.parse(bytes, limit: Self.maximumLength)
    }
    try self.init(json, keysAreCertified: false)
  }

  /// - Parameter keysAreCertified: whether the client is known by certificates (UDAP) and so names no
  ///   keys.
  init(_ json: OAuthJSON, keysAreCertified: Bool) throws(OAuthError) {
    guard json.members != nil else {
      throw OAuthError(.invalidClientMetadata, "the metadata are a JSON object")
    }
    let reader = ClientMetadataReader(json: json)
    name = try reader.name()
    grants = try reader.grants()
    redirectURIs = grants.contains(.authorizationCode) ? try reader.redirects() : []
    applicationType = try reader.applicationType(redirectURIs)
    let keys = keysAreCertified ? nil : try reader.keys()
    certificateName = try reader.certificateName()
    authentication = try reader.authentication(
      hasKeys: keys != nil || keysAreCertified, isNamed: certificateName != nil)
    self.keys = authentication == .none ? nil : keys
    let hasKeys =
      switch authentication {
      case .none, .mutualTLS: true
      case .privateKeyJWT: keys != nil || keysAreCertified
      case .selfSignedMutualTLS: keys != nil
      }
    guard hasKeys else {
      throw OAuthError(
        .invalidClientMetadata, "\(authentication.rawValue) needs jwks or jwks_uri")
    }
    guard authentication != .none || !grants.contains(.clientCredentials) else {
      throw OAuthError(
        .invalidClientMetadata, "client_credentials needs a client that can show who it is")
    }
    launchAddress = try reader.launchAddress(grants)
    signingAlgorithm = try reader.signingAlgorithm()
    identityAlgorithm = try reader.identityAlgorithm()
    scope = try reader.scope()
    contacts = try reader.contacts()
    pages = try reader.pages()
    software = (
      try reader.plainText("software_id", limit: 128),
      try reader.plainText("software_version", limit: 64)
    )
    isProofBound = try reader.flag("dpop_bound_access_tokens")
    isCertificateBound = try reader.flag("tls_client_certificate_bound_access_tokens")
    pushesRequests = try reader.flag("require_pushed_authorization_requests")
    guard !isProofBound || !isCertificateBound else {
      throw OAuthError(.invalidClientMetadata, "tokens are bound by DPoP or by mutual TLS")
    }
  }

  /// What was registered, as RFC 7591 writes it.
  public var serialized: [UInt8] { json.bytes }

  public static func == (a: Self, b: Self) -> Bool { a.json == b.json }
  public func hash(into hasher: inout Hasher) { hasher.combine(json) }
}

extension ClientMetadata: Codable {
  /// Reads what `encode` wrote; the same rules hold again.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    let json = try OAuthJSONParser.parse(Array(text.utf8), limit: Self.maximumLength)
    let isCertified = json["jwks"] == nil && json["jwks_uri"] == nil
    try self.init(json, keysAreCertified: isCertified)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(json.text)
  }
}
