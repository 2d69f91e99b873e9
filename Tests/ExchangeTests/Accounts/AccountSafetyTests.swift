import Audit
import Exchange
import Identity
import Primitives
import Testing

/// What losing a factor, signing in and failing to do so leave behind.
@Suite struct AccountSafetyTests {
  private func household() async throws -> TestNode {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"))
    return node
  }

  @Test func afterAResetThePasswordAloneOpensNothing() async throws {
    let node = try await household()
    let person = try await Person(node, "rowan", as: .patient("p"))
    let account = try await person.signedIn().account
    try await node.exchange.resetFactors(of: account, as: node.owner)
    // Whoever was in is out.
    await #expect(throws: PeerChartError.self) { try await person.signedIn() }
    let step = try await node.exchange.signIn(
      login: "rowan", password: Redacted(Person.password), from: person.origin)
    guard case .complete(let session) = step else {
      Issue.record("a factor was asked for that is not there any more")
      return
    }
    let signedIn = try await person.signedIn(session.token)
    #expect(signedIn.caller == nil, "a password alone speaks for nobody")
  }

  @Test func everyAttemptToSignInIsOnTheLog() async throws {
    let node = try await household()
    let person = try await Person(node, "rowan", as: .patient("p"))
    node.clock.advance(seconds: 60)
    let before = try await node.log().count
    let session = try await person.signIn()
    node.clock.advance(seconds: 60)
    _ = await outcome { try await person.signIn(password: "not the password at all") }
    _ = await outcome { try await person.signIn(code: "000000") }
    _ = await outcome {
      try await node.exchange.signIn(
        login: "nobody", password: Redacted("whatever it may be"), from: person.origin)
    }
    try await node.exchange.signOut(session.token, from: person.origin)
    let events = try await node.log().map(\.event).dropFirst(before)
      .filter { $0.kind != .auditRead }
    #expect(events.filter { $0.kind == .signIn }.count == 1)
    #expect(events.filter { $0.kind == .signInRefused }.count == 3)
    #expect(events.filter { $0.kind == .signOut }.count == 1)
    for event in events {
      #expect(event.actor.address == person.address && event.request == "test")
      #expect(event.time == node.clock.now() || event.kind == .signIn)
      #expect(!event.detail.values.contains { $0.contains("password") && $0.contains("not the") })
    }
  }
}
