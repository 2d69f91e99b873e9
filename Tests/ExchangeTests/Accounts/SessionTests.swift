import Audit
import Consent
import Exchange
import Identity
import Primitives
import Testing

@Suite struct SessionTests {
  private func patient() async throws -> Person {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"))
    return try await Person(node, "rowan", as: .patient("p"))
  }

  @Test func anIdleSessionEnds() async throws {
    let person = try await patient()
    person.node.clock.advance(seconds: 14 * 60)
    _ = try await person.signedIn()
    person.node.clock.advance(seconds: 14 * 60)
    _ = try await person.signedIn()
    person.node.clock.advance(seconds: 15 * 60)
    #expect(await outcome { try await person.signedIn() } == "unauthenticated")
  }

  @Test func aSessionEndsAfterTwelveHoursHoweverBusy() async throws {
    let person = try await patient()
    for _ in 0..<71 {
      person.node.clock.advance(seconds: 600)
      _ = try await person.signedIn()
    }
    person.node.clock.advance(seconds: 600)
    #expect(await outcome { try await person.signedIn() } == "unauthenticated")
  }

  @Test func signingOutEndsItForGood() async throws {
    let person = try await patient()
    try await person.node.exchange.signOut(person.session.token, from: person.origin)
    #expect(await outcome { try await person.signedIn() } == "unauthenticated")
    #expect(try await person.node.log().contains { $0.event.kind == .signOut })
  }

  @Test func aDisabledAccountIsOutAtOnce() async throws {
    let person = try await patient()
    let account = try await person.signedIn().account
    let first = person.session.token
    person.node.clock.advance(seconds: 60)
    _ = try await person.signIn()
    try await person.node.exchange.setDisabled(true, account: account, as: person.node.owner)
    #expect(await outcome { try await person.signedIn() } == "unauthenticated")
    #expect(await outcome { try await person.signedIn(first) } == "unauthenticated")
    person.node.clock.advance(seconds: 60)
    #expect(await outcome { try await person.signIn() } == "unauthenticated")
    try await person.node.exchange.setDisabled(false, account: account, as: person.node.owner)
    #expect(await outcome { try await person.signedIn(first) } == "unauthenticated")
    _ = try await person.signIn()
  }

  @Test func aNewPasswordEndsAllOtherSessions() async throws {
    let person = try await patient()
    let first = person.session.token
    person.node.clock.advance(seconds: 60)
    _ = try await person.signIn()
    let next = try await person.node.exchange.changePassword(
      from: Redacted(Person.password), to: Redacted("another long passphrase 7"),
      person.signedIn(), from: person.origin)
    #expect(await outcome { try await person.signedIn(first) } == "unauthenticated")
    #expect(await outcome { try await person.signedIn() } == "unauthenticated")
    #expect(try await person.signedIn(next.token).caller != nil)
  }

  @Test func sessionsAreListedAndEndedOneByOne() async throws {
    let person = try await patient()
    let first = person.session.token
    person.node.clock.advance(seconds: 60)
    _ = try await person.signIn()
    let now = try await person.signedIn()
    let sessions = try await person.node.exchange.sessions(of: now)
    #expect(sessions.map(\.isThisOne) == [true, false])
    try await person.node.exchange.endSession(
      sessions[1].id, as: now, from: person.origin)
    #expect(await outcome { try await person.signedIn(first) } == "unauthenticated")
    #expect(await outcome { try await person.signedIn() } == "ok")
  }

  @Test func whatAsksForAFactorAgainWaitsForIt() async throws {
    let node = try await TestNode(.organization)
    let officer = try await Person(node, "officer", as: .staff([.administrator]))
    let caller = try await officer.caller()
    _ = try await node.exchange.accounts(as: caller)
    node.clock.advance(seconds: 6 * 60)
    let later = try await officer.caller()
    #expect(await outcome { try await node.exchange.accounts(as: later) } == "step-up-required")
    _ = try await officer.signIn()
    let again = try await officer.caller()
    #expect(await outcome { try await node.exchange.accounts(as: again) } == "ok")
  }

  @Test func theGlassIsBrokenAndAChartTakenOutWithAFreshFactorOnly() async throws {
    let node = try await TestNode(.organization)
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"))
    let doctor = try await Person(node, "doctor", as: .staff([.clinician]))
    let patient = try await Person(node, "patient", as: .patient("p"))
    let draft = #"{"patient":"p","reason":"unconscious","text":"found unconscious","hours":1}"#
    func breaks(_ caller: Caller) async -> String {
      await outcome { try await node.exchange.breakTheGlass(Array(draft.utf8), as: caller) }
    }
    func exports(_ scope: ExportScope, _ person: Person) async throws -> String {
      let caller = try await person.caller()
      return await outcome { try await node.exchange.export(scope, as: caller) { _ in } }
    }
    #expect(try await exports(.patient("p"), patient) == "ok")
    #expect(try await exports(.all, patient) == "forbidden")
    #expect(try await exports(.patient("p"), doctor) == "forbidden")
    node.clock.advance(seconds: 6 * 60)
    #expect(try await exports(.patient("p"), patient) == "step-up-required")
    let before = try await doctor.caller()
    #expect(await breaks(before) == "step-up-required")
    _ = try await doctor.signIn()
    let after = try await doctor.caller()
    #expect(await breaks(after) == "ok")
    #expect(await breaks(before) == "step-up-required")
  }

  @Test func anotherCapacityComesWithAnotherToken() async throws {
    let node = try await TestNode(.organization)
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"))
    let nurse = try await Person(node, "nurse", as: .staff([.nurse]))
    let code = try await node.exchange.inviteAccount(
      as: .patient("p"), lifetime: 3600, by: node.owner)
    try await node.exchange.take(
      code: code.text.exposed, nurse.signedIn(), from: nurse.origin)
    let signedIn = try await nurse.signedIn()
    #expect(signedIn.capacities.map(\.description) == ["patient/p", "nurse"])
    let changed = try await node.exchange.act(
      as: Capacity(role: .nurse), signedIn, from: nurse.origin)
    #expect(await outcome { try await nurse.signedIn() } == "unauthenticated")
    #expect(try await nurse.signedIn(changed.token).caller?.role == .nurse)
    #expect(
      await outcome {
        try await node.exchange.act(
          as: Capacity(role: .clinician), nurse.signedIn(changed.token), from: nurse.origin)
      } == "forbidden")
  }
}

extension SessionTests {
  @Test func whatHasRunOutIsClearedAwayAndTheLogSaysSo() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    let person = try await Person(node, "rowan", as: .patient("p"))
    #expect(try await node.exchange.removeExpired() == 0)
    node.clock.advance(seconds: 3600)
    _ = try await node.exchange.inviteAccount(as: .patient("p"), lifetime: 60, by: node.owner)
    node.clock.advance(seconds: 60)
    #expect(try await node.exchange.removeExpired() > 1)
    #expect(try await node.exchange.removeExpired() == 0)
    #expect(await outcome { try await person.signedIn() } == "unauthenticated")
    let report = try await node.exchange.verifyAudit { _ in }
    #expect(report.findings.isEmpty, "\(report.findings)")
  }
}
