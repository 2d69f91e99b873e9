import Audit
import Consent
import Exchange
import FHIR
import Foundation
import Identity
import Primitives
import Testing

/// A clinician looks at what a patient of another node has opened: just that, live, on both logs, and not a
/// moment longer than it is open.
@Suite("Charts of other nodes")
struct SharedChartTests {
  private struct Scene {
    let home: TestNode
    let hospital: TestNode
    let transport: LoopTransport
    let request: String
    let ada: Person
  }

  /// The patient was asked for allergies, medications and lab results, and gave the first two.
  private func scene(_ role: Role = .clinician) async throws -> Scene {
    let home = try await TestNode(name: "Samplewood household")
    let hospital = try await TestNode(.organization, name: "General Hospital", clock: home.clock)
    try await pair(hospital, with: home)
    try await home.store(
      Sample.patient("p1", family: "Samplewood"), Sample.patient("p2", family: "Other"),
      Sample.allergy("a1", of: "p1"), Sample.observation("o1", of: "p1"),
      Sample.allergy("a2", of: "p2"))
    let transport = LoopTransport(from: hospital, to: home)
    hospital.exchange.reachPeers(by: transport)
    let request = try await hospital.exchange.requestAccess(
      AccessRequestDraft(
        patient: PatientHint(id: "p1", name: "Rowan Samplewood"),
        types: RecordTypeSet([.allergies, .medications, .labResults]), purpose: .treatment,
        seconds: 86_400, reason: "A visit"), from: home.id, as: hospital.owner)
    _ = try await hospital.exchange.deliverDue(using: transport)
    let asked = try #require(try await home.requests().first)
    _ = try await home.exchange.answer(
      asked.id,
      .grant(
        patient: "p1", types: RecordTypeSet([.allergies, .medications]), labels: nil, seconds: nil,
        maximumUses: nil), as: home.owner)
    _ = try await home.exchange.deliverDue(using: LoopTransport(from: home, to: hospital))
    let ada = try await Person(hospital, "ada", as: .staff([role]))
    try await hospital.exchange.acknowledgeTraining(ada.signedIn(), from: ada.origin)
    return Scene(home: home, hospital: hospital, transport: transport, request: request, ada: ada)
  }

