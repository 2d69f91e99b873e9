public import Primitives

/// How a client shows who it is, at every endpoint that it calls by itself. There are no shared
/// secrets: a client has a key, or a certificate in the TLS handshake, or is public.
public enum ClientAuthentication: Sendable {
  /// It names itself (RFC 6749 section 2.1, public clients).
  case named(String)
  /// It signs an assertion (RFC 7523 section 2.2), for the client that `id` claims, unproved.
  case assertion(Redacted<String>, id: String)

  /// - Parameter hasAuthorizationHeader: whether the request carries HTTP authentication, which is how
  ///   shared secrets come (RFC 6749 section 2.3.1).
  /// - Throws: `invalid_client` or `invalid_request`.
  public init(_ parameters: FormParameters, hasAuthorizationHeader: Bool) throws(OAuthError) {
    guard !hasAuthorizationHeader, parameters["client_secret"] == nil else {
      throw OAuthError(.invalidClient, "shared secrets are not offered: use private_key_jwt")
    }
    let named = try parameters.value("client_id", limit: RegisteredClient.maximumIDLength)
    let type = parameters["client_assertion_type"]
    guard let text = parameters["client_assertion"] else {
      guard type == nil else {
        throw OAuthError(.invalidRequest, "client_assertion is missing")
      }
      guard let named else { throw OAuthError(.invalidClient, "client_id is missing") }
      self = .named(named)
      return
    }
    guard type == ClientAssertion.type else {
      throw OAuthError(.invalidRequest, "client_assertion_type is not that of a JWT")
    }
    let id = try OAuthError.wrapping(.invalidClient) { try ClientAssertion.claimedClient(in: text) }
    guard named.map({ $0.isIdentical(to: id) }) ?? true else {
      throw OAuthError(.invalidClient, "client_id is not the one of the assertion")
    }
    self = .assertion(Redacted(text), id: id)
  }

  /// The client's name, unproved: whose registration to look up.
  public var clientID: String {
    switch self {
    case .named(let id), .assertion(_, let id): id
    }
  }

  /// Checks that the client is the one registered: by its assertion, or by being public.
  ///
  /// - Parameters:
  ///   - keys: the client's keys, from its registration or fetched from its `jwks_uri`.
  ///   - audiences: the token endpoint's address and the issuer.
  /// - Returns: the assertion, whose `id` the caller must not have seen before; nil for a public client.
  /// - Throws: `invalid_client`.
  public func verify(
    _ client: RegisteredClient, keys: JWKSet?, audiences: [String], at now: Instant
  ) throws(OAuthError) -> ClientAssertion? {
    guard clientID.isIdentical(to: client.id) else {
      throw OAuthError(.invalidClient, "another client")
    }
    switch (self, client.metadata.authentication) {
    case (.named, .none): return nil
    case (.assertion(let text, _), .privateKeyJWT):
      guard let keys else { throw OAuthError(.invalidClient, "the client's keys are not known") }
      let assertion = try ClientAssertion(
        verifying: text.exposed, clientID: client.id, keys: keys, audiences: audiences, at: now)
      guard client.metadata.signingAlgorithm ?? assertion.algorithm == assertion.algorithm else {
        throw OAuthError(.invalidClient, "the client registered another algorithm")
      }
      return assertion
    default:
      throw OAuthError(.invalidClient, "the client is registered to authenticate in another way")
    }
  }
}
