import Audit
import Consent
import Exchange
import FHIR
import Foundation
import Identity
import Primitives
import Testing

/// `Patient/$summary`: only what the caller may read is part of it.
@Suite struct SummaryTests {
  private static let base = "https://node.example/fhir"

  private func summary(
    _ node: TestNode, _ subject: SummarySubject = .patient("p"), as caller: Caller
  ) async throws -> JSONValue {
    try JSONDocument(
      parsing: await node.exchange.summary(of: subject, base: Self.base, as: caller)
    ).root
  }

  /// `Type/id` of the stored records in a document.
  private func records(_ bundle: JSONValue) -> Set<String> {
    Set(
      (bundle["entry"]?.elements.compactMap { $0["fullUrl"]?.string } ?? [])
        .filter { $0.hasPrefix(Self.base) }.map { String($0.dropFirst(Self.base.count + 1)) })
  }

  /// The codes of the sections that say they are empty.
  private func empty(_ bundle: JSONValue) -> Set<String> {
    let sections = bundle["entry"]?[0]?["resource"]?["section"]?.elements.map { $0 } ?? []
    return Set(
      sections.filter { $0["emptyReason"] != nil }.compactMap {
        $0["code"]?["coding"]?[0]?["code"]?.string
      })
  }

  @Test func itHoldsWhatTheCallerMayRead() async throws {
    let (home, hospital) = try await pairOfNodes()
    let whole = try await summary(home, as: home.owner)
    #expect(
      records(whole) == [
        "Patient/p", "Observation/lab", "Observation/vital", "MedicationRequest/drug",
        "AllergyIntolerance/allergy", "Condition/problem",
      ])
    #expect(empty(whole).isEmpty)
    try await home.grant(to: hospital, types: [.demographics, .allergies, .vitalSigns])
    let part = try await summary(home, as: home.peer(hospital))
    #expect(
      records(part) == ["Patient/p", "AllergyIntolerance/allergy", "Observation/vital"])
    #expect(empty(part) == ["11450-4", "10160-0"])
    let text = String(decoding: part.document.bytes, as: UTF8.self)
    for word in ["38341003", "197361", "718-7", "30954-2"] { #expect(!text.contains(word)) }
  }

  @Test func whoMayNotReadThePatientIsRefusedAsEver() async throws {
    let (home, hospital) = try await pairOfNodes()
    func tried(_ patient: String = "p", by caller: Caller) async -> String {
      await outcome { try await summary(home, .patient(patient), as: caller) }
    }
    #expect(await tried(by: try home.peer(hospital)) == "forbidden")
    #expect(await tried("nobody", by: try home.peer(hospital)) == "forbidden")
    // All but the Patient is no summary.
    try await home.grant(to: hospital, types: [.allergies, .problems])
    #expect(await tried(by: try home.peer(hospital)) == "forbidden")
    let grant = try await home.grant(to: hospital, types: [.demographics])
    #expect(await tried(by: try home.peer(hospital)) == "ok")
    #expect(await tried(by: try home.peer(hospital, nil)) == "forbidden")
    #expect(await tried(by: try home.peer(hospital, .research)) == "forbidden")
    try await home.exchange.revoke(grant.id, as: home.owner)
    #expect(await tried(by: try home.peer(hospital)) == "forbidden")
    #expect(await tried("nobody", by: home.owner) == "not-found")
    #expect(await tried("no id at all", by: home.owner) == "not-found")
    let narrow = try await home.bearer(.system, scope: "system/Observation.rs")
    #expect(await tried(by: narrow) == "forbidden")
    _ = try await home.exchange.delete("Patient", id: "p", expecting: .any, as: home.owner)
    #expect(await tried(by: home.owner) == "gone")
  }

  @Test func scopesLeaveOutTypes() async throws {
    let (home, _) = try await pairOfNodes()
    let caller = try await home.bearer(
      .system, scope: "system/Patient.r system/Observation.r system/Condition.s")
    #expect(
      records(try await summary(home, as: caller))
        == ["Patient/p", "Observation/lab", "Observation/vital"])
  }

  @Test func aPatientIsFoundByIdentifier() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.store(Sample.patient("q"))
    func tried(_ identifier: String, by caller: Caller) async -> String {
      await outcome { try await summary(home, .identifier(identifier), as: caller) }
    }
    #expect(await tried("urn:example:mrn|MRN-p", by: home.owner) == "ok")
    #expect(await tried("MRN-p", by: home.owner) == "ok")
    #expect(await tried("urn:other|MRN-p", by: home.owner) == "not-found")
    #expect(await tried("MRN-p,MRN-q", by: home.owner) == "multiple-matches")
    #expect(
      try await records(summary(home, .identifier("MRN-q"), as: home.owner)) == ["Patient/q"])
    // Who is not there and who is not for the caller are one answer.
    let peer = try await home.peer(hospital)
    #expect(await tried("MRN-p", by: peer) == "forbidden")
    #expect(await tried("MRN-nobody", by: peer) == "forbidden")
    try await home.grant(to: hospital, types: [.demographics])
    #expect(await tried("MRN-p", by: peer) == "ok")
    #expect(await tried("MRN-p,MRN-q", by: peer) == "ok")
    try await home.store(
      Sample.json(
        #"{"resourceType":"Patient","id":"twin","identifier":[{"value":"MRN-p"}]}"#))
    #expect(await tried("MRN-p", by: home.owner) == "multiple-matches")
    #expect(await tried("MRN-p", by: peer) == "ok")
  }

  /// What the caller may not read might as well not be there: the same bytes but for the ids that each
  /// document gets anew.
  @Test func whatIsNotForTheCallerLeavesNoTrace() async throws {
    var random = SeededGenerator()
    let (home, hospital) = try await pairOfNodes()
    try await home.grant(
      to: hospital, types: [.demographics, .allergies, .problems, .other, .immunizations])
    let peer = try await home.peer(hospital)
    func normalised() async throws -> String {
      let bytes = try await home.exchange.summary(of: .patient("p"), base: Self.base, as: peer)
      return String(decoding: bytes, as: UTF8.self).replacing(
        /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/, with: "uuid")
    }
    let before = try await normalised()
    #expect(before.contains("Condition/problem"))
    for number in 0..<60 {
      let id = "hidden-\(number)"
      let resource =
        switch Int.random(in: 0..<7, using: &random) {
        // Labelled, by its code or by its security label.
        case 0: Sample.condition(id, of: "p", code: "86406008")
        case 1: Sample.condition(id, of: "p", security: "MH")
        case 2: Sample.medication(id, of: "p")
        case 3: Sample.observation(id, of: "p", code: "\(number)-1")
        // Of somebody else.
        case 4: Sample.allergy(id, of: "q")
        case 5: Sample.condition(id, of: "q")
        default: Sample.observation(id, of: "p", category: "vital-signs", code: "8867-4")
        }
      try await home.store(Sample.patient("q"), resource)
      if number.isMultiple(of: 6) {
        #expect(try await normalised() == before, "seed \(random.seed)")
      }
    }
    #expect(try await normalised() == before, "seed \(random.seed)")
    let whole = try await summary(home, as: home.owner)
    #expect(records(whole).contains { $0.contains("hidden-") })
  }

  /// Like the above, where a permitted record refers to one that is not.
  @Test func aReferenceToWhatIsNotForTheCallerIsOneToNothing() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.grant(to: hospital, types: [.demographics, .labResults])
    let report = """
      {"resourceType":"DiagnosticReport","id":"report","status":"final","code":{"text":"Panel"},
       "category":[{"coding":[{"code":"LAB"}]}],"subject":{"reference":"Patient/p"},
       "result":[{"reference":"Observation/lab"},{"reference":"Observation/vital"}],
       "performer":[{"reference":"Practitioner/doctor"}]}
      """
    try await home.store(
      Sample.practitioner("doctor", npi: "1234567893"), Sample.json(report))
    let mine = try await summary(home, as: home.owner)
    #expect(records(mine).contains("Practitioner/doctor"))
    let theirs = try await summary(home, as: home.peer(hospital))
    #expect(
      records(theirs) == ["Patient/p", "Observation/lab", "DiagnosticReport/report"])
    let stored = theirs["entry"]?.elements.first {
      $0["resource"]?["id"]?.isString("report") ?? false
    }?["resource"]
    #expect(stored?["result"]?[0]?["reference"]?.isString("Observation/lab") == true)
    #expect(stored?["result"]?[1].map { JSONTree($0) } == .some(["type": "Observation"]))
    #expect(stored?["performer"]?[0].map { JSONTree($0) } == .some(["type": "Practitioner"]))
  }

  @Test func oneEntryForThePatientSaysWhatWasGiven() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.grant(to: hospital, types: [.demographics, .allergies])
    let before = try await home.log().count
    _ = try await summary(home, as: home.peer(hospital))
    let events = try await home.log().dropFirst(before).map(\.event)
    #expect(events.count == 1)
    let event = try #require(events.first)
    #expect(event.kind == .disclosure && event.patient == "Patient/p")
    #expect(
      event.entities.map { $0.split(separator: "/").prefix(2).joined(separator: "/") }
        == ["AllergyIntolerance/allergy", "Patient/p"])
    #expect(event.detail["query"] == "Patient/p/$summary")
    #expect(event.counts == ["demographics": 1, "allergies": 1])
    // A refusal is on record too.
    _ = await outcome { try await summary(home, .identifier("MRN-x"), as: home.peer(hospital)) }
    #expect(try await home.log().last?.event.kind == .decisionDeny)
  }

  @Test func aGrantOfOneUseGivesOneSummary() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.grant(to: hospital, types: [.demographics, .allergies], uses: 1)
    let peer = try await home.peer(hospital)
    #expect(await outcome { try await summary(home, as: peer) } == "ok")
    #expect(await outcome { try await summary(home, as: peer) } == "forbidden")
  }

  // MARK: $document

  private func composed() async throws -> (home: TestNode, hospital: TestNode) {
    let (home, hospital) = try await pairOfNodes()
    let composition = """
      {"resourceType":"Composition","id":"note","status":"final",
       "type":{"coding":[{"system":"http://loinc.org","code":"11506-3"}]},
       "subject":{"reference":"Patient/p"},"date":"2026-02-02","title":"Note",
       "author":[{"reference":"Practitioner/doctor","display":"Dr. Who Wrote"}],
       "section":[{"title":"Findings","entry":[{"reference":"Observation/lab"},
        {"reference":"Condition/problem"}]}]}
      """
    try await home.store(
      Sample.practitioner("doctor", npi: "1234567893"), Sample.json(composition))
    return (home, hospital)
  }

  private func document(_ node: TestNode, _ id: String = "note", as caller: Caller)
    async throws -> JSONValue
  {
    try JSONDocument(
      parsing: await node.exchange.document(of: id, base: Self.base, as: caller)
    ).root
  }

  @Test func aDocumentHoldsWhatTheCallerMayRead() async throws {
    let (home, hospital) = try await composed()
    let whole = try await document(home, as: home.owner)
    #expect(
      records(whole) == [
        "Composition/note", "Patient/p", "Practitioner/doctor", "Observation/lab",
        "Condition/problem",
      ])
    #expect(whole["meta"] == nil)
    #expect(await outcome { try await document(home, as: home.peer(hospital)) } == "forbidden")
    try await home.grant(to: hospital, types: [.progressNotes, .labResults])
    let before = try await home.log().count
    let part = try await document(home, as: home.peer(hospital))
    #expect(records(part) == ["Composition/note", "Observation/lab"])
    #expect(part["meta"]?["tag"]?[0]?["code"]?.isString("SUBSETTED") == true)
    #expect(!String(decoding: part.document.bytes, as: UTF8.self).contains("38341003"))
    let events = try await home.log().dropFirst(before).map(\.event)
    #expect(events.map(\.kind) == [.disclosure] && events.first?.patient == "Patient/p")
    #expect(events.first?.entities.count == 2)
    #expect(await outcome { try await document(home, "no", as: home.owner) } == "not-found")
    #expect(
      await outcome { try await document(home, "no", as: home.peer(hospital)) } == "forbidden")
    _ = try await home.exchange.delete("Composition", id: "note", expecting: .any, as: home.owner)
    #expect(await outcome { try await document(home, as: home.owner) } == "gone")
  }
}
