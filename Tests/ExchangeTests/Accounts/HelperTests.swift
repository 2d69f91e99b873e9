import Audit
import Consent
import Exchange
import FHIR
import Identity
import Primitives
import Testing

/// Those whom a patient names: helpers for a part of the chart, and for emergencies.
@Suite struct HelperTests {
  private func node(_ kind: NodeKind = .household) async throws -> TestNode {
    let node = try await TestNode(kind)
    try await node.store(
      Sample.patient("p"), Sample.observation("lab", of: "p"), Sample.medication("drug", of: "p"),
      Sample.allergy("allergy", of: "p"))
    return node
  }

  private func reads(_ caller: Caller, _ type: String, _ id: String, _ node: TestNode) async
    -> String
  {
    await outcome { try await node.exchange.read(type, id: id, as: caller) }
  }

  /// Somebody with a role of their own takes a code that the patient made, and acts in the new capacity.
  private func named(
    _ login: String, _ invited: InvitedAs, by patient: Caller, _ node: TestNode
  ) async throws -> Person {
    let person = try await Person(node, login, as: .staff([.frontDesk]))
    let code = try await node.exchange.inviteAccount(as: invited, lifetime: 3600, by: patient)
    try await node.exchange.take(
      code: code.text.exposed, person.signedIn(), from: person.origin)
    return person
  }

  private func acting(_ person: Person, _ node: TestNode) async throws -> Caller {
    let session = try await node.exchange.act(
      as: Capacity(role: .proxy, patient: "p"), person.signedIn(), from: person.origin)
    return try #require(try await person.signedIn(session.token).caller)
  }

