import Audit
import ClinicalFormats
import Consent
import Exchange
import FHIR
import Foundation
import Primitives
import TestSupport
import Testing

@Suite struct HealthCardTests {
  private func verified(
    _ exchange: Exchange, _ text: String
  ) async throws -> HealthCardVerification {
    try #require(try await exchange.verifyCards(Array(text.utf8)).first)
  }

  @Test(arguments: TestEngine.allCases)
  func aCardIsIssuedVerifiedAndTakenBack(engine: TestEngine) async throws {
    let scene = try await CardScene(engine)
    let owner = scene.node.owner
    #expect(try await scene.exchange.cardKeySet() == Array(#"{"keys":[]}"#.utf8))
    let card = try await scene.exchange.issueCard(
      scene.order("Immunization/i", "Observation/o", "Coverage/c"), as: owner)
    let text = card.text.exposed
    #expect(card.codes.exposed.count >= 1)
    var found = try await verified(scene.exchange, text)
    #expect(found.verdict == .verified, "\(found.findings)")
    #expect(found.issuerName == "Samplewood family" && found.types.count == 4)
    // A fresh key signs from now on; the old card stays good.
    try await scene.exchange.rotateCardKeys(as: owner)
    let second = try await scene.exchange.issueCard(scene.order("Immunization/i"), as: owner)
    let later = try await verified(scene.exchange, second.text.exposed)
    #expect(later.isVerified && later.keyID != found.keyID)
    #expect(try await verified(scene.exchange, text).isVerified)
    try await scene.exchange.revokeCard(card.id, as: owner)
    found = try await verified(scene.exchange, text)
    #expect(found.findings.map(\.code) == [.revoked])
    #expect(try await verified(scene.exchange, second.text.exposed).isVerified)
    let list = try await scene.exchange.cardRevocationList(of: found.keyID ?? "")
    #expect(String(decoding: list, as: UTF8.self).contains(card.id))
    #expect(await outcome { try await scene.exchange.cardRevocationList(of: "x") } == "not-found")
    #expect(await outcome { try await scene.exchange.revokeCard(card.id, as: owner) } == "conflict")
    let listed = try await scene.exchange.healthCards(of: "p", as: owner)
    #expect(Set(listed.map(\.id)) == [card.id, second.id])
    #expect(listed.filter { $0.revoked != nil }.map(\.id) == [card.id])
    #expect(try await scene.exchange.verifyAudit { _ in }.verified)
  }

