import Audit
import Consent
import Exchange
import FHIR
import Identity
import Primitives
import Testing

@Suite struct BreakGlassTests {
  private func draft(
    _ patient: String = "p", reason: String = "unconscious", text: String = "Found on the street",
    justification: String? = nil, types: [RecordType]? = nil, hours: Double? = nil
  ) throws -> [UInt8] {
    let members: [(String, JSONTree)?] = [
      ("patient", .string(patient)), ("reason", .string(reason)), ("text", .string(text)),
      justification.map { ("justification", .string($0)) },
      types.map { ("recordTypes", .array($0.map { .string($0.rawValue) })) },
      hours.map { ("hours", .number(String($0))) },
    ]
    return JSONTree.object(members.compactMap { $0 }).serialized()
  }

  @Test func itOpensALittleForAShortTimeAndTellsThePatient() async throws {
    let (home, hospital) = try await pairOfNodes()
    let peer = try await home.peer(hospital)
    #expect(
      try await home.read("AllergyIntolerance/allergy", by: hospital, .emergencyTreatment)
        == "forbidden")
    let answer = try await home.exchange.breakTheGlass(draft(), as: peer)
    let session = try #require(try await home.exchange.breakGlassSessions(as: home.owner).first)
    #expect(String(decoding: answer, as: UTF8.self).contains(session.session))
    #expect(session.review == "pending" && session.recordTypes.count == 3)

