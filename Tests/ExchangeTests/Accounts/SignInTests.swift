import Audit
import Consent
import Exchange
import Identity
import Primitives
import Testing

@Suite struct SignInTests {
  private func household() async throws -> TestNode {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"))
    return node
  }

  @Test func aPatientWhoWasInvitedReadsTheOwnChartAndNobodyElses() async throws {
    let node = try await household()
    try await node.store(Sample.patient("q"), Sample.observation("of-q", of: "q"))
    let person = try await Person(node, "rowan", as: .patient("p"))
    let caller = try await person.caller()
    #expect(caller.role == .patient)
    #expect(
      await outcome { try await node.exchange.read("Observation", id: "o", as: caller) } == "ok")
    #expect(
      await outcome { try await node.exchange.read("Observation", id: "of-q", as: caller) }
        == "forbidden")
    let kinds = try await node.log().map(\.event.kind)
    #expect(kinds.contains(.accountInvited) && kinds.contains(.accountCreated))
  }

  @Test func onePasswordAloneOpensNothing() async throws {
    let node = try await household()
    let person = try await Person(node, "rowan", as: .patient("p"), secondFactor: false)
    let signedIn = try await person.signedIn()
    #expect(signedIn.caller == nil)
    #expect(signedIn.capacities == [Capacity(role: .patient, patient: "p")])
    try await person.setUpApp()
    #expect(try await person.signedIn().caller != nil)
  }

  @Test func aCodeIsGoodOnce() async throws {
    let node = try await household()
    let person = try await Person(node, "rowan", as: .patient("p"))
    // The one that set the app up is used up as well.
    await #expect(throws: PeerChartError.self) { try await person.signIn() }
    node.clock.advance(seconds: 60)
    let code = person.code()
    _ = try await person.signIn(code: code)
    await #expect(throws: PeerChartError.self) { try await person.signIn(code: code) }
    // Nor one of before it.
    await #expect(throws: PeerChartError.self) {
      try await person.signIn(code: person.code(stepsLater: -1))
    }
  }

  @Test func aRecoveryCodeIsGoodOnce() async throws {
    let node = try await household()
    let person = try await Person(node, "rowan", as: .patient("p"))
    let code = try #require(person.recoveryCodes.first)
    #expect(person.recoveryCodes.count == 10)
    _ = try await person.signIn(code: code)
    await #expect(throws: PeerChartError.self) { try await person.signIn(code: code) }
  }

  @Test func whoIsNotThereIsToldTheSameAsWhoseTypedWrongly() async throws {
    let node = try await household()
    let person = try await Person(node, "rowan", as: .patient("p"))
    var errors: [PeerChartError] = []
    for login in ["rowan", "nobody", "", "\u{0}"] {
      do {
        _ = try await node.exchange.signIn(
          login: login, password: Redacted("this is not it at all"), from: person.origin)
        Issue.record("was let in")
      } catch let error as PeerChartError {
        errors.append(error)
      }
    }
    #expect(Set(errors.map(\.description)).count == 1)
    #expect(errors.first?.code == .unauthenticated)
  }

  @Test func aTicketIsForOnePurposeAndOneUse() async throws {
    let node = try await household()
    let person = try await Person(node, "rowan", as: .patient("p"))
    node.clock.advance(seconds: 60)
    let step = try await node.exchange.signIn(
      login: "rowan", password: Redacted(Person.password), from: person.origin)
    guard case .secondFactor(let ticket, let hasPasskey, let hasCodes) = step else {
      Issue.record("no second factor was asked for")
      return
    }
    #expect(!hasPasskey && hasCodes)
    #expect(
      await outcome {
        try await node.exchange.signIn(
          ticket: person.session.deviceTicket, code: Redacted(person.code()), from: person.origin)
      } == "unauthenticated")
    _ = try await node.exchange.signIn(
      ticket: ticket, code: Redacted(person.code()), from: person.origin)
    node.clock.advance(seconds: 60)
    #expect(
      await outcome {
        try await node.exchange.signIn(
          ticket: ticket, code: Redacted(person.code()), from: person.origin)
      } == "unauthenticated")
    node.clock.advance(seconds: 3600)
  }

  @Test func ofManyWhoUseOneCodeAtOnceOneComesIn() async throws {
    let node = try await household()
    let person = try await Person(node, "rowan", as: .patient("p"))
    let code = try #require(person.recoveryCodes.last)
    let exchange = node.exchange
    let origin = person.origin
    var tickets: [Redacted<String>] = []
    for _ in 0..<5 {
      if case .secondFactor(let ticket, _, _) = try await exchange.signIn(
        login: "rowan", password: Redacted(Person.password), from: origin)
      {
        tickets.append(ticket)
      }
    }
    let entered = await withTaskGroup(of: Bool.self) { group in
      for ticket in tickets {
        group.addTask {
          (try? await exchange.signIn(ticket: ticket, code: Redacted(code), from: origin)) != nil
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(entered == 1)
  }

  @Test func strangersWhoGuessDoNotKeepTheOwnerOut() async throws {
    let node = try await household()
    let person = try await Person(node, "rowan", as: .patient("p"))
    node.clock.advance(seconds: 60)
    var refused = 0
    for number in 0..<40 {
      let result = await outcome {
        try await node.exchange.signIn(
          login: "rowan", password: Redacted("guess number \(number) of many"),
          from: Person.origin(nil, "198.51.100.\(number % 4)"))
      }
      if result == "too-many-requests" { refused += 1 }
    }
    #expect(refused == 30)
    // From a browser that was there before the owner comes in, from another one there is a wait.
    _ = try await person.signIn()
    node.clock.advance(seconds: 30)
    #expect(await outcome { try await person.signIn(known: false) } == "too-many-requests")
    node.clock.advance(seconds: 600)
    _ = try await person.signIn(known: false)
  }

  @Test func aLoginNameIsOnePersons() async throws {
    let node = try await household()
    _ = try await Person(node, "rowan", as: .patient("p"))
    for name in ["rowan", "ROWAN", " Rowan ", "ｒｏｗａｎ"] {
      #expect(
        await outcome { try await Person(node, name, as: .patient("p")) } == "conflict")
    }
  }

  @Test func anEasyPasswordIsRefusedAndTheCodeStaysGood() async throws {
    let node = try await household()
    let code = try await node.exchange.inviteAccount(
      as: .patient("p"), lifetime: 3600, by: node.owner)
    for password in ["short", "password1234", "rowan samplewood"] {
      #expect(
        await outcome {
          try await node.exchange.register(
            AccountRegistration(
              code: code.text.exposed, login: "rowan", name: "Rowan Samplewood",
              password: Redacted(password)), from: Person.origin(nil, "192.0.2.1"))
        } == "invalid")
    }
    _ = try await node.exchange.register(
      AccountRegistration(
        code: code.text.exposed, login: "rowan", name: "Rowan Samplewood",
        password: Redacted(Person.password)), from: Person.origin(nil, "192.0.2.1"))
    #expect(
      await outcome {
        try await node.exchange.register(
          AccountRegistration(
            code: code.text.exposed, login: "wren", name: "Wren",
            password: Redacted(Person.password)), from: Person.origin(nil, "192.0.2.1"))
      } == "forbidden")
  }
}
