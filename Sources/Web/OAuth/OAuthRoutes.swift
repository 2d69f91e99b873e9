import Exchange
import HTTPTypes
import Hummingbird
import Identity
import Primitives

/// The authorization server's endpoints that programs call (RFC 6749, 7009, 7591, 7662, 9126; SMART App
/// Launch 2.2). The page on which a person decides is the portal's.
struct OAuthRoutes: Sendable {
  private static let formBytes = 64 << 10
  private static let registrationBytes = 128 << 10

  let exchange: Exchange

  /// - Throws: `malformed`, `too-large`; what OAuth calls an error is an answer.
  func answer(_ endpoint: ServerMetadata.Endpoint, _ incoming: Incoming) async throws -> Response {
    do {
      return try await answered(endpoint, incoming)
    } catch let error as OAuthError {
      return Self.answer(error, status: error.status, incoming)
    }
  }

  private func answered(
    _ endpoint: ServerMetadata.Endpoint, _ incoming: Incoming
  ) async throws -> Response {
    let server = try Self.server(incoming)
    switch endpoint {
    case .keys: return Answer.json(try await exchange.tokenKeys().serialized)
    case .register:
      let body = try await BodyReader.read(incoming, limit: Self.registrationBytes)
      let answer = try await exchange.registerClient(
        body, at: server, networkAddress: incoming.connection.remoteAddress,
        requestID: incoming.requestID)
      return Answer.json(answer.body.exposed, status: answer.isNew ? .created : .ok)
    case .userInfo: return try await userInfo(incoming)
    case .token:
      let (form, hasHeader) = try await form(incoming)
      let answer = try await exchange.token(
        TokenEndpointRequest(form, hasAuthorizationHeader: hasHeader),
        holder: try await Self.holder(incoming), at: server,
        networkAddress: incoming.connection.remoteAddress, requestID: incoming.requestID)
      return Answer.json(answer.exposed)
    case .pushedRequest:
      let (form, hasHeader) = try await form(incoming)
      let answer = try await exchange.pushRequest(
        form, hasAuthorizationHeader: hasHeader, holder: try await Self.holder(incoming), at: server
      )
      return Answer.json(answer.body, status: .created)
    case .introspect:
      let (form, hasHeader) = try await form(incoming)
      let answer = try await exchange.introspect(
        PresentedToken(form),
        for: ClientAuthentication(form, hasAuthorizationHeader: hasHeader),
        certificate: try await incoming.connection.clientCertificate(), at: server)
      return Answer.json(answer.body)
    case .revoke:
      let (form, hasHeader) = try await form(incoming)
      try await exchange.revoke(
        PresentedToken(form),
        of: ClientAuthentication(form, hasAuthorizationHeader: hasHeader),
        certificate: try await incoming.connection.clientCertificate(), at: server,
        networkAddress: incoming.connection.remoteAddress, requestID: incoming.requestID)
      return Answer.json(Array("{}".utf8))
    case .authorize, .manage:
      throw PeerChartError(.notFound, "there is nothing at this address")
    }
  }

  /// Who signed in (OpenID Connect Core section 5.3): what the scopes of the token tell of them.
  private func userInfo(_ incoming: Incoming) async throws -> Response {
    do {
      let bearer = try Self.credentials(incoming)
      let answer = try await exchange.userInfo(
        accessToken: bearer.token, holder: Self.holder(incoming, bearer),
        at: Self.server(incoming))
      return Answer.json(answer.body)
    } catch let error as OAuthError {
      // A protected resource like the FHIR API.
      return Self.answer(error, status: error.resourceStatus, incoming)
    }
  }

  /// What an app registered, and its end, for whoever has the token of the registration (RFC 7592).
  func registration(_ id: String, _ incoming: Incoming) async throws -> Response {
    do {
      let token = try Self.credentials(incoming).token
      guard incoming.request.method == .delete else {
        let answer = try await exchange.registration(
          id, token: token, at: try Self.server(incoming))
        return Answer.json(answer.exposed)
      }
      try await exchange.endRegistration(
        id, token: token, networkAddress: incoming.connection.remoteAddress,
        requestID: incoming.requestID)
      return Answer.empty(.noContent)
    } catch let error as OAuthError {
      return Self.answer(error, status: error.status, incoming)
    }
  }

  /// What members of trust communities read of this node, signed.
  func communityMetadata(_ incoming: Incoming) async throws -> Response {
    Answer.json(try await exchange.communityMetadata(at: Self.server(incoming)))
  }

  private static func credentials(_ incoming: Incoming) throws -> BearerCredentials {
    guard let bearer = try incoming.field(.authorization).flatMap({ BearerCredentials(header: $0) })
    else { throw OAuthError(.invalidToken, "this needs an access token") }
    return bearer
  }

  private func form(_ incoming: Incoming) async throws -> (FormParameters, Bool) {
    guard
      try incoming.field(.contentType)?.lowercased()
        .hasPrefix("application/x-www-form-urlencoded") ?? false
    else { throw OAuthError(.invalidRequest, "the body is a form") }
    let body = try await BodyReader.read(incoming, limit: Self.formBytes)
    return (
      try FormParameters(parsing: body), incoming.request.headers.contains(.authorization)
    )
  }

  private static func answer(
    _ error: OAuthError, status: Int, _ incoming: Incoming
  ) -> Response {
    let isOfProof = incoming.request.headers.contains(.dpop)
    return Answer.json(
      error.body, status: HTTPResponse.Status(code: status),
      fields: status == 401 ? [.wwwAuthenticate: error.challenge(dpop: isOfProof)] : [:])
  }

  /// What this node says of its authorization server, under the address that the caller knows.
  static func server(_ incoming: Incoming) throws -> ServerMetadata {
    let base = try incoming.baseURL()
    // A proxy in front ends the TLS connection, and with it what certificates show.
    let isDirect = incoming.connection.isTLS && incoming.publicAddress == nil
    return ServerMetadata(
      issuer: base.text, fhirBase: base.fhir, mutualTLSBase: isDirect ? base.text : nil)
  }

  /// What the holder of a token shows with a request.
  static func holder(
    _ incoming: Incoming, _ bearer: BearerCredentials? = nil
  ) async throws -> TokenHolder {
    let path = incoming.request.head.path ?? ""
    let bare = path.utf8.prefix { $0 != UInt8(ascii: "?") }
    return TokenHolder(
      proof: try incoming.field(.dpop),
      certificate: try await incoming.connection.clientCertificate(),
      method: incoming.request.method.rawValue,
      url: try incoming.baseURL().text + (String(bare) ?? ""),
      isProofScheme: bearer?.isOfProof ?? false)
  }
}

extension HTTPField.Name {
  /// A proof of possession (RFC 9449).
  static let dpop = HTTPField.Name("DPoP") ?? .via
  /// What the next proof is to carry (section 8).
  static let dpopNonce = HTTPField.Name("DPoP-Nonce") ?? .via
}