    let reads: [(String, PurposeOfUse, String)] = [
      ("AllergyIntolerance/allergy", .emergencyTreatment, "ok"),
      ("MedicationRequest/drug", .breakTheGlass, "ok"),
      ("Condition/problem", .emergencyTreatment, "ok"),
      ("AllergyIntolerance/allergy", .treatment, "forbidden"),
      ("AllergyIntolerance/allergy", .research, "forbidden"),
      ("Observation/lab", .emergencyTreatment, "forbidden"),
      ("Patient/p", .emergencyTreatment, "forbidden"),
    ]
    for (address, purpose, expected) in reads {
      #expect(
        try await home.read(address, by: hospital, purpose) == expected, "\(address) \(purpose)")
    }
    let notice = try #require(try await home.exchange.notices().first)
    #expect(notice.kind == .glassBroken && notice.patient == "p")
    #expect(notice.reference == session.session)
    let events = try await home.log().map(\.event)
    #expect(events.first { $0.kind == .breakGlass }?.emergency?.code == "unconscious")
    #expect(
      events.filter { $0.kind == .breakGlass && $0.detail["break-glass"] == session.session }.count
        == 4)

    home.clock.advance(seconds: 4 * 3600 - 1)
    #expect(
      try await home.read("Condition/problem", by: hospital, .emergencyTreatment) == "ok")
    home.clock.advance(seconds: 1)
    #expect(
      try await home.read("Condition/problem", by: hospital, .emergencyTreatment) == "forbidden")
  }

  @Test func aViolationEndsItAtOnceAndAnApprovalDoesNot() async throws {
    let (home, hospital) = try await pairOfNodes()
    let peer = try await home.peer(hospital)
    func read() async throws -> String {
      try await home.read("Condition/problem", by: hospital, .emergencyTreatment)
    }
    _ = try await home.exchange.breakTheGlass(draft(), as: peer)
    let first = try #require(try await home.exchange.breakGlassSessions(as: home.owner).first)
    #expect(
      await outcome {
        try await home.exchange.review(
          breakGlass: first.session, accepted: true, note: "x", as: peer)
      } == "forbidden")
    try await home.exchange.review(
      breakGlass: first.session, accepted: true, note: "Well done", as: home.owner)
    #expect(try await read() == "ok")
    #expect(
      await outcome {
        try await home.exchange.review(
          breakGlass: first.session, accepted: false, note: "x", as: home.owner)
      } == "conflict")
    home.clock.advance(seconds: 5 * 3600)
    _ = try await home.exchange.breakTheGlass(draft(), as: peer)
    let second = try #require(try await home.exchange.breakGlassSessions(as: home.owner).first)
    #expect(try await read() == "ok")
    try await home.exchange.review(
      breakGlass: second.session, accepted: false, note: "No emergency", as: home.owner)
    #expect(try await read() == "forbidden")
    let reviews = try await home.log().map(\.event).filter { $0.kind == .breakGlassReviewed }
    #expect(reviews.map(\.reasons) == [["accepted"], ["violation"]])
  }

  @Test func moreThanTheMinimumNeedsAJustification() async throws {
    let (home, hospital) = try await pairOfNodes()
    let peer = try await home.peer(hospital)
    func attempt(_ body: [UInt8]) async -> String {
      await outcome { try await home.exchange.breakTheGlass(body, as: peer) }
    }
    #expect(await attempt(try draft(types: [.labResults])) == "invalid")
    #expect(await attempt(try draft(text: " ")) == "invalid")
    #expect(await attempt(try draft(reason: "curiosity")) == "invalid")
    #expect(await attempt(try draft(hours: 25)) == "invalid")
    #expect(await attempt(try draft(hours: -1)) == "invalid")
    #expect(await attempt(Array("{".utf8)) == "malformed")
    #expect(
      await attempt(Array(#"{"patient":"p","reason":"disaster","text":"x","hours":1e999}"#.utf8))
        != "ok")
    #expect(
      await attempt(try draft(justification: "Bleeding", types: [.labResults], hours: 0.5)) == "ok")
    #expect(try await home.read("Observation/lab", by: hospital, .emergencyTreatment) == "ok")
    home.clock.advance(seconds: 1800)
    #expect(
      try await home.read("Observation/lab", by: hospital, .emergencyTreatment) == "forbidden")
  }

  @Test func whoMayNotAndWhoIsNotThereLookTheSame() async throws {
    let (home, hospital) = try await pairOfNodes()
    let absent = await failure {
      try await home.exchange.breakTheGlass(draft("nobody"), as: home.peer(hospital))
    }
    let family = try await TestNode(.household, name: "Others", clock: home.clock)
    try await pair(family, with: home)
    let role = await failure {
      try await home.exchange.breakTheGlass(draft(), as: home.peer(family))
    }
    #expect(absent?.code == .forbidden && absent == role)
    #expect(try await home.exchange.notices().isEmpty)
  }

  @Test func onePersonsSessionIsNobodyElses() async throws {
    let (home, hospital) = try await pairOfNodes()
    let clinic = try await TestNode(.organization, name: "Clinic", clock: home.clock)
    try await pair(clinic, with: home)
    _ = try await home.exchange.breakTheGlass(draft(), as: home.peer(hospital))
    #expect(
      try await home.read("Condition/problem", by: clinic, .emergencyTreatment) == "forbidden")
    // In an organization each token is a person.
    try await hospital.store(Sample.patient("p"), Sample.condition("problem", of: "p"))
    let (one, two) = (
      try await hospital.bearer(.nurse, purpose: .emergencyTreatment),
      try await hospital.bearer(.nurse, purpose: .emergencyTreatment)
    )
    _ = try await hospital.exchange.breakTheGlass(draft(), as: one)
    func read(_ caller: Caller) async -> String {
      await outcome { try await hospital.exchange.read("Condition", id: "problem", as: caller) }
    }
    #expect(await read(one) == "ok")
    #expect(await read(two) == "forbidden")
    for role in [Role.frontDesk, .biller, .researcher, .administrator, .privacyOfficer] {
      let caller = try await hospital.bearer(role, purpose: .emergencyTreatment)
      #expect(
        await outcome { try await hospital.exchange.breakTheGlass(draft(), as: caller) }
          == "forbidden")
    }
  }

  @Test func labelsAndADenialThatNamesEmergenciesStillHold() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.store(Sample.condition("hiv", of: "p", code: "86406008"))
    _ = try await home.exchange.breakTheGlass(draft(), as: home.peer(hospital))
    #expect(try await home.read("Condition/hiv", by: hospital, .emergencyTreatment) == "forbidden")
    // An ordinary denial gives way in an emergency, and that is on record.
    try await home.deny(hospital, types: RecordTypeSet(.problems), purposes: .treatment)
    #expect(try await home.read("Condition/problem", by: hospital, .emergencyTreatment) == "ok")
    let event = try await home.log().last { $0.event.kind == .breakGlass }
    #expect(event?.event.reasons.contains("denial-overridden") == true)
    try await home.deny(hospital, types: RecordTypeSet(.problems), purposes: .emergency)
    #expect(
      try await home.read("Condition/problem", by: hospital, .emergencyTreatment) == "forbidden")
  }
}
