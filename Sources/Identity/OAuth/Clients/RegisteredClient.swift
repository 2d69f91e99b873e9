public import Primitives

/// A client as the node knows it (RFC 7591 section 3.2.1).
public struct RegisteredClient: Sendable, Hashable, Codable {
  /// The longest `client_id` in bytes.
  public static let maximumIDLength = 256

  /// The client's name here (`client_id`).
  public let id: String
  /// What it is and may do.
  public let metadata: ClientMetadata
  /// The URI under which it is known in its trust community, for a client that registered by UDAP: its
  /// keys are those of certificates for this URI, not keys of its own telling.
  public let communityURI: String?
  /// When it was registered.
  public let registered: Instant

  public init(id: String, metadata: ClientMetadata, communityURI: String?, registered: Instant) {
    self.id = id
    self.metadata = metadata
    self.communityURI = communityURI
    self.registered = registered
  }

  /// What of `scope` the client may ask for by its registration; everything where it registered none.
  ///
  /// - Throws: `tooLarge` where that takes more than 64 scopes.
  public func allowed(_ scope: SMARTScopes) throws -> SMARTScopes {
    guard let limit = metadata.scope else { return scope }
    return try scope.narrowed(to: limit)
  }

  /// Checks that the client uses a flow that it registered for.
  ///
  /// - Throws: `unauthorized_client`.
  public func require(_ grant: GrantType) throws(OAuthError) {
    guard metadata.grants.contains(grant) else {
      throw OAuthError(.unauthorizedClient, "the client is not registered for this flow")
    }
  }

  /// Checks that the client pushes its requests, if it registered to do so always (RFC 9126 section 6).
  ///
  /// - Throws: an error that must not be redirected.
  public func require(_ form: AuthorizationEntry.Form) throws(OAuthError) {
    guard case .direct = form, metadata.pushesRequests else { return }
    throw OAuthError(.invalidRequest, "the client is registered to push its requests")
  }

  /// Checks that the client proved what its tokens are bound to (RFC 9449 section 5.2, RFC 8705
  /// section 3.4).
  ///
  /// - Throws: `invalid_dpop_proof` or `invalid_request`.
  public func require(_ binding: TokenBinding?) throws(OAuthError) {
    if metadata.isProofBound {
      guard case .key = binding else {
        throw OAuthError(.invalidDPoPProof, "the client is registered for tokens bound by DPoP")
      }
    }
    if metadata.isCertificateBound {
      guard case .certificate = binding else {
        throw OAuthError(.invalidRequest, "the client is registered for tokens bound by mutual TLS")
      }
    }
  }

  /// The answer to a statement that ends a registration (UDAP Security STU 2 section 3.4).
  public var endedResponse: Redacted<[UInt8]> {
    Redacted(OAuthJSON.object(["client_id": .string(id), "grant_types": .strings([])]).bytes)
  }

  /// The answer to a registration (RFC 7591 section 3.2.1), with status 201.
  ///
  /// - Parameter management: the token and the address to change the registration with (RFC 7592);
  ///   nil for clients that register by UDAP, which do it by registering again.
  public func response(management: (token: OpaqueSecret, address: String)?) -> Redacted<[UInt8]> {
    let own = OAuthJSON.object([
      "client_id": .string(id), "client_id_issued_at": .date(registered),
      "registration_access_token": management.map { .string($0.token.text.exposed) },
      "registration_client_uri": management.map { .string($0.address) },
    ])
    return Redacted(
      OAuthJSON.object((own.members ?? []) + (metadata.json.members ?? [])).bytes)
  }
}
