import Audit
import Consent
import Exchange
import Identity
import Primitives
import Testing

/// What people change about their own accounts.
@Suite struct AccountSettingsTests {
  private func patient() async throws -> Person {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"))
    return try await Person(node, "rowan", as: .patient("p"))
  }

  @Test func theLanguageIsKeptWithTheAccount() async throws {
    let person = try await patient()
    try await person.node.exchange.setLanguage("es", person.signedIn(), from: person.origin)
    #expect(try await person.signedIn().language == "es")
    for text in ["", "e", "es;x", "\u{e9}s", String(repeating: "e", count: 36)] {
      #expect(
        await outcome {
          try await person.node.exchange.setLanguage(text, person.signedIn(), from: person.origin)
        } == "invalid", "\(text)")
    }
    #expect(
      try await person.node.log().last { $0.event.kind == .accountChanged }?.event.detail["change"]
        == "language")
  }

  @Test func newRecoveryCodesEndTheOnesOfBefore() async throws {
    let person = try await patient()
    let old = try #require(person.recoveryCodes.first)
    let codes = try await person.node.exchange.renewRecoveryCodes(
      person.signedIn(), from: person.origin)
    #expect(codes.count == 10 && !codes.map(\.exposed).contains(old))
    person.node.clock.advance(seconds: 60)
    #expect(await outcome { try await person.signIn(code: old) } == "unauthenticated")
    #expect(await outcome { try await person.signIn(code: codes[3].exposed) } == "ok")
  }

  @Test func theLastSecondFactorStays() async throws {
    let person = try await patient()
    #expect(
      await outcome {
        try await person.node.exchange.removeOneTimeCodes(person.signedIn(), from: person.origin)
      } == "conflict")
  }

  @Test func whatIsGraveAsksForAFactorShownLately() async throws {
    let person = try await patient()
    let exchange = person.node.exchange
    person.node.clock.advance(seconds: 6 * 60)
    let late = try await person.signedIn()
    let origin = person.origin
    let tries: [(String, () async throws -> Void)] = [
      ("codes", { _ = try await exchange.renewRecoveryCodes(late, from: origin) }),
      ("app", { try await exchange.removeOneTimeCodes(late, from: origin) }),
      ("close", { try await exchange.closeAccount(late, from: origin) }),
      ("mail", { try await exchange.wantMail(false, late, from: origin) }),
      ("page", { try await exchange.requireFreshFactor(late) }),
      (
        "password",
        {
          _ = try await exchange.changePassword(
            from: Redacted(Person.password), to: Redacted("another long passphrase 7"), late,
            from: origin)
        }
      ),
    ]
    for (name, attempt) in tries {
      #expect(await outcome { try await attempt() } == "step-up-required", "\(name)")
    }
  }

  @Test func aNewPasswordIsRefusedWhenItIsKnownOrTheOldOneIsWrong() async throws {
    let person = try await patient()
    func change(_ old: String, _ new: String) async -> String {
      await outcome {
        try await person.node.exchange.changePassword(
          from: Redacted(old), to: Redacted(new), person.signedIn(), from: person.origin)
      }
    }
    #expect(await change(Person.password, "password1234") == "invalid")
    #expect(await change(Person.password, "short") == "invalid")
    #expect(await change("not it, not it at all", "another long passphrase 7") == "unauthenticated")
    #expect(await change(Person.password, "another long passphrase 7") == "ok")
  }

  @Test func aClosedAccountIsGoneAndTheChartStays() async throws {
    let person = try await patient()
    let node = person.node
    let token = person.session.token
    let account = try await person.signedIn().account
    try await node.exchange.closeAccount(person.signedIn(), from: person.origin)
    #expect(await outcome { try await person.signedIn(token) } == "unauthenticated")
    node.clock.advance(seconds: 60)
    #expect(await outcome { try await person.signIn() } == "unauthenticated")
    #expect(try await node.exchange.people(of: "p", as: node.owner).isEmpty)
    #expect(
      await outcome { try await node.exchange.read("Observation", id: "o", as: node.owner) } == "ok"
    )
    let summary = try await node.exchange.accounts(as: node.owner).first { $0.id == "\(account)" }
    #expect(summary?.isDisabled == true && summary?.factors.isEmpty == true)
    // The name is free again, for another account.
    let next = try await Person(node, "rowan", as: .patient("p"))
    #expect(try await next.signedIn().account != account)
  }
}
