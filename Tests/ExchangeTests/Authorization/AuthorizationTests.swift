import Audit
import Consent
import Exchange
import Foundation
import Identity
import Primitives
import Testing

/// What apps get, and how it ends.
@Suite struct AuthorizationTests {
  private static let everything =
    "openid fhirUser launch/patient offline_access patient/Observation.rs patient/Condition.rs"

  private func person() async throws -> Person {
    let node = try await TestNode()
    try await node.store(
      Sample.patient("p"), Sample.observation("o", of: "p"),
      Sample.condition("c", of: "p", code: "38341003"))
    return try await Person(node, "rowan", as: .patient("p"))
  }

  private func reads(_ type: String, _ id: String, _ node: TestNode, _ caller: Caller) async
    -> String
  {
    await outcome { try await node.exchange.read(type, id: id, as: caller) }
  }

  @Test func anAppReadsWhatThePersonLeftStanding() async throws {
    let person = try await person()
    let app = try await App(person.node)
    let code = try await app.code(
      person, Self.everything, choosing: ["launch/patient", "openid", "patient/Observation.rs"])
    let answer = try await app.redeem(code)
    let caller = try await app.caller(App.text("access_token", in: answer))
    #expect(try App.text("patient", in: answer) == "p")
    #expect(try App.text("id_token", in: answer).split(separator: ".").count == 3)
    #expect(await reads("Observation", "o", person.node, caller) == "ok")
    #expect(await reads("Condition", "c", person.node, caller) == "forbidden")
    // What the person may do, the app may not: it has scopes for records.
    #expect(
      await outcome { try await person.node.exchange.grants(of: "p", as: caller) } == "forbidden")
    let log = try await person.node.log()
    #expect(log.contains { $0.event.kind == .tokenIssued })
  }

  @Test func revokingEndsTheAppAtOnce() async throws {
    let person = try await person()
    let app = try await App(person.node)
    let answer = try await app.redeem(app.code(person, Self.everything))
    let token = try App.text("access_token", in: answer)
    _ = try await app.caller(token)
    let signedIn = try await person.signedIn()
    let grants = try await person.node.exchange.appGrants(of: signedIn)
    #expect(grants.map(\.name) == ["Growth charts"])
    try await person.node.exchange.endAppGrant(
      try #require(grants.first).id, as: signedIn, from: person.origin)
    #expect(await outcome { try await app.caller(token) } == "unauthenticated")
    let refresh = try App.text("refresh_token", in: answer)
    #expect(await oauthOutcome { try await app.refresh(refresh) } == "invalid_grant")
  }

  @Test func aCodeIsRedeemedOnceByWhoeverAskedForIt() async throws {
    let person = try await person()
    let app = try await App(person.node)
    let other = try await App(person.node)
    var code = try await app.code(person, Self.everything)
    #expect(
      await oauthOutcome {
        try await app.redeem(code, verifier: String(repeating: "w", count: 64))
      } == "invalid_grant")
    // There is no second try.
    #expect(await oauthOutcome { try await app.redeem(code) } == "invalid_grant")
    code = try await app.code(person, Self.everything)
    #expect(await oauthOutcome { try await other.redeem(code) } == "invalid_grant")
    code = try await app.code(person, Self.everything)
    let token = try App.text("access_token", in: try await app.redeem(code))
    _ = try await app.caller(token)
    #expect(await oauthOutcome { try await app.redeem(code) } == "invalid_grant")
    // It was shown twice, so what came of it has ended.
    #expect(await outcome { try await app.caller(token) } == "unauthenticated")
  }

  @Test func aRefreshTokenThatComesBackEndsTheFamily() async throws {
    let person = try await person()
    let app = try await App(person.node)
    let first = try await app.redeem(app.code(person, Self.everything))
    let old = try App.text("refresh_token", in: first)
    let second = try await app.refresh(old)
    let token = try App.text("access_token", in: second)
    _ = try await app.caller(token)
    #expect(await oauthOutcome { try await app.refresh(old) } == "invalid_grant")
    #expect(await outcome { try await app.caller(token) } == "unauthenticated")
    let next = try App.text("refresh_token", in: second)
    #expect(await oauthOutcome { try await app.refresh(next) } == "invalid_grant")
  }

  @Test func withoutOfflineAccessTheAppEndsWithTheSession() async throws {
    let person = try await person()
    let app = try await App(person.node)
    let answer = try await app.redeem(
      app.code(person, "launch/patient online_access patient/Observation.rs"))
    let token = try App.text("access_token", in: answer)
    _ = try await app.caller(token)
    try await person.node.exchange.signOut(person.session.token, from: person.origin)
    #expect(await outcome { try await app.caller(token) } == "unauthenticated")
  }

  @Test func aTokenRunsOutAndIsGoodAtOneAddress() async throws {
    let person = try await person()
    let app = try await App(person.node)
    let answer = try await app.redeem(app.code(person, Self.everything))
    let token = try App.text("access_token", in: answer)
    _ = try await app.caller(token)
    let elsewhere = ServerMetadata(
      issuer: "https://other.example", fhirBase: "https://other.example/fhir")
    #expect(await outcome { try await app.caller(token, at: elsewhere) } == "unauthenticated")
    person.node.clock.advance(seconds: 301)
    #expect(await outcome { try await app.caller(token) } == "unauthenticated")
  }

  @Test func aRequestThatIsNotRightIsAnsweredByTheStandardsError() async throws {
    let person = try await person()
    let app = try await App(person.node)
    let visitor = try await person.signedIn()
    let cases: [([String: String], String)] = [
      (["response_type": "token"], "unsupported_response_type"),
      (["code_challenge_method": "plain"], "invalid_request"),
      (["aud": "https://elsewhere.example/fhir"], "invalid_target"),
      (["redirect_uri": "https://app.example/callback/more"], "invalid_request"),
      (["client_id": "nobody"], "invalid_client"),
      (["prompt": "none"], "consent_required"),
    ]
    for (changes, expected) in cases {
      let result = await oauthOutcome {
        try await person.node.exchange.authorize(
          app.request("patient/Observation.rs", changes), visitor: visitor, at: App.server)
      }
      #expect(result == expected, "\(changes)")
    }
  }

  @Test func aServiceDoesWhatAnAdministratorHasApproved() async throws {
    let person = try await person()
    let key = try SigningKey(random: SystemRandom())
    let jwks = String(decoding: try JWKSet([key.publicKey]).serialized, as: UTF8.self)
    let service = try await App(
      person.node,
      #"{"client_name":"Nightly","grant_types":["client_credentials"],"token_endpoint_auth_method":"private_key_jwt","jwks":\#(jwks)}"#
    )
    let clients = try await person.node.exchange.clients(as: person.node.owner)
    #expect(clients.map(\.name) == ["Nightly"] && clients.first?.approved == nil)
    try await person.node.exchange.approveClient(
      service.id, scope: SMARTScopes(granted: "system/Observation.rs"), as: person.node.owner)
    #expect(
      await outcome {
        try await person.node.exchange.approveClient(
          service.id, scope: SMARTScopes(granted: "patient/Observation.rs"),
          as: person.node.owner)
      } == "invalid")
    // Without its key it is nobody.
    #expect(
      await oauthOutcome {
        try await service.exchange([
          "grant_type": "client_credentials", "scope": "system/Observation.rs",
        ])
      } == "invalid_client")
  }
}

