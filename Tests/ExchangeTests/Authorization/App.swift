import Crypto
import Exchange
import Foundation
import Identity
import Primitives

/// A SMART app that a person may let in.
struct App {
  static let server = ServerMetadata(
    issuer: "https://node.example", fhirBase: "https://node.example/fhir")
  static let redirect = "https://app.example/callback"
  static let verifier = String(repeating: "v", count: 64)

  let node: TestNode
  let id: String

  /// Registers a public app.
  init(_ node: TestNode) async throws {
    try await self.init(
      node,
      #"{"client_name":"Growth charts","redirect_uris":["\#(Self.redirect)"],"grant_types":["authorization_code","refresh_token"],"token_endpoint_auth_method":"none"}"#
    )
  }

  init(_ node: TestNode, _ metadata: String) async throws {
    self.node = node
    let answer = try await node.exchange.registerClient(
      Array(metadata.utf8), at: Self.server, networkAddress: "192.0.2.9", requestID: "test")
    id = try Self.text("client_id", in: answer.body)
  }

  static func text(_ name: String, in answer: Redacted<[UInt8]>) throws -> String {
    let json = try JSONSerialization.jsonObject(with: Data(answer.exposed)) as? [String: Any]
    guard let text = json?[name] as? String else {
      throw PeerChartError(.notFound, "the answer has no such member", place: name)
    }
    return text
  }

  static func holder(proof: String? = nil) -> TokenHolder {
    TokenHolder(
      proof: proof, certificate: nil, method: "POST", url: server.address(.token))
  }

  static func form(_ members: [String: String]) throws -> FormParameters {
    var components = URLComponents()
    components.queryItems = members.sorted { $0.key < $1.key }
      .map { URLQueryItem(name: $0.key, value: $0.value) }
    let text = (components.percentEncodedQuery ?? "").replacing("+", with: "%2B")
    return try FormParameters(parsing: Array(text.utf8))
  }

  /// What the app asks for.
  func request(_ scope: String, _ changes: [String: String] = [:]) throws -> FormParameters {
    let challenge = Base64URL.encode(Array(SHA256.hash(data: Array(Self.verifier.utf8))))
    let members = [
      "response_type": "code", "client_id": id, "redirect_uri": Self.redirect, "scope": scope,
      "state": "a-state", "code_challenge": challenge, "code_challenge_method": "S256",
      "aud": Self.server.fhirBase,
    ].merging(changes) { $1 }
    return try Self.form(members)
  }

  /// The person agrees to the scopes named, or to all.
  func ask(
    _ person: Person, _ scope: String, choosing chosen: [String]? = nil
  ) async throws -> URLComponents {
    let visitor = try await person.signedIn()
    let step = try await node.exchange.authorize(
      request(scope), visitor: visitor, at: Self.server)
    guard case .decide(let prompt) = step, let capacity = prompt.capacities.first else {
      throw PeerChartError(.invalid, "nothing was asked")
    }
    let location = try await node.exchange.decide(
      prompt.ticket, chosen: chosen ?? prompt.phrases.map(\.scope), as: capacity, visitor,
      at: Self.server, from: person.origin)
    guard let components = URLComponents(string: location) else {
      throw PeerChartError(.invalid, "the answer leads nowhere")
    }
    return components
  }

  func code(_ person: Person, _ scope: String, choosing chosen: [String]? = nil) async throws
    -> String
  {
    let items = try await ask(person, scope, choosing: chosen).queryItems ?? []
    guard let code = items.first(where: { $0.name == "code" })?.value else {
      throw PeerChartError(.forbidden, "no code was given")
    }
    return code
  }

  func exchange(
    _ members: [String: String]
  ) async throws -> Redacted<[UInt8]> {
    let form = try Self.form(members.merging(["client_id": id]) { a, _ in a })
    return try await node.exchange.token(
      TokenEndpointRequest(form, hasAuthorizationHeader: false), holder: Self.holder(),
      at: Self.server, networkAddress: "192.0.2.9", requestID: "test")
  }

  func redeem(_ code: String, verifier: String = Self.verifier) async throws -> Redacted<[UInt8]> {
    try await exchange([
      "grant_type": "authorization_code", "code": code, "redirect_uri": Self.redirect,
      "code_verifier": verifier,
    ])
  }

  func refresh(_ token: String) async throws -> Redacted<[UInt8]> {
    try await exchange(["grant_type": "refresh_token", "refresh_token": token])
  }

  /// Whoever the token says.
  func caller(
    _ token: String, at server: ServerMetadata = Self.server
  ) async throws -> Caller {
    try await node.exchange.authenticate(
      accessToken: token,
      holder: TokenHolder(
        proof: nil, certificate: nil, method: "GET", url: server.fhirBase + "/Observation/o"),
      at: server, purpose: nil, networkAddress: nil, requestID: "test")
  }
}

/// What an attempt came to in the words of OAuth: `ok`, an OAuth error, or the code of another.
func oauthOutcome(_ body: () async throws -> some Any) async -> String {
  do {
    _ = try await body()
    return "ok"
  } catch let error as OAuthError {
    return error.code.rawValue
  } catch let error as PeerChartError {
    return error.code.rawValue
  } catch {
    return "foreign error"
  }
}
