import Audit
import Consent
import Exchange
import FHIR
import Identity
import Node
import Primitives
import Testing

/// An organization's own people, and tokens.
@Suite struct RoleTests {
  private func hospital() async throws -> TestNode {
    let node = try await TestNode(.organization, name: "General Hospital")
    try await node.store(
      Sample.patient("p"), Sample.patient("q"), Sample.observation("of-p", of: "p"),
      Sample.observation("of-q", of: "q"), Sample.practitioner("doctor", npi: "1"),
      Sample.condition("hiv", of: "p", code: "86406008"),
      Sample.json(
        #"{"resourceType":"Coverage","id":"cover","status":"active","beneficiary":{"reference":"Patient/p"},"payor":[{"display":"x"}]}"#
      ))
    return node
  }

  private func read(_ node: TestNode, _ address: String, _ caller: Caller) async -> String {
    let parts = address.split(separator: "/").map(String.init)
    return await outcome { try await node.exchange.read(parts[0], id: parts[1], as: caller) }
  }

  @Test func aRoleReadsWhatItsTableSays() async throws {
    let node = try await hospital()
    let cases: [(Role, PurposeOfUse, [String], String, String)] = [
      (.clinician, .treatment, ["p"], "Observation/of-p", "ok"),
      (.clinician, .treatment, ["p"], "Observation/of-q", "forbidden"),
      (.clinician, .treatment, [], "Observation/of-p", "forbidden"),
      (.clinician, .payment, ["p"], "Observation/of-p", "forbidden"),
      (.clinician, .research, ["p"], "Observation/of-p", "forbidden"),
      (.clinician, .treatment, ["p"], "Condition/hiv", "forbidden"),
      (.clinician, .treatment, ["p"], "Coverage/cover", "forbidden"),
      (.clinician, .treatment, [], "Practitioner/doctor", "ok"),
      (.biller, .payment, [], "Coverage/cover", "ok"),
      (.biller, .payment, [], "Observation/of-p", "forbidden"),
      (.frontDesk, .treatment, [], "Patient/p", "ok"),
      (.frontDesk, .treatment, [], "Observation/of-p", "forbidden"),
      (.researcher, .research, [], "Observation/of-p", "forbidden"),
      (.administrator, .systemAdministration, [], "Observation/of-p", "forbidden"),
      (.auditor, .operations, [], "Observation/of-p", "forbidden"),
      (.privacyOfficer, .operations, [], "Observation/of-p", "ok"),
      (.patient, .patientRequest, ["p"], "Observation/of-p", "ok"),
      (.patient, .patientRequest, ["p"], "Condition/hiv", "ok"),
      (.patient, .treatment, ["p"], "Observation/of-p", "forbidden"),
      (.system, .operations, [], "Observation/of-p", "ok"),
      (.system, .research, [], "Observation/of-p", "forbidden"),
    ]
    for (role, purpose, treats, address, expected) in cases {
      let caller = try await node.bearer(role, purpose: purpose, treats: treats)
      #expect(
        await read(node, address, caller) == expected, "\(role) \(purpose) \(treats) \(address)")
    }
  }

  /// A patient's token is good for that patient's chart and no other.
  @Test(arguments: [Role.patient, .proxy])
  func aPatientsTokenOpensThatPatientsChartOnly(role: Role) async throws {
    let node = try await hospital()
    let caller = try await node.bearer(role, purpose: .patientRequest, treats: ["p"])
    #expect(await read(node, "Observation/of-p", caller) == "ok")
    #expect(await read(node, "Observation/of-q", caller) == "forbidden")
    let page = try? await node.exchange.search(
      "Observation", query: [], strict: true, as: caller)
    #expect(page?.ids == ["of-p"])
    let other = try await TestNode(.organization, clock: node.clock)
    try await pair(other, with: node)
    #expect(
      await outcome {
        try await node.exchange.grant(GrantDraftOf.everything("q", to: other), as: caller)
      } == "forbidden")
    #expect(
      await outcome {
        try await node.exchange.auditEvents(of: "q", before: nil, limit: 5, as: caller)
      } == "forbidden")
    #expect(
      await outcome {
        try await node.exchange.auditEvents(of: nil, before: nil, limit: 5, as: caller)
      } == "forbidden")
    #expect(
      await outcome { try await node.exchange.destroyChart(of: "q", as: caller) } == "forbidden")
    #expect(await outcome { try await node.exchange.replaceRootKey(as: caller) } == "forbidden")
  }

  @Test func restrictionsBindTheWorkforceToo() async throws {
    let node = try await hospital()
    let clinician = try await node.bearer(.clinician, treats: ["p"])
    #expect(await read(node, "Observation/of-p", clinician) == "ok")
    try await node.deny(node, types: RecordTypeSet(.labResults))
    #expect(await read(node, "Observation/of-p", clinician) == "forbidden")
  }

  @Test func aResearcherNeedsTheRoleAndTheGrant() async throws {
    let node = try await hospital()
    try await node.grant(to: node, types: RecordTypeSet(.labResults), purposes: .research)
    let researcher = try await node.bearer(.researcher, purpose: .research)
    #expect(await read(node, "Observation/of-p", researcher) == "ok")
    #expect(await read(node, "Observation/of-q", researcher) == "forbidden")
    let biller = try await node.bearer(.biller, purpose: .research)
    #expect(await read(node, "Observation/of-p", biller) == "forbidden")
  }

  /// Paired nodes look up an organization's staff, and none of its charts.
  @Test func disclosureToAnotherNodeNeedsAGrant() async throws {
    let node = try await hospital()
    let other = try await TestNode(.organization, clock: node.clock)
    try await pair(other, with: node)
    #expect(try await node.read("Practitioner/doctor", by: other) == "ok")
    for purpose in [PurposeOfUse.treatment, .operations, .payment, .publicHealth] {
      #expect(try await node.read("Observation/of-p", by: other, purpose) == "forbidden")
    }
    try await node.grant(to: other, types: .all)
    #expect(try await node.read("Observation/of-p", by: other) == "ok")
    #expect(
      await outcome {
        try await node.exchange.create(
          "Practitioner", Sample.practitioner("x", npi: "2"), as: node.peer(other))
      } == "forbidden")
  }

  @Test func scopesLimitWhatATokenDoes() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"))
    let caller = try await node.bearer(.system, scope: "system/Observation.rs system/Patient.c")
    let exchange = node.exchange
    let attempts: [(String, () async throws -> Any?)] = [
      ("ok", { try await exchange.read("Observation", id: "o", as: caller) }),
      (
        "ok",
        { try await exchange.history("Observation", id: "o", cursor: nil, count: nil, as: caller) }
      ),
      ("ok", { try await exchange.search("Observation", query: [], strict: true, as: caller) }),
      ("ok", { try await exchange.create("Patient", Sample.patient("x"), as: caller) }),
      ("forbidden", { try await exchange.read("Patient", id: "p", as: caller) }),
      ("forbidden", { try await exchange.search("Patient", query: [], strict: true, as: caller) }),
      (
        "forbidden",
        { try await exchange.create("Observation", Sample.observation(of: "p"), as: caller) }
      ),
      (
        "forbidden",
        {
          try await exchange.update(
            "Observation", id: "o", Sample.observation("o", of: "p"), expecting: .any, as: caller)
        }
      ),
      (
        "forbidden",
        { try await exchange.delete("Observation", id: "o", expecting: .any, as: caller) }
      ),
    ]
    for (index, (expected, attempt)) in attempts.enumerated() {
      #expect(await outcome(attempt) == expected, "attempt \(index)")
    }
    var exported: [String] = []
    _ = try await exchange.export(.all, as: caller) { exported += $0.map(\.type) }
    #expect(Set(exported) == ["Observation"])
  }

  @Test func aTokenEndsAndIsNothingElseThanItself() async throws {
    let node = try await TestNode()
    let token = try await node.exchange.issueToken(
      TokenRequest(
        scope: ScopeSet(parsing: "system/*.rs"), role: .system, name: "", purpose: .treatment,
        treats: [], lifetime: 60), as: node.owner)
    func authenticate(_ text: String, purpose: String? = nil) async -> String {
      await outcome {
        try await node.exchange.authenticate(
          bearer: text, purpose: purpose, networkAddress: nil, requestID: "r")
      }
    }
    #expect(await authenticate(token) == "ok")
    #expect(await authenticate(token, purpose: "NONSENSE") == "invalid")
    #expect(await authenticate(String(token.dropLast())) == "unauthenticated")
    #expect(await authenticate(token + "A") == "unauthenticated")
    #expect(await authenticate("") == "unauthenticated")
    let other = try await TestNode(clock: node.clock)
    #expect(
      await outcome {
        try await other.exchange.authenticate(
          bearer: token, purpose: nil, networkAddress: nil, requestID: "r")
      } == "unauthenticated")
    node.clock.advance(seconds: 60)
    #expect(await authenticate(token) == "unauthenticated")
    let bearer = try await node.bearer(.system)
    #expect(
      await outcome {
        try await node.exchange.issueToken(
          TokenRequest(
            scope: ScopeSet(parsing: "system/*.rs"), role: .system, name: "", purpose: .treatment,
            treats: [], lifetime: 60), as: bearer)
      } == "forbidden")
  }

  @Test func aRevokedTokenIsRefusedAtTheNextRequest() async throws {
    let node = try await TestNode()
    let exchange = node.exchange
    func issue(_ name: String, lifetime: Int64 = 3600) async throws -> String {
      try await exchange.issueToken(
        TokenRequest(
          scope: ScopeSet(parsing: "system/*.rs"), role: .clinician, name: name,
          purpose: .treatment, treats: ["p"], lifetime: lifetime), as: node.owner)
    }
    func authenticate(_ token: String, at exchange: Exchange) async -> String {
      await outcome {
        try await exchange.authenticate(
          bearer: token, purpose: nil, networkAddress: nil, requestID: "r")
      }
    }
    let first = try await issue("One", lifetime: 60)
    node.clock.advance(seconds: 30)
    let second = try await issue("Two")
    let other = try await node.beside()
    let listed = try await exchange.tokens(as: node.owner)
    #expect(listed.map(\.name) == ["Two", "One"] && listed.map(\.status) == ["active", "active"])
    #expect(listed.first?.treats == ["p"] && listed.first?.role == "clinician")
    #expect(listed.allSatisfy { $0.id != first && $0.id != second })
    #expect(await authenticate(second, at: other.exchange) == "ok")
    let id = try #require(listed.first?.id)
    try await exchange.revokeToken(id, as: node.owner)
    #expect(await authenticate(second, at: exchange) == "unauthenticated")
    #expect(await authenticate(second, at: other.exchange) == "unauthenticated")
    #expect(await authenticate(first, at: exchange) == "ok")
    await other.close()
    #expect(
      await outcome { try await exchange.revokeToken(id, as: node.owner) } == "not-found")
    let events = try await node.log().map(\.event).filter { $0.kind == .tokenRevoked }
    #expect(events.map { $0.detail["token"] } == [id])
    node.clock.advance(seconds: 30)
    #expect(try await exchange.tokens(as: node.owner).map(\.status) == ["expired"])
    for role in [Role.system, .administrator, .patient] {
      let bearer = try await node.bearer(role, treats: ["p"])
      #expect(await outcome { try await exchange.tokens(as: bearer) } == "forbidden")
      #expect(await outcome { try await exchange.revokeToken(id, as: bearer) } == "forbidden")
    }
  }

  @Test func onlyPairedNodesAreKnownByTheirCertificate() async throws {
    let (home, hospital) = try await pairOfNodes()
    let stranger = try await TestNode(.organization, clock: home.clock)
    #expect(await outcome { try await home.peer(stranger) } == "forbidden")
    #expect(await outcome { try await home.peer(hospital) } == "ok")
    // A certificate that has run out is nobody's.
    let der = try hospital.certificate()
    home.clock.advance(seconds: 20 * 366 * 86_400)
    #expect(
      await outcome {
        try await home.exchange.authenticate(
          peerCertificate: der, purpose: nil, networkAddress: nil, requestID: "r")
      } == "forbidden")
    #expect(
      await outcome {
        try await home.exchange.authenticate(
          peerCertificate: [1, 2, 3], purpose: nil, networkAddress: nil, requestID: "r")
      } == "forbidden")
  }
}
