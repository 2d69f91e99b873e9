import Consent
import Exchange
import Identity
import Primitives
import Testing

/// Who acts for whom, and who treats whom.
@Suite struct RelationshipTests {
  @Test func aParentActsUntilTheChildIsOfAge() async throws {
    let node = try await TestNode()
    try await node.store(
      Sample.json(#"{"resourceType":"Patient","id":"child","birthDate":"2008-03-02"}"#),
      Sample.observation("o", of: "child"))
    let parent = try await Person(
      node, "parent", as: .relation(.parent, patient: "child", until: nil))
    let caller = try await parent.caller()
    #expect(caller.role == .proxy)
    #expect(
      await outcome { try await node.exchange.read("Observation", id: "o", as: caller) } == "ok")
    // The clock stands at 1 March 2026: tomorrow is the eighteenth birthday.
    node.clock.advance(seconds: 86_400)
    _ = try await parent.signIn()
    #expect(try await parent.signedIn().caller == nil)
    await #expect(throws: PeerChartError.self) {
      try await node.exchange.inviteAccount(
        as: .relation(.parent, patient: "child", until: nil), lifetime: 60, by: node.owner)
    }
  }

  @Test func aPatientNamesACaregiverAndEndsIt() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"))
    let patient = try await Person(node, "patient", as: .patient("p"))
    let caller = try await patient.caller()
    let code = try await node.exchange.inviteAccount(
      as: .relation(.caregiver, patient: "p", until: nil), lifetime: 3600, by: caller)
    #expect(
      await outcome {
        try await node.exchange.inviteAccount(
          as: .relation(.caregiver, patient: "q", until: nil), lifetime: 3600, by: caller)
      } == "forbidden")
    #expect(
      await outcome {
        try await node.exchange.inviteAccount(
          as: .staff([.administrator]), lifetime: 3600, by: caller)
      } == "forbidden")
    let friend = try await Person(node, "friend", as: .staff([.frontDesk]))
    try await node.exchange.take(code: code.text.exposed, friend.signedIn(), from: friend.origin)
    let acting = try await node.exchange.act(
      as: Capacity(role: .proxy, patient: "p"), friend.signedIn(), from: friend.origin)
    let proxy = try #require(try await friend.signedIn(acting.token).caller)
    #expect(
      await outcome { try await node.exchange.read("Observation", id: "o", as: proxy) } == "ok")
    let people = try await node.exchange.people(of: "p", as: caller)
    #expect(people.map(\.relationship).sorted() == ["caregiver", "self"])
    let id = try await friend.signedIn(acting.token).account
    try await node.exchange.endRelationship(of: id, to: "p", as: caller)
    #expect(try await friend.signedIn(acting.token).caller == nil)
  }

  @Test func theStaffSeesWhomItTreatsAsLongAsItDoes() async throws {
    let node = try await TestNode(.organization)
    try await node.store(
      Sample.patient("p"), Sample.patient("q"), Sample.observation("o", of: "p"),
      Sample.observation("of-q", of: "q"))
    let doctor = try await Person(node, "doctor", as: .staff([.clinician]))
    let desk = try await Person(node, "desk", as: .staff([.frontDesk]))
    let (caller, clerk) = (try await doctor.caller(), try await desk.caller())
    let id = try await doctor.signedIn().account
    func reads(_ observation: String) async -> String {
      await outcome { try await node.exchange.read("Observation", id: observation, as: caller) }
    }
    #expect(await reads("o") == "forbidden")
    #expect(
      await outcome {
        try await node.exchange.assign(id, toTreat: "p", seconds: 3600, as: caller)
      } == "forbidden")
    try await node.exchange.assign(id, toTreat: "p", seconds: 3600, as: clerk)
    #expect(await reads("o") == "ok")
    #expect(await reads("of-q") == "forbidden")
    node.clock.advance(seconds: 3600)
    #expect(await reads("o") == "forbidden")
  }

  @Test func aDoctorOfManyIsStillAPatient() async throws {
    let node = try await TestNode(.organization)
    let doctor = try await Person(node, "doctor", as: .staff([.clinician]))
    let desk = try await Person(node, "desk", as: .staff([.frontDesk]))
    let (id, clerk) = (try await doctor.signedIn().account, try await desk.caller())
    for number in 0..<80 {
      try await node.store(Sample.patient("p\(number)"))
      try await node.exchange.assign(id, toTreat: "p\(number)", seconds: 3600, as: clerk)
    }
    // One of those treated turns out to be the doctor.
    let code = try await node.exchange.inviteAccount(
      as: .patient("p7"), lifetime: 3600, by: node.owner)
    try await node.exchange.take(code: code.text.exposed, doctor.signedIn(), from: doctor.origin)
    let signedIn = try await doctor.signedIn()
    #expect(signedIn.capacities.map(\.description) == ["patient/p7", "clinician"])
    let people = try await node.exchange.people(of: "p7", as: clerk)
    #expect(people.map(\.relationship) == ["self"])
    #expect(
      await outcome {
        try await node.exchange.assign(id, toTreat: "p7", seconds: 60, as: clerk)
      } == "conflict")
  }

  @Test func anAdministratorReadsNoChart() async throws {
    let node = try await TestNode(.organization)
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"))
    let admin = try await Person(node, "admin", as: .staff([.administrator]))
    let caller = try await admin.caller()
    #expect(
      await outcome { try await node.exchange.read("Observation", id: "o", as: caller) }
        == "forbidden")
    #expect(await outcome { try await node.exchange.accounts(as: caller) } == "ok")
    let own = try await admin.signedIn().account
    #expect(
      await outcome { try await node.exchange.setRoles([.clinician], of: own, as: caller) }
        == "forbidden")
  }
}
