import Primitives

/// Reads the members of a registration one by one (RFC 7591 section 2). What is not known is ignored,
/// as the standard demands; what is known and wrong is refused by name.
struct ClientMetadataReader {
  let json: OAuthJSON

  private func fault(_ reason: String) -> OAuthError { OAuthError(.invalidClientMetadata, reason) }

  private func text(_ name: String, limit: Int) throws(OAuthError) -> String? {
    try OAuthError.wrapping(.invalidClientMetadata) { try json.text(name, limit: limit) }
  }

  private func texts(_ name: String, limit: Int) throws(OAuthError) -> [String]? {
    guard let value = json[name] else { return nil }
    guard let elements = value.elements, elements.count <= limit else {
      throw fault("\(name) is an array of at most \(limit) strings")
    }
    let texts = elements.compactMap(\.string)
    guard texts.count == elements.count else { throw fault("\(name) is an array of strings") }
    return texts
  }

  /// A text without control characters and without those that are not seen: they turn a name round
  /// or make two names look alike.
  func plainText(_ name: String, limit: Int) throws(OAuthError) -> String? {
    guard let text = try text(name, limit: limit * 4) else { return nil }
    let isPlain = text.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
        .unassigned:
        false
      default: true
      }
    }
    guard isPlain, text.unicodeScalars.count <= limit,
      text.contains(where: { !$0.isWhitespace })
    else { throw fault("\(name) is plain text of at most \(limit) characters") }
    return text
  }

  func name() throws(OAuthError) -> String? { try plainText("client_name", limit: 100) }

  func flag(_ name: String) throws(OAuthError) -> Bool {
    guard let value = json[name] else { return false }
    guard let flag = value.bool else { throw fault("\(name) is true or false") }
    return flag
  }

  func grants() throws(OAuthError) -> Set<GrantType> {
    let names = try texts("grant_types", limit: 8) ?? [GrantType.authorizationCode.rawValue]
    let grants = Set(names.compactMap { GrantType(rawValue: $0) })
    guard !grants.isEmpty, names.allSatisfy({ GrantType(rawValue: $0) != nil }) else {
      throw fault("grant_types are some of authorization_code, refresh_token, client_credentials")
    }
    guard !grants.contains(.refreshToken) || grants.contains(.authorizationCode) else {
      throw fault("refresh_token goes with authorization_code")
    }
    let responses = try texts("response_types", limit: 8)
    let expected = grants.contains(.authorizationCode) ? ["code"] : []
    guard responses ?? expected == expected else {
      throw fault("response_types do not go with grant_types: code, or none")
    }
    return grants
  }

  func redirects() throws(OAuthError) -> [RedirectURI] {
    let texts = try texts("redirect_uris", limit: ClientMetadata.maximumRedirects) ?? []
    guard !texts.isEmpty else {
      throw OAuthError(.invalidRedirectURI, "redirect_uris are missing")
    }
    var redirects: [RedirectURI] = []
    for text in texts { redirects.append(try RedirectURI(text)) }
    return redirects
  }

  /// A program that names no type is what its redirect addresses say.
  func applicationType(
    _ redirects: [RedirectURI]
  ) throws(OAuthError) -> ClientMetadata.ApplicationType {
    let isNative = redirects.contains { $0.form != .web }
    guard let text = try text("application_type", limit: 32) else {
      return isNative ? .native : .web
    }
    guard let type = ClientMetadata.ApplicationType(rawValue: text) else {
      throw fault("application_type is web or native")
    }
    guard type == .native || !isNative else {
      throw OAuthError(.invalidRedirectURI, "a web application has https redirect addresses")
    }
    return type
  }

  func keys() throws(OAuthError) -> ClientMetadata.KeySource? {
    let address = try self.address("jwks_uri")
    guard let set = json["jwks"] else { return address.map { .address($0) } }
    guard address == nil else { throw fault("jwks and jwks_uri do not go together") }
    let keys = try OAuthError.wrapping(.invalidClientMetadata) { try JWKSet(set) }
    guard !keys.keys.isEmpty else { throw fault("jwks has no key that is offered here") }
    return .registered(keys)
  }

  /// The standard's default is a shared secret, which is not offered: a client with keys uses them, the
  /// others are public. It reads in the answer what it got (section 3.2.1).
  func authentication(
    hasKeys: Bool, isNamed: Bool
  ) throws(OAuthError) -> ClientMetadata.Authentication {
    guard let text = try text("token_endpoint_auth_method", limit: 64) else {
      guard !isNamed else { throw unfitName }
      return hasKeys ? .privateKeyJWT : .none
    }
    guard let method = ClientMetadata.Authentication(rawValue: text) else {
      throw fault(
        "token_endpoint_auth_method is none, private_key_jwt, tls_client_auth or "
          + "self_signed_tls_client_auth")
    }
    guard isNamed == (method == .mutualTLS) else { throw unfitName }
    return method
  }

  private var unfitName: OAuthError {
    fault("tls_client_auth goes with one name of the certificate, and with no other method")
  }

  /// Whom the client's certificate names: one of the members of RFC 8705 section 2.1.2 at most.
  func certificateName() throws(OAuthError) -> (
    kind: ClientMetadata.CertificateName, value: String
  )? {
    var found: (kind: ClientMetadata.CertificateName, value: String)?
    for kind in ClientMetadata.CertificateName.allCases {
      guard let value = try plainText(kind.rawValue, limit: 256) else { continue }
      guard found == nil else { throw fault("a client's certificate has one name here") }
      found = (kind, value)
    }
    return found
  }

  /// Where the app is opened: a page of it, so https on a named host, and of an app that asks a person.
  func launchAddress(_ grants: Set<GrantType>) throws(OAuthError) -> String? {
    guard let address = try address("initiate_login_uri") else { return nil }
    guard grants.contains(.authorizationCode) else {
      throw fault("initiate_login_uri goes with authorization_code")
    }
    return address
  }

  func signingAlgorithm() throws(OAuthError) -> SignatureAlgorithm? {
    guard let text = try text("token_endpoint_auth_signing_alg", limit: 16) else { return nil }
    guard let algorithm = SignatureAlgorithm(rawValue: text) else {
      throw fault("token_endpoint_auth_signing_alg is not offered")
    }
    return algorithm
  }

  /// OpenID Connect registration section 2: RS256 where the client names none.
  func identityAlgorithm() throws(OAuthError) -> SignatureAlgorithm {
    switch try text("id_token_signed_response_alg", limit: 16) {
    case nil, SignatureAlgorithm.rs256.rawValue: return .rs256
    case SignatureAlgorithm.es256.rawValue: return .es256
    default: throw fault("id_token_signed_response_alg is RS256 or ES256")
    }
  }

  func scope() throws(OAuthError) -> SMARTScopes? {
    guard let text = try text("scope", limit: SMARTScopes.maximumLength) else { return nil }
    return try OAuthError.wrapping(.invalidClientMetadata) { try SMARTScopes(requested: text) }
  }

  func contacts() throws(OAuthError) -> [String] {
    let contacts = try texts("contacts", limit: 8) ?? []
    let arePlain = contacts.allSatisfy { contact in
      (1...256).contains(contact.utf8.count)
        && contact.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
    guard arePlain else { throw fault("contacts are addresses in ASCII") }
    return contacts
  }

  func pages() throws(OAuthError) -> [String: String] {
    var pages: [String: String] = [:]
    for name in ClientMetadata.pageNames { pages[name] = try address(name) }
    return pages
  }

  /// An https address on a named host.
  private func address(_ name: String) throws(OAuthError) -> String? {
    guard let text = try text(name, limit: 1024) else { return nil }
    guard let address = WebAddress(text), address.scheme == "https", address.isCanonical,
      address.fragment == nil, case .dns = address.host
    else { throw fault("\(name) is an https address") }
    return text
  }
}
