extension ClientMetadata {
  var json: OAuthJSON {
    let page = { (name: String) in pages[name].map { OAuthJSON.string($0) } }
    var inline: OAuthJSON?
    var address: OAuthJSON?
    switch keys {
    case .registered(let set): inline = set.json
    case .address(let text): address = .string(text)
    case nil: break
    }
    let asksUsers = grants.contains(.authorizationCode)
    let flag = { (value: Bool) in value ? OAuthJSON.bool(true) : nil }
    let certified = certificateName.map { [($0.kind.rawValue, OAuthJSON.string($0.value))] } ?? []
    let own = OAuthJSON.object([
      "client_name": name.map { .string($0) },
      "redirect_uris": redirectURIs.isEmpty ? nil : .strings(redirectURIs.map(\.text)),
      "grant_types": .strings(GrantType.allCases.filter { grants.contains($0) }.map(\.rawValue)),
      "response_types": .strings(asksUsers ? ["code"] : []),
      "token_endpoint_auth_method": .string(authentication.rawValue),
      "token_endpoint_auth_signing_alg": signingAlgorithm.map { .string($0.rawValue) },
      "id_token_signed_response_alg": .string(identityAlgorithm.rawValue),
      "jwks": inline, "jwks_uri": address,
      "scope": scope.map { .string($0.description) },
      "application_type": .string(applicationType.rawValue),
      "contacts": contacts.isEmpty ? nil : .strings(contacts),
      "client_uri": page("client_uri"), "logo_uri": page("logo_uri"),
      "policy_uri": page("policy_uri"), "tos_uri": page("tos_uri"),
      "software_id": software.id.map { .string($0) },
      "software_version": software.version.map { .string($0) },
      "dpop_bound_access_tokens": flag(isProofBound),
      "tls_client_certificate_bound_access_tokens": flag(isCertificateBound),
      "require_pushed_authorization_requests": flag(pushesRequests),
      "initiate_login_uri": launchAddress.map { .string($0) },
    ])
    return .object(
      (own.members ?? []) + certified.map { OAuthJSON.Member(name: $0.0, value: $0.1) })
  }
}
