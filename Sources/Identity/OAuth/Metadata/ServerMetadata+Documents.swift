extension ServerMetadata {
  /// `/.well-known/oauth-authorization-server` (RFC 8414) and `/.well-known/openid-configuration`
  /// (OpenID Connect Discovery): one document serves both.
  public var authorizationServer: [UInt8] { OAuthJSON.object(common + openID).bytes }

  /// `[base]/.well-known/smart-configuration` (SMART App Launch 2.2, conformance).
  public var smartConfiguration: [UInt8] {
    let own = OAuthJSON.object([
      "capabilities": .strings(Self.capabilities),
      "management_endpoint": .string(address(.manage)),
    ])
    return OAuthJSON.object(common + (own.members ?? [])).bytes
  }

  /// `/.well-known/oauth-protected-resource` (RFC 9728): where tokens for the FHIR API come from.
  public var protectedResource: [UInt8] {
    OAuthJSON.object([
      "resource": .string(fhirBase), "authorization_servers": .strings([issuer]),
      "jwks_uri": .string(address(.keys)), "scopes_supported": .strings(scopes),
      "bearer_methods_supported": .strings(["header"]),
      "dpop_signing_alg_values_supported": .strings(proofAlgorithms),
      "tls_client_certificate_bound_access_tokens": mutualTLSBase == nil ? nil : .bool(true),
    ]).bytes
  }

  /// `[base]/.well-known/udap` (UDAP Security STU 2 section 2.2).
  ///
  /// - Parameter statement: of `ServerStatement`.
  public func communityMetadata(signed statement: String) -> [UInt8] {
    let algorithms = OAuthJSON.strings(SignatureAlgorithm.names(SignatureAlgorithm.udap))
    return OAuthJSON.object([
      "udap_versions_supported": .strings(["1"]),
      "udap_profiles_supported": .strings(["udap_dcr", "udap_authn", "udap_authz"]),
      "udap_authorization_extensions_supported": .strings([]),
      "udap_certifications_supported": .strings([]),
      "grant_types_supported": .strings(GrantType.allCases.map(\.rawValue)),
      "scopes_supported": .strings(scopes),
      "authorization_endpoint": .string(address(.authorize)),
      "token_endpoint": .string(address(.token)),
      "token_endpoint_auth_methods_supported": .strings(["private_key_jwt"]),
      "token_endpoint_auth_signing_alg_values_supported": algorithms,
      "registration_endpoint": .string(address(.register)),
      "registration_endpoint_jwt_signing_alg_values_supported": algorithms,
      "signed_metadata": .string(statement),
    ]).bytes
  }

  /// What SMART servers can do, by the names of the standard.
  static let capabilities = [
    "launch-ehr", "launch-standalone", "authorize-post", "client-public",
    "client-confidential-asymmetric", "sso-openid-connect",
    "context-ehr-patient", "context-standalone-patient", "context-banner", "permission-patient",
    "permission-user",
    "permission-offline", "permission-online", "permission-v1", "permission-v2",
  ]

  private var proofAlgorithms: [String] { SignatureAlgorithm.names(SignatureAlgorithm.proofs) }

  private var common: [OAuthJSON.Member] {
    let signing = SignatureAlgorithm.clientAssertions.union(SignatureAlgorithm.udap)
    let shown = ClientMetadata.Authentication.allCases.filter {
      mutualTLSBase != nil || !$0.isMutualTLS
    }
    let methods = OAuthJSON.strings(shown.map(\.rawValue))
    let json = OAuthJSON.object([
      "issuer": .string(issuer),
      "authorization_endpoint": .string(address(.authorize)),
      "token_endpoint": .string(address(.token)),
      "jwks_uri": .string(address(.keys)),
      "registration_endpoint": allowsRegistration ? .string(address(.register)) : nil,
      "introspection_endpoint": .string(address(.introspect)),
      "revocation_endpoint": .string(address(.revoke)),
      "pushed_authorization_request_endpoint": .string(address(.pushedRequest)),
      "scopes_supported": .strings(scopes),
      "response_types_supported": .strings(["code"]),
      "response_modes_supported": .strings(["query"]),
      "grant_types_supported": .strings(GrantType.allCases.map(\.rawValue)),
      "code_challenge_methods_supported": .strings(["S256"]),
      "token_endpoint_auth_methods_supported": methods,
      "token_endpoint_auth_signing_alg_values_supported": .strings(
        SignatureAlgorithm.names(signing)),
      "introspection_endpoint_auth_methods_supported": .strings(
        shown.filter { $0 != .none }.map(\.rawValue)),
      "revocation_endpoint_auth_methods_supported": methods,
      "dpop_signing_alg_values_supported": .strings(proofAlgorithms),
      "authorization_response_iss_parameter_supported": .bool(true),
      "tls_client_certificate_bound_access_tokens": mutualTLSBase == nil ? nil : .bool(true),
      "mtls_endpoint_aliases": mutualTLSBase.map { base in
        .object([
          "token_endpoint": .string(base + Endpoint.token.rawValue),
          "introspection_endpoint": .string(base + Endpoint.introspect.rawValue),
          "revocation_endpoint": .string(base + Endpoint.revoke.rawValue),
        ])
      },
    ])
    return json.members ?? []
  }

  private var openID: [OAuthJSON.Member] {
    let json = OAuthJSON.object([
      "userinfo_endpoint": .string(address(.userInfo)),
      "subject_types_supported": .strings(["public"]),
      "id_token_signing_alg_values_supported": .strings(
        SignatureAlgorithm.names([.rs256, .es256])),
      "claims_supported": .strings([
        "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash",
        "fhirUser",
      ]),
      "claims_parameter_supported": .bool(false), "request_parameter_supported": .bool(false),
      "request_uri_parameter_supported": .bool(false),
      "prompt_values_supported": .strings(["none", "login", "consent", "select_account"]),
    ])
    return json.members ?? []
  }
}
