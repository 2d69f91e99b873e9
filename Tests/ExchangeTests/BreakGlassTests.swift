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
    justification: String? = nil, types: [RecordType]? = nil, hours: Double? = nil,
    also: [(member: String, code: String, why: String)] = [], personnel: String? = nil
  ) throws -> [UInt8] {
    let members: [(String, JSONTree)?] = [
      ("patient", .string(patient)), ("reason", .string(reason)), ("text", .string(text)),
      justification.map { ("justification", .string($0)) },
      types.map { ("recordTypes", .array($0.map { .string($0.rawValue) })) },
      hours.map { ("hours", .number(String($0))) },
      also.isEmpty
        ? nil
        : (
          "additional",
          .array(
            also.map {
              .object([($0.member, .string($0.code)), ("justification", .string($0.why))])
            })
        ), personnel.map { ("personnel", .string($0)) },
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
    let notice = try #require(try await home.notices().first)
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
    #expect(try await home.notices().isEmpty)
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

  /// SNOMED CT: opioid dependence.
  private static let substanceUse = "75544000"

  /// Each thing beyond the minimum is asked for by name and with its own reason, and nothing else opens.
  @Test func labelledRecordsOpenWhereEachIsJustified() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.store(
      Sample.condition("hiv", of: "p", code: "86406008"),
      Sample.condition("opioids", of: "p", code: Self.substanceUse))
    let peer = try await home.peer(hospital)
    func read(_ address: String) async throws -> String {
      try await home.read(address, by: hospital, .emergencyTreatment)
    }
    _ = try await home.exchange.breakTheGlass(draft(), as: peer)
    for address in ["Condition/hiv", "Condition/opioids", "Observation/lab"] {
      #expect(try await read(address) == "forbidden", "\(address)")
    }
    // A second session for more, while the first still runs.
    _ = try await home.exchange.breakTheGlass(
      draft(also: [
        ("label", "hiv", "Interaction of drugs"), ("recordType", "lab-results", "Blood gases"),
      ]), as: peer)
    let expected = [
      "Condition/hiv": "ok", "Condition/opioids": "forbidden", "Observation/lab": "ok",
      "Observation/vital": "forbidden", "Condition/problem": "ok",
    ]
    for (address, result) in expected { #expect(try await read(address) == result, "\(address)") }
    let sessions = try await home.exchange.breakGlassSessions(as: home.owner)
    let wide = try #require(sessions.first { !$0.labels.isEmpty })
    #expect(wide.labels == ["hiv"] && wide.disclosure == nil)
    #expect(wide.justification == "hiv: Interaction of drugs; lab-results: Blood gases")
    let notices = try await home.notices().filter { $0.kind == .glassBroken }
    let told = try #require(notices.first { $0.reference == wide.session }?.text)
    #expect(told.contains("Interaction of drugs") && told.contains("Blood gases"))
    #expect(
      notices.first { $0.reference != wide.session }?.text == "Found on the street")
    let event = try #require(
      try await home.log().map(\.event).last { $0.detail["labels"] != nil })
    #expect(event.kind == .breakGlass && event.detail["labels"] == "hiv")
    #expect(event.detail["justification-hiv"] == "Interaction of drugs")
    #expect(event.detail["justification-lab-results"] == "Blood gases")
    // A violation ends that session alone, and survives a restart.
    try await home.exchange.review(
      breakGlass: wide.session, accepted: false, note: "Not needed", as: home.owner)
    try await home.reopen()
    #expect(try await read("Condition/hiv") == "forbidden")
    #expect(try await read("Condition/problem") == "ok")
  }

  /// 42 CFR 2.51(c): to whom, for whom they work, by whom, when, and the nature of the emergency.
  @Test func aDisclosureAboutSubstanceUseIsRecordedAsTheLawAsks() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.store(Sample.condition("opioids", of: "p", code: Self.substanceUse))
    let peer = try await home.peer(hospital)
    let label = (member: "label", code: "substance-use", why: "Opioid or stroke?")
    let unnamed = await failure {
      try await home.exchange.breakTheGlass(draft(also: [label]), as: peer)
    }
    #expect(unnamed?.code == .invalid && unnamed?.place == "personnel")
    #expect(try await home.notices().isEmpty)
    let answer = try await home.exchange.breakTheGlass(
      draft(also: [label], personnel: "Dr. Ada Example"), as: peer)
    #expect(String(decoding: answer, as: UTF8.self).contains("42 CFR part 2 prohibits"))
    let opened = home.clock.now()
    home.clock.advance(seconds: 60)
    try await home.reopen()
    #expect(
      try await home.read("Condition/opioids", by: hospital, .emergencyTreatment) == "ok")
    #expect(
      try await home.read("Condition/problem", by: hospital, .emergencyTreatment) == "ok")
    let record = [
      "disclosure-recipient": "Dr. Ada Example", "disclosure-affiliation": "General Hospital",
      "disclosure-by": "Samplewood family", "disclosure-rule": "42 CFR 2.51",
      "nature-of-emergency": "unconscious: Found on the street",
    ]
    let events = try await home.log().map(\.event).filter { $0.kind == .breakGlass }
    try #require(events.count == 3)
    for (event, time) in zip(events.prefix(2), [opened, home.clock.now()]) {
      for (name, value) in record { #expect(event.detail[name] == value, "\(name)") }
      #expect(event.detail["disclosure-time"] == time.description)
      #expect(event.patient == "Patient/p")
    }
    #expect(events[1].entities == ["Condition/opioids/_history/1"])
    // The record is about the disclosure of such records, not of others in the same session.
    #expect(events[2].detail["disclosure-recipient"] == nil)
    let told = try #require(try await home.notices().first?.text)
    for words in record.values where words != "unconscious" { #expect(told.contains(words)) }
    #expect(told.contains(opened.description))
    // At the hospital itself, the bearer of the token is the person.
    try await hospital.store(
      Sample.patient("p"), Sample.condition("opioids", of: "p", code: Self.substanceUse))
    let nurse = try await hospital.bearer(.nurse, purpose: .emergencyTreatment)
    _ = try await hospital.exchange.breakTheGlass(draft(also: [label]), as: nurse)
    let session = try #require(
      try await hospital.exchange.breakGlassSessions(as: hospital.owner).first)
    #expect(session.disclosure?.recipient == "Somebody")
    #expect(session.disclosure?.affiliation == "General Hospital")
    #expect(
      await outcome { try await hospital.exchange.read("Condition", id: "opioids", as: nurse) }
        == "ok")
  }

  @Test func whatIsAddedIsKnownAndJustified() async throws {
    let (home, hospital) = try await pairOfNodes()
    let peer = try await home.peer(hospital)
    let long = String(repeating: "x", count: 1001)
    let cases: [(also: [(member: String, code: String, why: String)], place: String)] = [
      ([("label", "hiv", " ")], "additional[0].justification"),
      ([("label", "hiv", long)], "additional[0].justification"),
      ([("recordType", "lab-results", "")], "additional[0].justification"),
      ([("label", "hive", "x")], "additional[0].label"),
      ([("recordType", "labs", "x")], "additional[0].recordType"),
      ([("other", "hiv", "x")], "additional[0]"),
      ([("label", "hiv", "x"), ("label", "hiv", "y")], "additional[1]"),
    ]
    for (also, place) in cases {
      let error = await failure {
        try await home.exchange.breakTheGlass(
          draft(justification: "General", also: also, personnel: "Dr. A"), as: peer)
      }
      #expect(error?.code == .invalid && error?.place == place, "\(error as Any)")
    }
    // The reason for one thing is not that for another.
    let error = await failure {
      try await home.exchange.breakTheGlass(
        draft(types: [.claims], also: [("label", "hiv", "x")]), as: peer)
    }
    #expect(error?.place == "justification")
    #expect(
      await outcome {
        try await home.exchange.breakTheGlass(
          Array(
            #"{"patient":"p","reason":"disaster","text":"x","recordTypes":["allergies","no-such"]}"#
              .utf8), as: peer)
      } == "invalid")
    #expect(try await home.exchange.breakGlassSessions(as: home.owner).isEmpty)
    // As many words as one likes, in any script, do not keep an emergency from being opened.
    let family = String(repeating: "\u{1F469}\u{200D}\u{1F467}", count: 360)
    #expect(
      await outcome { try await home.exchange.breakTheGlass(draft(text: family), as: peer) }
        == "ok")
  }

  /// The node's shared data and what names no patient lie in charts as well; nobody breaks that glass.
  @Test(arguments: ["_unfiled", ""])
  func whatIsNoPatientsChartStaysShut(patient: String) async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.store(
      Sample.json(
        #"{"resourceType":"AllergyIntolerance","id":"whose","patient":{"display":"Somebody"}}"#))
    let peer = try await home.peer(hospital)
    #expect(
      await outcome { try await home.exchange.breakTheGlass(draft(patient), as: peer) }
        == "forbidden")
    #expect(
      try await home.read("AllergyIntolerance/whose", by: hospital, .emergencyTreatment)
        == "forbidden")
    #expect(
      await outcome {
        try await home.exchange.grant(
          GrantDraftOf.everything(patient, to: hospital), as: home.owner)
      } == "not-found")
  }
}