extension AuthorizationTests {
  @Test func introspectionTellsOfARefreshTokenWhetherItIsTheOneThatIsGood() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    let person = try await Person(node, "rowan", as: .patient("p"))
    let app = try await App(node)
    let first = try await app.redeem(
      app.code(person, "launch/patient offline_access patient/Observation.rs"))
    let old = try App.text("refresh_token", in: first)
    func isActive(_ token: String) async throws -> Bool {
      let form = try App.form(["client_id": app.id, "token": token])
      let answer = try await node.exchange.introspect(
        PresentedToken(form), for: ClientAuthentication(form, hasAuthorizationHeader: false),
        at: App.server)
      let json = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
      return json?["active"] as? Bool == true
    }
    #expect(try await isActive(old))
    let next = try App.text("refresh_token", in: try await app.refresh(old))
    #expect(try await isActive(next))
    #expect(try await !isActive(old))
  }

  @Test func aRequestThatMustBePushedIsNotTakenDirectly() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    let person = try await Person(node, "rowan", as: .patient("p"))
    let app = try await App(
      node,
      #"{"client_name":"Pushing","redirect_uris":["\#(App.redirect)"],"token_endpoint_auth_method":"none","require_pushed_authorization_requests":true}"#
    )
    let visitor = try await person.signedIn()
    let result = await oauthOutcome {
      try await node.exchange.authorize(
        app.request("launch/patient patient/Observation.rs"), visitor: visitor, at: App.server)
    }
    #expect(result == "invalid_request")
  }
}