  @Test func theCardIsOnRecordBeforeItIsOut() async throws {
    let scene = try await CardScene()
    let card = try await scene.exchange.issueCard(
      scene.order("Immunization/i"), as: scene.node.owner)
    let log = try await scene.node.log().map(\.event)
    let issued = log.filter { $0.kind == .documentIssued }
    #expect(issued.map { $0.detail["health-card"] } == [card.id])
    #expect(issued.first?.patient == "Patient/p")
    #expect(
      log.contains {
        $0.patient == "Patient/p"
          && $0.entities.contains { $0.hasPrefix("Immunization/i/_history/") }
          && $0.entities.contains { $0.hasPrefix("Patient/p/_history/") }
      })
  }

  @Test func onlyWhoMayHasACardMade() async throws {
    let scene = try await CardScene()
    let patient = try await scene.node.bearer(.patient, purpose: .patientRequest, treats: ["p"])
    let order = scene.order("Immunization/i")
    #expect(await outcome { try await scene.exchange.issueCard(order, as: patient) } == "ok")
    let other = try await scene.node.bearer(.patient, purpose: .patientRequest, treats: ["q"])
    let nurse = try await scene.node.bearer(.nurse, treats: ["p"])
    for caller in [other, nurse] {
      #expect(
        await outcome { try await scene.exchange.issueCard(order, as: caller) } == "forbidden")
      #expect(
        await outcome { try await scene.exchange.healthCards(of: "p", as: caller) } == "forbidden")
    }
    // A record of somebody else, or of none, is as if it were not there.
    for record in ["Immunization/other", "Immunization/none"] {
      let refused = await outcome {
        try await scene.exchange.issueCard(scene.order(record), as: patient)
      }
      #expect(refused == "forbidden", "\(record)")
    }
    #expect(try await scene.node.log().filter { $0.event.kind == .decisionDeny }.count >= 2)
    for records in [[], ["Condition/d"], ["x"], ["Immunization/i", "Immunization/i"]] {
      let order = HealthCardOrder(patient: "p", records: records, issuer: CardScene.address)
      #expect(
        await outcome { try await scene.exchange.issueCard(order, as: scene.node.owner) }
          == "invalid", "\(records)")
    }
  }

  // MARK: Another node

  @Test func aVerifiedCardBecomesRecordsWithTheirProvenance() async throws {
    let scene = try await CardScene()
    let card = try await scene.exchange.issueCard(
      scene.order("Immunization/i", "Observation/o"), as: scene.node.owner)
    let text = Array(card.text.exposed.utf8)
    let other = try await TestNode(name: "Elsewhere", clock: scene.node.clock)
    try await other.store(Sample.patient("here"), Sample.patient("x", family: "Otherwood"))
    // Nobody trusts the issuer yet.
    #expect(try await other.exchange.verifyCards(text).first?.verdict == .undecided)
    #expect(
      await outcome { try await other.exchange.importCards(text, into: "here", as: other.owner) }
        == "invalid")
    let keys = try await scene.exchange.cardKeySet()
    let kid = try #require(try HealthCardKeySet(parsing: keys).keys.first?.keyID)
    let list = try await scene.exchange.cardRevocationList(of: kid)
    let trusted = try await other.exchange.trustCardIssuer(
      CardScene.address, name: "Samplewoods", keys: keys, lists: [list], as: other.owner)
    #expect(trusted.keys == 1 && trusted.findings.isEmpty)
    #expect(try await other.exchange.verifyCards(text).first?.issuerName == "Samplewoods")
    // Of somebody else.
    #expect(
      await outcome { try await other.exchange.importCards(text, into: "x", as: other.owner) }
        == "conflict")
    let first = try await other.exchange.importCards(text, into: "here", as: other.owner)
    #expect(first.created == 3 && first.unchanged == 0 && first.records.count == 3)
    let again = try await other.exchange.importCards(text, into: "here", as: other.owner)
    #expect(again.created == 0 && again.unchanged == 3 && again.records == first.records)
    for record in first.records {
      let parts = record.split(separator: "/").map(String.init)
      let released = try await other.exchange.read(parts[0], id: parts[1], as: other.owner)
      let json = String(decoding: released.json, as: UTF8.self)
      #expect(!json.contains("resource:"), "\(json)")
      switch parts[0] {
      case "Observation": #expect(json.contains("14.10") && json.contains("Patient/here"))
      case "Immunization": #expect(json.contains("0000007") && json.contains("Patient/here"))
      default:
        let signed = try Resource(parsing: released.json).root["signature"]?[0]?["data"]?.string
        #expect(signed.flatMap { Base64.decode($0) } == text)
        #expect(json.contains(CardScene.address) && json.contains("Samplewoods"))
      }
    }
    // Once the issuer has taken it back and the list was read, it is not imported any more.
    try await scene.exchange.revokeCard(card.id, as: scene.node.owner)
    _ = try await other.exchange.trustCardIssuer(
      CardScene.address, name: nil, keys: try await scene.exchange.cardKeySet(),
      lists: [try await scene.exchange.cardRevocationList(of: kid)], as: other.owner)
    let refused = await failure {
      try await other.exchange.importCards(text, into: "here", as: other.owner)
    }
    #expect(refused?.place == "revoked")
    try await other.exchange.distrustCardIssuer(CardScene.address, as: other.owner)
    #expect(try await other.exchange.verifyCards(text).first?.verdict == .undecided)
    #expect(try await other.exchange.cardIssuers(as: other.owner).isEmpty)
  }

  private static let corpus = SharedFolder.url?.appendingPathComponent("corpus/smart-health-card")

  @Test(.enabled(if: corpus != nil, "no corpus of health cards"))
  func goodCardsOfOthersAreImported() async throws {
    let corpus = try #require(Self.corpus)
    func bytes(_ name: String) throws -> [UInt8] {
      Array(try Data(contentsOf: corpus.appendingPathComponent(name)))
    }
    let node = try await TestNode()
    _ = try await node.exchange.trustCardIssuer(
      "https://spec.smarthealth.cards/examples/issuer", name: "Example issuer",
      keys: bytes("spec-issuer.jwks.json"), lists: [], as: node.owner)
    try await node.store(
      Sample.json(
        """
        {"resourceType":"Patient","id":"any","name":[{"family":"ANYPERSON","given":["John"]}],
         "birthDate":"1951-01-20"}
        """))
    for name in [
      "test-example-00-fhirhealthcard.json", "test-example-00-e-file.wrong-extension",
      "test-example-00-f-qr-code-numeric-value-0-wrong-multi-chunk.txt",
    ] {
      let imported = try await node.exchange.importCards(bytes(name), into: "any", as: node.owner)
      // The last two are one card in two forms.
      #expect(imported.records.count == 3, "\(name)")
    }
    let found = try await node.exchange.search(
      "Immunization", query: [("patient", "any")], strict: true, as: node.owner)
    #expect(found.resources.count == 4)
    for name in [
      "test-example-00-d-jws-no_jws_header_alg.txt", "test-example-00-d-jws-trailing_chars.txt",
      "test-example-00-d-jws-utf8_bom_prefix.txt",
      "test-example-00-d-jws-issuer-not-valid-with-smart-key.txt",
      "test-example-00-e-file-bad_jwks.smart-health-card",
      "test-example-00-e-file-invalid_deflate.smart-health-card",
      "test-example-00-e-file-jws_too_long.smart-health-card",
    ] {
      let refused = await outcome {
        try await node.exchange.importCards(bytes(name), into: "any", as: node.owner)
      }
      #expect(refused == "invalid", "\(name)")
    }
  }
}