  @Test(arguments: [NodeKind.household, .organization])
  func aHelperSeesWhatWasNamedAndDecidesNothing(kind: NodeKind) async throws {
    let node = try await node(kind)
    let patient = try await Person(node, "patient", as: .patient("p"))
    let owner = try await patient.caller()
    let until = node.clock.now().adding(seconds: 3600)
    let helper = try await named(
      "helper",
      .limited(.caregiver, patient: "p", until: until, to: [RecordTypeSet(.allergies)]),
      by: owner, node)
    let caller = try await acting(helper, node)
    #expect(await reads(caller, "AllergyIntolerance", "allergy", node) == "ok")
    for (type, id) in [("MedicationRequest", "drug"), ("Observation", "lab"), ("Patient", "p")] {
      #expect(await reads(caller, type, id, node) == "forbidden", "\(type)")
    }
    let found = try await node.exchange.everything(
      of: "p", EverythingRequest(), cursor: nil, count: 100, query: [], as: caller)
    #expect(found.resources.map(\.type) == ["AllergyIntolerance"])
    #expect(
      await outcome { try await node.exchange.grants(of: "p", as: caller) } == "forbidden")
    #expect(await outcome { try await node.exchange.people(of: "p", as: caller) } == "forbidden")
    #expect(
      await outcome {
        try await node.exchange.auditEvents(of: "p", before: nil, limit: 1, as: caller)
      } == "forbidden")
    #expect(
      await outcome {
        try await node.exchange.inviteAccount(
          as: .relation(.caregiver, patient: "p", until: nil), lifetime: 60, by: caller)
      } == "forbidden")
    let listed = try await node.exchange.people(of: "p", as: owner).first {
      $0.relationship == "caregiver"
    }
    #expect(listed?.recordTypes == ["allergies"] && listed?.until == until.description)
    node.clock.advance(seconds: 3600)
    #expect(
      await outcome {
        try await node.exchange.act(
          as: Capacity(role: .proxy, patient: "p"), helper.signIn(), node, helper)
      } == "forbidden")
  }

  @Test func onlyHelpersAndGuardiansAreNamedForAPart() async throws {
    let node = try await node()
    for kind in [RelationshipKind.selfOfPatient, .parent, .treating] {
      #expect(
        await outcome {
          try await node.exchange.inviteAccount(
            as: .limited(kind, patient: "p", until: nil, to: .all), lifetime: 60, by: node.owner)
        } == "invalid", "\(kind)")
    }
    #expect(
      await outcome {
        try await node.exchange.inviteAccount(
          as: .limited(.caregiver, patient: "p", until: nil, to: []), lifetime: 60, by: node.owner)
      } == "invalid")
  }

  @Test(arguments: [NodeKind.household, .organization])
  func somebodyNamedForEmergenciesSeesNothingUntilThereIsOne(kind: NodeKind) async throws {
    let node = try await node(kind)
    let patient = try await Person(node, "patient", as: .patient("p"))
    let owner = try await patient.caller()
    let friend = try await named(
      "friend", .relation(.emergencyDelegate, patient: "p", until: nil), by: owner, node)
    let before = try await friend.signedIn()
    #expect(before.capacities.map(\.role) == [.frontDesk])
    #expect(before.proxies.map(\.isActive) == [false])
    #expect(before.proxies.first?.namedBy?.exposed == "Made Up")
    #expect(await outcome { try await acting(friend, node) } == "forbidden")
    #expect(
      await outcome {
        try await node.exchange.openAsDelegate(
          for: "p", reason: .unconscious, text: "  ", hours: 4, before, from: friend.origin)
      } == "invalid")
    #expect(
      await outcome {
        try await node.exchange.openAsDelegate(
          for: "p", reason: .unconscious, text: "On the stairs", hours: 25, before,
          from: friend.origin)
      } == "invalid")
    let capacity = try await node.exchange.openAsDelegate(
      for: "p", reason: .unconscious, text: "On the stairs", hours: 4, before,
      from: friend.origin)
    #expect(capacity == Capacity(role: .proxy, patient: "p"))
    let caller = try await acting(friend, node)
    #expect(await reads(caller, "AllergyIntolerance", "allergy", node) == "ok")
    #expect(await reads(caller, "MedicationRequest", "drug", node) == "ok")
    #expect(await reads(caller, "Observation", "lab", node) == "forbidden")
    #expect(await outcome { try await node.exchange.grants(of: "p", as: caller) } == "forbidden")
    let notice = try #require(try await node.exchange.notices(as: owner).first)
    #expect(notice.kind == .glassBroken && notice.text == "On the stairs")
    let events = try await node.log().map(\.event).filter { $0.kind == .breakGlass }
    #expect(events.count == 3, "the opening, and what was looked at, are marked as an emergency's")
    #expect(events.first?.emergency?.text == "On the stairs")
    #expect(events.allSatisfy { $0.purpose == PurposeOfUse.breakTheGlass.rawValue })

    // The patient judges it, and that ends it at once.
    let session = try #require(
      try await node.exchange.breakGlassSessions(of: "p", as: owner).first)
    try await node.exchange.review(
      breakGlass: session.session, accepted: false, note: "I was awake", as: owner)
    #expect(await reads(caller, "AllergyIntolerance", "allergy", node) == "forbidden")
    node.clock.advance(seconds: 60)
    _ = try await friend.signIn()
    #expect(try await friend.signedIn().proxies.map(\.isActive) == [false])
    #expect(await outcome { try await acting(friend, node) } == "forbidden")
  }

  @Test func anEmergencyEndsWithItsTimeAndWithTheNaming() async throws {
    let node = try await node()
    let patient = try await Person(node, "patient", as: .patient("p"))
    let owner = try await patient.caller()
    let until = node.clock.now().adding(seconds: 7200)
    let friend = try await named(
      "friend",
      .limited(
        .emergencyDelegate, patient: "p", until: until,
        to: [RecordTypeSet(.labResults), RecordTypeSet(.allergies)]), by: owner, node)
    func open() async throws -> Capacity {
      try await node.exchange.openAsDelegate(
        for: "p", reason: .lifeThreatening, text: "Heart", hours: 24, friend.signedIn(),
        from: friend.origin)
    }
    _ = try await open()
    let caller = try await acting(friend, node)
    // Others open nothing that way.
    #expect(
      await outcome {
        try await node.exchange.openAsDelegate(
          for: "p", reason: .unconscious, text: "x", hours: 1, patient.signedIn(),
          from: patient.origin)
      } == "forbidden")
    #expect(await reads(caller, "Observation", "lab", node) == "ok")
    #expect(await reads(caller, "MedicationRequest", "drug", node) == "forbidden")
    let session = try #require(
      try await node.exchange.breakGlassSessions(of: "p", as: owner).first)
    #expect(session.until == until.description, "no longer than the patient has said")
    node.clock.advance(seconds: 7200)
    #expect(await reads(caller, "Observation", "lab", node) == "forbidden")
    _ = try await friend.signIn()
    #expect(await outcome { try await open() } == "forbidden")
  }

  @Test func namesOfChartsAreReadAsTheProxyOfEach() async throws {
    let node = try await node()
    try await node.store(
      Sample.json(#"{"resourceType":"Patient","id":"child","birthDate":"2015-03-02"}"#))
    let parent = try await Person(node, "parent", as: .patient("p"))
    let code = try await node.exchange.inviteAccount(
      as: .relation(.parent, patient: "child", until: nil), lifetime: 60, by: node.owner)
    try await node.exchange.take(code: code.text.exposed, parent.signedIn(), from: parent.origin)
    let signedIn = try await parent.signedIn()
    #expect(signedIn.capacity?.role == .patient)
    #expect(signedIn.proxies.first?.until?.description.hasPrefix("2033-03-02") == true)
    let asParent = try await node.exchange.caller(
      signedIn, as: Capacity(role: .proxy, patient: "child"), from: parent.origin)
    #expect(await reads(asParent, "Patient", "child", node) == "ok")
    #expect(await reads(asParent, "Patient", "p", node) == "forbidden")
    #expect(
      await outcome {
        try await node.exchange.caller(
          signedIn, as: Capacity(role: .proxy, patient: "p"), from: parent.origin)
      } == "forbidden")
    #expect(
      await outcome {
        try await node.exchange.caller(
          signedIn, as: Capacity(role: .administrator), from: parent.origin)
      } == "forbidden")
  }
}

extension Exchange {
  /// Acts in a capacity with a session that has just begun.
  fileprivate func act(
    as capacity: Capacity, _ session: NewSession, _ node: TestNode, _ person: Person
  ) async throws -> NewSession {
    try await act(as: capacity, person.signedIn(session.token), from: person.origin)
  }
}