  @Test func theClinicianReadsJustWhatWasGiven() async throws {
    let scene = try await scene()
    let caller = try await scene.ada.caller()
    let chart = try await scene.hospital.exchange.sharedChart(scene.request, as: caller)
    #expect(chart.types == [.medications, .allergies])
    #expect(chart.node == "Samplewood household")
    let page = try await scene.hospital.exchange.readShared(
      scene.request, ChartQuestion(), as: caller)
    #expect(page.counts == [.allergies: 1])
    #expect(page.records.map(\.id) == ["a1"])
    let one = try await scene.hospital.exchange.readShared(
      scene.request, "AllergyIntolerance", id: "a1", as: caller)
    #expect(one.id == "a1" && !one.json.isEmpty)

    // Both logs name what was shown; the household's also who looked, by the hospital's word.
    let here = try await scene.hospital.log().filter { $0.event.kind == .read }
    #expect(
      here.map(\.event.entities) == [
        ["AllergyIntolerance/a1/_history/1"], ["AllergyIntolerance/a1/_history/1"],
      ])
    #expect(here.allSatisfy { $0.event.patient == nil && $0.event.detail["patient"] == "p1" })
    let there = try await scene.home.exchange.auditEvents(
      of: "p1", before: nil, limit: 2, as: scene.home.owner)
    #expect(there.map(\.event.kind) == [.disclosure, .disclosure])
    #expect(there.allSatisfy { $0.event.detail["stated-person"] == "Made Up, clinician" })
    #expect(there.allSatisfy { $0.event.purpose == "TREAT" && $0.event.consents.count == 1 })
  }

  @Test func whatWasNotGivenIsRefused() async throws {
    let scene = try await scene()
    let caller = try await scene.ada.caller()
    let exchange = scene.hospital.exchange
    for (type, id) in [
      ("Observation", "o1"), ("AllergyIntolerance", "a2"), ("AllergyIntolerance", "none"),
      ("Patient", "p1"), ("Patient", "p2"),
    ] {
      #expect(
        await outcome {
          try await exchange.readShared(scene.request, type, id: id, as: caller)
        } == "forbidden", "\(type)/\(id)")
    }
    #expect(
      await outcome {
        try await exchange.readShared(
          scene.request, ChartQuestion(types: RecordTypeSet(.labResults)), as: caller)
      } == "forbidden")
    #expect(
      await outcome { try await exchange.sharedChart("no-such-request", as: caller) }
        == "not-found")
    // The other node answers with a record of somebody else: nothing of it is shown.
    let foreign = try await scene.home.exchange.read(
      "AllergyIntolerance", id: "a2", as: scene.home.owner
    ).text.replacing("\"a2\"", with: "\"a1\"")
    scene.transport.alter { _ in Array(foreign.utf8) }
    #expect(
      await outcome {
        try await exchange.readShared(
          scene.request, "AllergyIntolerance", id: "a1", as: caller)
      } == "forbidden")
    let lab = try await scene.home.exchange.chart(
      of: "p1", ChartQuestion(types: RecordTypeSet(.labResults)), as: scene.home.owner)
    #expect(lab.records.count == 1)
    scene.transport.alter { _ in lab.parameters }
    let page = try await exchange.readShared(scene.request, ChartQuestion(), as: caller)
    #expect(page.records.isEmpty)
    for answer in [
      "", "{}", "[]",
      #"{"resourceType":"Parameters","parameter":[{"name":"record","resource":{}}]}"#,
    ] {
      scene.transport.alter { _ in Array(answer.utf8) }
      #expect(
        await outcome {
          try await exchange.readShared(scene.request, ChartQuestion(), as: caller)
        } != "ok", "\(answer)")
    }
  }

  @Test func theClickAfterRevocationIsRefused() async throws {
    let scene = try await scene()
    let caller = try await scene.ada.caller()
    let grant = try #require(
      try await scene.home.exchange.grants(of: "p1", as: scene.home.owner).first)
    _ = try await scene.hospital.exchange.readShared(scene.request, ChartQuestion(), as: caller)
    try await scene.home.exchange.revoke(grant.id, as: scene.home.owner)
    // The hospital has not heard of it yet; the household knows.
    #expect(
      await outcome {
        try await scene.hospital.exchange.readShared(scene.request, ChartQuestion(), as: caller)
      } == "forbidden")
    let refused = try #require(try await scene.hospital.log().last)
    #expect(refused.event.kind == .peerRefused && refused.event.detail["status"] == "403")
    // And once it has, it does not even ask.
    _ = try await scene.home.exchange.deliverDue(
      using: LoopTransport(from: scene.home, to: scene.hospital))
    let refusals = { try await scene.home.log().count { $0.event.kind == .decisionDeny } }
    let asked = try await refusals()
    #expect(asked == 1)
    #expect(
      await outcome {
        try await scene.hospital.exchange.readShared(scene.request, ChartQuestion(), as: caller)
      } == "forbidden")
    #expect(try await refusals() == asked)
  }

  @Test func aRevocationThatArrivesMeanwhileKeepsTheAnswerBack() async throws {
    let scene = try await scene()
    let caller = try await scene.ada.caller()
    let (home, hospital) = (scene.home, scene.hospital)
    let grant = try #require(try await home.exchange.grants(of: "p1", as: home.owner).first)
    scene.transport.meanwhile {
      try await home.exchange.revoke(grant.id, as: home.owner)
      _ = try await home.exchange.deliverDue(using: LoopTransport(from: home, to: hospital))
    }
    #expect(
      await outcome {
        try await hospital.exchange.readShared(scene.request, ChartQuestion(), as: caller)
      } == "forbidden")
    // Nothing was shown, so nothing is on record as shown.
    #expect(try await hospital.log().filter { $0.event.kind == .read }.isEmpty)
  }

  @Test func aNodeThatIsAwayIsToldApart() async throws {
    let scene = try await scene()
    let caller = try await scene.ada.caller()
    scene.transport.cut()
    #expect(
      await outcome {
        try await scene.hospital.exchange.readShared(scene.request, ChartQuestion(), as: caller)
      } == "unreachable")
    scene.transport.mend()
    scene.home.clock.advance(seconds: 86_401)
    #expect(
      await outcome { try await scene.hospital.exchange.sharedChart(scene.request, as: caller) }
        == "forbidden")
  }

  @Test(arguments: [Role.frontDesk, .privacyOfficer, .administrator, .biller, .auditor])
  func otherRolesLookAtNothing(role: Role) async throws {
    let scene = try await scene(role)
    let caller = try await scene.ada.caller()
    #expect(
      await outcome { try await scene.hospital.exchange.sharedChart(scene.request, as: caller) }
        == "forbidden")
  }

  @Test func aPharmacistSeesWhatTheRoleMay() async throws {
    let scene = try await scene(.pharmacist)
    let chart = try await scene.hospital.exchange.sharedChart(
      scene.request, as: scene.ada.caller())
    #expect(chart.types == [.medications, .allergies])
  }

  @Test(
    "A person is named by visible text, and nothing else is taken",
    arguments: [
      "%", "%4", "%zz", "a%00b", "%0A", "%e2%80%ae", "%ff", "", String(repeating: "a", count: 201),
    ])
  func statedPersons(field: String) {
    #expect(throws: PeerChartError.self) { try StatedPerson(decoding: field) }
  }

  @Test func whatIsEncodedIsDecoded() throws {
    for name in ["Dr. Ada Example, clinician", "Ægir Ø", "100 %", "名前"] {
      #expect(try StatedPerson(decoding: StatedPerson.encode(name))?.text == name)
    }
    #expect(try StatedPerson(decoding: nil) == nil)
    let long = StatedPerson.encode("a\n" + String(repeating: "é", count: 300))
    #expect(try StatedPerson(decoding: long)?.text.utf8.count == 199)
  }
}
