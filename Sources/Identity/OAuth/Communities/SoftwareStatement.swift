import Crypto
public import Primitives

/// A registration by UDAP (UDAP Security STU 2 section 3): a statement that the client signs with the key
/// of its certificate. A value of this type has been checked; that it was not used before is the
/// caller's to find out, by `id`.
public struct SoftwareStatement: Sendable, Hashable {
  /// The URI under which the client is known in its community: the registration's own name. Registering
  /// again replaces the registration.
  public let issuer: String
  /// What the client is and may do. Without flows the registration ends (section 3.4): nil then.
  public let metadata: ClientMetadata?
  /// The statement's own name together with its issuer: what the caller remembers.
  public let id: [UInt8]
  /// Until when the caller remembers it.
  public let rememberUntil: Instant

  /// Reads the body of a registration that carries a statement; nil for one that carries none
  /// (RFC 7591 section 2.3): that is a plain registration.
  ///
  /// - Parameters:
  ///   - endpoint: the address of the registration endpoint, the statement's audience.
  ///   - anchors: the communities whose members may register.
  /// - Throws: `invalid_software_statement`, `unapproved_software_statement`,
  ///   `invalid_client_metadata` or `invalid_redirect_uri`.
  public init?(
    registration bytes: [UInt8], endpoint: String, anchors: CertificateAnchors, at now: Instant
  ) async throws(OAuthError) {
    let body = try OAuthError.wrapping(.invalidClientMetadata) {
      try OAuthJSONParser.parse(bytes, limit: ClientMetadata.maximumLength)
    }
    guard let text = body["software_statement"]?.string else { return nil }
    guard body["udap"]?.string == "1" else {
      throw OAuthError(
        .invalidSoftwareStatement, "statements are read by the rules of UDAP: udap must be 1")
    }
    let statement: CertifiedStatement
    do {
      statement = try await CertifiedStatement(verifying: text, anchors: anchors, at: now)
    } catch let error as PeerChartError {
      let isForeign = error.code == .unauthenticated
      throw OAuthError(
        isForeign ? .unapprovedSoftwareStatement : .invalidSoftwareStatement, error)
    } catch { throw OAuthError(.invalidSoftwareStatement, "the statement cannot be read") }
    try self.init(statement, endpoint: endpoint, at: now)
  }

  private init(
    _ statement: CertifiedStatement, endpoint: String, at now: Instant
  ) throws(OAuthError) {
    let reader = ClaimReader(claims: statement.claims)
    let issuer = try OAuthError.wrapping(.invalidSoftwareStatement) {
      try reader.text("iss", limit: 2048)
    }
    let expires = try OAuthError.wrapping(.invalidSoftwareStatement) {
      guard statement.isSigned(by: issuer),
        try reader.text("sub", limit: 2048).isIdentical(to: issuer)
      else {
        throw PeerChartError(.unauthenticated, "iss and sub are a URI of the certificate")
      }
      try reader.requireAudience([endpoint])
      _ = try reader.date("iat")
      return try reader.requireTime(at: now, lifetime: TokenLifetime.assertion)
    }
    let name = try OAuthError.wrapping(.invalidSoftwareStatement) { try reader.text("jti") }
    self.issuer = issuer
    id = Array(SHA256.hash(data: Array("\(issuer)\n\(name)".utf8)))
    rememberUntil = expires.adding(seconds: TokenLifetime.clockSkew)
    metadata = try Self.metadata(statement.claims)
  }

  private static func metadata(_ claims: OAuthJSON) throws(OAuthError) -> ClientMetadata? {
    if claims["grant_types"]?.elements == [] { return nil }
    for name in ["client_name", "contacts", "grant_types", "scope"] where claims[name] == nil {
      throw OAuthError(.invalidClientMetadata, "\(name) is missing")
    }
    guard
      claims["contacts"]?.elements?.contains(where: { $0.string?.hasPrefix("mailto:") == true })
        == true
    else { throw OAuthError(.invalidClientMetadata, "contacts name a mailto: address") }
    let metadata = try ClientMetadata(claims, keysAreCertified: true)
    guard metadata.authentication == .privateKeyJWT else {
      throw OAuthError(.invalidClientMetadata, "token_endpoint_auth_method is private_key_jwt")
    }
    return metadata
  }
}

extension ClientAssertion {
  /// Checks an assertion of a client that registered by UDAP: signed with the key of a certificate for
  /// the URI of its registration (UDAP Security STU 2 section 5.2).
  ///
  /// - Throws: `invalid_client`.
  public init(
    verifying text: String, client: RegisteredClient, anchors: CertificateAnchors,
    audiences: [String], at now: Instant
  ) async throws(OAuthError) {
    do {
      let statement = try await CertifiedStatement(verifying: text, anchors: anchors, at: now)
      guard let uri = client.communityURI, statement.isSigned(by: uri) else {
        throw PeerChartError(.unauthenticated, "the certificate is not the client's")
      }
      try self.init(
        statement.claims, clientID: client.id, algorithm: statement.algorithm,
        audiences: audiences, at: now)
    } catch let error as PeerChartError { throw OAuthError(.invalidClient, error) } catch {
      throw OAuthError(.invalidClient, "the assertion cannot be read")
    }
  }
}
