import Audit
import Consent
import Exchange
import Identity
import Node
import Primitives
import Testing

/// Roles, apps and tokens that may be used from some places, and at some hours.
@Suite struct RestrictionTests {
  private func hospital() async throws -> TestNode {
    let node = try await TestNode(.organization, name: "General Hospital")
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"))
    return node
  }

  private func rule(
    _ subject: String, _ networks: [String] = [], _ hours: [String] = []
  ) throws -> AccessRestriction {
    let subject = try #require(AccessRestriction.Subject(subject))
    return try AccessRestriction(
      subject, networks: networks.map { try NetworkRange($0) },
      hours: hours.map { try OpeningHours($0) }, zone: "UTC")
  }

  private func use(_ token: String, _ node: TestNode, from address: String?) async -> String {
    await outcome {
      try await node.exchange.authenticate(
        bearer: token, purpose: nil, networkAddress: address, requestID: "test")
    }
  }

  @Test func aTokenIsGoodFromItsRolesNetworkOnlyAndEachRefusalIsLogged() async throws {
    let node = try await hospital()
    let token = try await node.exchange.issueToken(
      TokenRequest(
        scope: ScopeSet(parsing: "system/*.rs"), role: .nurse, name: "Ward", purpose: .treatment,
        treats: ["p"], lifetime: 86_400), as: node.owner)
    #expect(await use(token, node, from: "203.0.113.5") == "ok")
    try await node.exchange.restrict(rule("role:nurse", ["10.20.0.0/16"]), as: node.owner)
    #expect(await use(token, node, from: "203.0.113.5") == "forbidden")
    #expect(await use(token, node, from: nil) == "forbidden")
    #expect(await use(token, node, from: "nonsense") == "forbidden")
    #expect(await use(token, node, from: "10.20.0.9") == "ok")
    #expect(await use(token, node, from: "::ffff:10.20.0.9") == "ok")
    let refused = try await node.log().map(\.event).filter { $0.kind == .decisionDeny }
    #expect(refused.map(\.reasons) == Array(repeating: ["outside-network"], count: 3))
    #expect(refused.first?.actor.address == "203.0.113.5")
    try await node.exchange.unrestrict("role:nurse", as: node.owner)
    #expect(await use(token, node, from: "203.0.113.5") == "ok")
    #expect(try await node.exchange.verifyAudit { _ in }.verified)
  }

  @Test func aTokenIsGoodInItsHoursOnly() async throws {
    let node = try await hospital()
    let token = try await node.exchange.issueToken(
      TokenRequest(
        scope: ScopeSet(parsing: "system/*.rs"), role: .biller, name: "Office", purpose: .payment,
        treats: [], lifetime: 30 * 86_400), as: node.owner)
    let id = try #require(try await node.exchange.tokens(as: node.owner).first?.id)
    // The clock stands on a Sunday, at nine.
    try await node.exchange.restrict(
      rule("token:\(id)", [], ["mon-fri 07:00-19:00"]), as: node.owner)
    #expect(await use(token, node, from: nil) == "forbidden")
    node.clock.advance(seconds: 86_400)
    #expect(await use(token, node, from: nil) == "ok")
    node.clock.advance(seconds: 10 * 3600)
    #expect(await use(token, node, from: nil) == "forbidden")
  }

  @Test func aNurseAtHomeIsStillAPatient() async throws {
    let node = try await hospital()
    let person = try await Person(node, "nurse", as: .patient("p"))
    let code = try await node.exchange.inviteAccount(
      as: .staff([.nurse]), lifetime: 3600, by: node.owner)
    try await node.exchange.take(code: code.text.exposed, person.signedIn(), from: person.origin)
    let nurse = Capacity(role: .nurse, patient: nil)
    person.go(
      on: try await node.exchange.act(as: nurse, person.signedIn(), from: person.origin))
    #expect(try await person.caller().role == .nurse)
    try await node.exchange.restrict(rule("role:nurse", ["10.20.0.0/16"]), as: node.owner)
    let atHome = try await person.signedIn()
    #expect(atHome.caller == nil)
    #expect(atHome.capacities == [Capacity(role: .patient, patient: "p")])
    person.address = "10.20.3.4"
    #expect(try await person.caller().role == .nurse)
    let refused = try await node.log().map(\.event).filter {
      $0.reasons == ["outside-network"]
    }
    #expect(refused.count == 1 && refused.first?.role == "nurse")
  }

  @Test func anAppIsGoodFromItsNetworkOnly() async throws {
    let node = try await hospital()
    let person = try await Person(node, "rowan", as: .patient("p"))
    let app = try await App(node)
    let token = try App.text(
      "access_token",
      in: try await app.redeem(app.code(person, "openid patient/*.rs launch/patient")))
    _ = try await app.caller(token)
    try await node.exchange.restrict(rule("client:\(app.id)", ["192.0.2.9"]), as: node.owner)
    #expect(await outcome { try await app.caller(token) } == "forbidden")
  }

  @Test func anotherProcessKnowsOfARestrictionWithinTwoSeconds() async throws {
    let node = try await hospital()
    let other = try await node.beside()
    let token = try await node.exchange.issueToken(
      TokenRequest(
        scope: ScopeSet(parsing: "system/*.rs"), role: .clinician, name: "Ward",
        purpose: .treatment, treats: [], lifetime: 86_400), as: node.owner)
    #expect(await use(token, node, from: "203.0.113.5") == "ok")
    try await other.exchange.restrict(
      rule("role:clinician", ["10.0.0.0/8"]), as: other.exchange.nodeOperator())
    node.clock.advance(seconds: 2)
    #expect(await use(token, node, from: "203.0.113.5") == "forbidden")
    await other.close()
  }

  @Test func onlyWhoManagesClientsRestricts() async throws {
    let node = try await hospital()
    let rule = try rule("role:nurse", ["10.0.0.0/8"])
    for role in Role.allCases where role != .patient && role != .proxy && role != .system {
      let caller = try await node.bearerAccount(role)
      let expected =
        role == .administrator || role == .securityOfficer ? "ok" : "forbidden"
      #expect(
        await outcome { try await node.exchange.restrict(rule, as: caller) } == expected, "\(role)")
    }
    #expect(
      await outcome { try await node.exchange.unrestrict("role:biller", as: node.owner) }
        == "not-found")
  }
}
