import Exchange
import FHIR
import Hummingbird
import Identity
import Primitives

extension APIRoutes {
  /// Opens an account with an invitation. What begins can set up the second factor and nothing else.
  func register(_ call: APICall) async throws -> Response {
    let session = try await exchange.register(
      AccountRegistration(
        code: call.word("code"), login: call.word("login"), name: call.word("name"),
        password: call.secret("password"), language: call.text("language"),
        email: call.text("email")), from: call.origin)
    return Self.json(
      [
        ("session_token", .string(session.token.text.exposed)),
        ("next", "set-up-second-factor"),
      ], status: .created)
  }

  func beginSecondFactor(_ call: APICall) async throws -> Response {
    let prompt = try exchange.promptForOneTimeCodes(try await signedIn(call))
    return Self.json([
      ("otpauth_uri", .string(prompt.uri.exposed)), ("ticket", .string(prompt.ticket.exposed)),
    ])
  }

  func setUpSecondFactor(_ call: APICall) async throws -> Response {
    let done = try await exchange.setOneTimeCodes(
      ticket: call.secret("ticket"), code: call.secret("code"), try await signedIn(call),
      from: call.origin)
    return try await access(
      done.session.token, call, recoveryCodes: done.recoveryCodes.map(\.exposed))
  }

  /// The first of two steps.
  func signIn(_ call: APICall) async throws -> Response {
    let step = try await exchange.signIn(
      login: call.word("login"), password: call.secret("password"), from: call.origin)
    switch step {
    case .complete(let session):
      return Self.json([
        ("next", "set-up-second-factor"), ("session_token", .string(session.token.text.exposed)),
      ])
    case .secondFactor(let ticket, _, _):
      return Self.json([("next", "second-factor"), ("ticket", .string(ticket.exposed))])
    }
  }

  /// The second.
  func signInWithCode(_ call: APICall) async throws -> Response {
    let session = try await exchange.signIn(
      ticket: call.secret("ticket"), code: call.secret("code"), from: call.origin)
    return try await access(session.token, call)
  }

  func refresh(_ call: APICall) async throws -> Response {
    try await access(try Self.session(call.word("refresh_token")), call)
  }

  func signOut(_ call: APICall) async throws -> Response {
    guard let visitor = call.visitor else { throw APICall.signInFirst }
    try await exchange.signOut(visitor, from: call.origin)
    return Answer.empty(.noContent)
  }

  private func access(
    _ session: SessionToken, _ call: APICall, recoveryCodes: [String]? = nil
  ) async throws -> Response {
    let wanted = try call.text("acting_as").map { text throws(PeerChartError) in
      guard let capacity = Capacity(text) else {
        throw PeerChartError(.forbidden, "this account cannot act in that capacity")
      }
      return capacity
    }
    let access = try await exchange.access(
      with: session, as: wanted, at: OAuthRoutes.server(call.incoming), from: call.origin)
    return Self.json([
      ("access_token", .string(access.token.exposed)), ("token_type", "Bearer"),
      ("expires_in", .number(String(access.seconds))),
      ("refresh_token", .string(access.renewal.exposed)),
      ("acting_as", .string(access.capacity.description)),
      ("capacities", .texts(access.capacities.map(\.description))),
      ("device", .string(access.deviceTicket.exposed)),
      ("recovery_codes", recoveryCodes.map { .texts($0) }),
    ])
  }

  private func signedIn(_ call: APICall) async throws -> SignedIn {
    try await exchange.authenticate(
      session: try Self.session(call.word("session_token")), purpose: nil,
      networkAddress: call.incoming.connection.remoteAddress, requestID: call.incoming.requestID)
  }

  private static func session(_ text: String) throws(PeerChartError) -> SessionToken {
    guard let token = SessionToken(text) else {
      throw PeerChartError(.unauthenticated, "you are not signed in, or not any more")
    }
    return token
  }
}
