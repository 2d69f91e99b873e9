import Consent
import Exchange
import Foundation
import Identity
import Testing

@Suite("The REST API: signing in")
struct APISigningInTests {
  @Test("An invitation becomes an account, and a password and a code a token of five minutes")
  func fromInvitationToToken() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    #expect(person.recoveryCodes.count == 10)
    node.clock.advance(seconds: 60)
    let answer = try await person.signIn()
    #expect(answer.status == 200)
    #expect(answer["token_type"] == "Bearer")
    #expect(answer.json["expires_in"] as? Int == 300)
    #expect(answer["acting_as"] == "patient/juniper")
    #expect(answer.field("Cache-Control") == "no-store")
    try person.take(answer)
    #expect(try await person.send("GET", "/api/patients/profile").status == 200)
    // A recovery code does as well, once.
    let recovery = person.recoveryCodes[0]
    #expect(try await person.signIn(recovery).status == 200)
    #expect(try await person.signIn(recovery).status == 401)
  }

  @Test("One factor opens nothing")
  func oneFactor() async throws {
    let node = try await APINode()
    try await node.store(#"{"resourceType":"Patient","id":"juniper"}"#)
    let code = try await node.invitation(
      .relation(.selfOfPatient, patient: "juniper", until: nil))
    let begun = try await node.send(
      "POST", "/api/auth/register",
      #"{"code":"\#(code)","login":"juniper","name":"Made Up","password":"\#(APIPerson.password)"}"#
    )
    let session = try #require(begun["session_token"])
    let refresh = try await node.send(
      "POST", "/api/auth/refresh", #"{"refresh_token":"\#(session)"}"#)
    #expect(refresh.status == 403)
    let bearer = try await node.send("GET", "/api/patients/profile", token: session)
    #expect(bearer.status == 401)
  }

  @Test("A name that is not there is answered as a wrong password, word for word")
  func enumeration() async throws {
    let node = try await APINode()
    _ = try await APIPerson.juniper(node)
    func answer(_ login: String) async throws -> APIAnswer {
      try await node.send(
        "POST", "/api/auth/sign-in", #"{"login":"\#(login)","password":"not the password 12"}"#)
    }
    let (known, unknown) = (try await answer("juniper"), try await answer("nobody"))
    #expect(known.status == 401 && unknown.status == 401)
    #expect(known["detail"] == unknown["detail"] && known["code"] == unknown["code"])
  }

  @Test(
    "A token has run out after five minutes and a minute's grace, and a refresh token is good once")
  func expiry() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    let (first, used) = (person.token, person.renewal)
    #expect(try await person.refresh().status == 200)
    // What was given before ends with the renewal.
    #expect(try await node.send("GET", "/api/patients/profile", token: first).status == 401)
    let replay = try await node.send(
      "POST", "/api/auth/refresh", #"{"refresh_token":"\#(used)"}"#)
    #expect(replay.status == 401)
    node.clock.advance(seconds: 361)
    let late = try await person.send("GET", "/api/patients/profile")
    #expect(late.status == 401)
    #expect(late.field("WWW-Authenticate")?.contains("invalid_token") == true)
    // The session has not been idle for a quarter of an hour yet.
    #expect(try await person.refresh().status == 200)
    node.clock.advance(seconds: 14 * 60)
    #expect(try await person.refresh().status == 200)
    node.clock.advance(seconds: 15 * 60)
    #expect(try await person.refresh().status == 401)
  }

  @Test("Of two programs that renew with one token, one comes through")
  func renewalRace() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    let body = #"{"refresh_token":"\#(person.renewal)"}"#
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask { try await node.send("POST", "/api/auth/refresh", body).status }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses.sorted() == [200, 401, 401, 401])
  }

  @Test("Signing out, ending the grant and disabling the account end the token at once")
  func revocation() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    func isIn() async throws -> Bool {
      try await person.send("GET", "/api/patients/profile").status == 200
    }
    #expect(try await person.send("POST", "/api/auth/sign-out").status == 204)
    #expect(try await !isIn())
    #expect(try await person.refresh().status == 401)

    node.clock.advance(seconds: 60)
    try person.take(try await person.signIn())
    #expect(try await isIn())
    let token = try #require(SessionText(person.renewal))
    let signedIn = try await node.exchange.authenticate(
      session: token.value, purpose: nil, networkAddress: nil, requestID: "test")
    let grants = try await node.exchange.appGrants(of: signedIn)
    #expect(grants.map(\.name) == ["REST API"])
    try await node.exchange.endAppGrant(
      try #require(grants.first?.id), as: signedIn,
      from: SignInOrigin(networkAddress: nil, requestID: "test"))
    #expect(try await !isIn())
    #expect(try await person.refresh().status == 401, "the session went with the grant")

    node.clock.advance(seconds: 60)
    try person.take(try await person.signIn())
    #expect(try await isIn())
    try await node.exchange.setDisabled(true, account: token.value.account, as: node.owner)
    #expect(try await !isIn())
  }

  @Test("Somebody acts as one of those whom the account may act as, and as nobody else")
  func capacities() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    #expect(try await person.refresh(actingAs: "patient/rowan").status == 403)
    #expect(try await person.refresh(actingAs: "administrator").status == 403)
    #expect(try await person.refresh(actingAs: "nonsense").status == 403)
    #expect(try await person.refresh(actingAs: "patient/juniper").status == 200)
  }

  @Test("Tokens of the FHIR API are none of this one, nor the other way round")
  func audiences() async throws {
    let node = try await APINode()
    let person = try await APIPerson.juniper(node)
    let fhir = try await node.send("GET", "/fhir/Patient/juniper", token: person.token)
    #expect(fhir.status == 401)
    let opaque = try await node.exchange.issueToken(
      .init(
        scope: .init(parsing: "system/*.cruds"), role: .system, name: "Program",
        purpose: .operations, treats: [], lifetime: 3600), as: node.owner)
    #expect(try await node.send("GET", "/fhir/Patient/juniper", token: opaque).status == 200)
    #expect(try await node.send("GET", "/api/records", token: opaque).status == 401)
  }
}
