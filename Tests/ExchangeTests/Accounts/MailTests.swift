import Consent
import Exchange
import Identity
import Primitives
import Testing

/// Who is told by mail of what, when, and how often.
@Suite struct MailTests {
  private func patient(_ engine: TestEngine = .sqlite) async throws -> (Person, RecordingMailer) {
    let node = try await TestNode(engine: engine)
    node.exchange.offerMail()
    try await node.store(Sample.patient("p"), Sample.allergy("allergy", of: "p"))
    return (try await Person(node, "rowan", as: .patient("p")), RecordingMailer())
  }

  /// The person names an address and brings its code back.
  private func prove(
    _ address: String, _ person: Person, _ mailer: RecordingMailer
  ) async throws {
    let exchange = person.node.exchange
    try await exchange.nameMailAddress(address, person.signedIn(), from: person.origin)
    _ = try await exchange.sendMail(using: mailer)
    let mail = try #require(mailer.all.last)
    #expect(mail.kind == .addressCode && "\(mail.to.exposed)" == address)
    let code = try #require(mail.code)
    try await exchange.proveMailAddress(
      code: code.exposed, person.signedIn(), from: person.origin)
  }

  private func breakTheGlass(_ node: TestNode) async throws {
    let doctor = try await node.bearer(.clinician)
    _ = try await node.exchange.breakTheGlass(
      BreakGlassDraft(patient: "p", reason: "unconscious", text: "found"), as: doctor)
  }

  @Test func anAddressCountsOnceItsCodeHasComeBack() async throws {
    let (person, mailer) = try await patient()
    let exchange = person.node.exchange
    try await exchange.nameMailAddress(
      "rowan@mail.example", person.signedIn(), from: person.origin)
    try await breakTheGlass(person.node)
    _ = try await exchange.sendMail(using: mailer)
    #expect(mailer.kinds == [.addressCode], "nothing goes to an address that nobody has proven")
    #expect(try await exchange.mailSettings(of: person.signedIn()).address == nil)
    #expect(
      await outcome {
        try await exchange.proveMailAddress(
          code: "0000-0000-0000", person.signedIn(), from: person.origin)
      } == "unauthenticated")
    let code = try #require(mailer.all.last?.code)
    person.node.clock.advance(seconds: 3601)
    _ = try await person.signIn()
    #expect(
      await outcome {
        try await exchange.proveMailAddress(
          code: code.exposed, person.signedIn(), from: person.origin)
      } == "unauthenticated")
    try await prove("rowan@mail.example", person, mailer)
    let settings = try await exchange.mailSettings(of: person.signedIn())
    #expect(settings.address?.exposed == "rowan@mail.example" && settings.unproven == nil)
  }

  @Test func aNodeThatSendsNoMailTakesNoAddress() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    let person = try await Person(node, "rowan", as: .patient("p"))
    #expect(
      await outcome {
        try await node.exchange.nameMailAddress(
          "rowan@mail.example", person.signedIn(), from: person.origin)
      } == "not-supported")
  }

  @Test func oneAccountCannotFillOthersMailBoxes() async throws {
    let (person, _) = try await patient()
    var outcomes: [String] = []
    for number in 0..<8 {
      outcomes.append(
        await outcome {
          try await person.node.exchange.nameMailAddress(
            "x\(number)@mail.example", person.signedIn(), from: person.origin)
        })
    }
    #expect(outcomes.filter { $0 == "ok" }.count == 5)
    #expect(outcomes.last == "too-many-requests")
  }

  @Test func whoeverActsInEverythingIsToldAndNobodyElse() async throws {
    let (person, mailer) = try await patient()
    let node = person.node
    try await prove("rowan@mail.example", person, mailer)
    let owner = try await person.caller()
    for (login, invited) in [
      ("whole", InvitedAs.relation(.caregiver, patient: "p", until: nil)),
      ("part", .limited(.caregiver, patient: "p", until: nil, to: .emergency)),
      ("friend", .relation(.emergencyDelegate, patient: "p", until: nil)),
    ] {
      let code = try await node.exchange.inviteAccount(as: invited, lifetime: 60, by: owner)
      let helper = try await Person(node, login, as: .staff([.frontDesk]))
      try await node.exchange.take(
        code: code.text.exposed, helper.signedIn(), from: helper.origin)
      try await prove("\(login)@mail.example", helper, mailer)
    }
    try await breakTheGlass(node)
    _ = try await node.exchange.sendMail(using: mailer)
    let told = mailer.all.filter { $0.kind == .glassBroken }.map { "\($0.to.exposed)" }
    #expect(told.sorted() == ["rowan@mail.example", "whole@mail.example"])
  }

  @Test func muchThatHappensIsOneMailAndAnotherOneLater() async throws {
    let (person, mailer) = try await patient()
    let node = person.node
    try await prove("rowan@mail.example", person, mailer)
    func sent() -> Int { mailer.kinds.filter { $0 == .glassBroken }.count }
    for _ in 0..<5 { try await breakTheGlass(node) }
    #expect(try await node.exchange.sendMail(using: mailer) == nil)
    #expect(sent() == 1)
    for _ in 0..<5 { try await breakTheGlass(node) }
    let wait = try await node.exchange.sendMail(using: mailer)
    #expect(sent() == 1 && wait == 600_000)
    node.clock.advance(seconds: 600)
    _ = try await node.exchange.sendMail(using: mailer)
    #expect(sent() == 2)
  }

  @Test func whoWantsNoMailIsWarnedAllTheSame() async throws {
    let (person, mailer) = try await patient()
    let node = person.node
    try await prove("rowan@mail.example", person, mailer)
    try await node.exchange.wantMail(false, person.signedIn(), from: person.origin)
    try await breakTheGlass(node)
    node.clock.advance(seconds: 60)
    _ = try await person.signIn(known: false)
    _ = try await node.exchange.sendMail(using: mailer)
    #expect(mailer.kinds == [.addressCode, .newDevice])
    node.clock.advance(seconds: 60)
    _ = try await person.signIn()
    _ = try await node.exchange.sendMail(using: mailer)
    #expect(mailer.kinds == [.addressCode, .newDevice], "a browser that is known is not told of")
  }

  @Test func theAddressOfBeforeIsToldOfTheNewOne() async throws {
    let (person, mailer) = try await patient()
    try await prove("old@mail.example", person, mailer)
    person.node.clock.advance(seconds: 60)
    try await prove("new@mail.example", person, mailer)
    _ = try await person.node.exchange.changePassword(
      from: Redacted(Person.password), to: Redacted("another long passphrase 7"),
      person.signedIn(), from: person.origin)
    _ = try await person.node.exchange.sendMail(using: mailer)
    let told = mailer.all.filter { $0.kind != .addressCode }.map { "\($0.kind) \($0.to.exposed)" }
    #expect(
      told.sorted() == ["addressChanged old@mail.example", "passwordChanged new@mail.example"])
  }

  @Test func aServerThatIsAwayGetsItLaterAndOneThatRefusesDoesNot() async throws {
    let (person, mailer) = try await patient()
    let node = person.node
    try await prove("rowan@mail.example", person, mailer)
    mailer.answers(PeerChartError(.unreachable, "away"))
    try await breakTheGlass(node)
    var waits: [Int64?] = []
    for _ in 0..<5 {
      let wait = try await node.exchange.sendMail(using: mailer)
      waits.append(wait)
      node.clock.advance(seconds: (wait ?? 0) / 1000)
    }
    #expect(waits == [2000, 4000, 8000, 16_000, 32_000])
    #expect(Set(mailer.all.filter { $0.kind == .glassBroken }.map(\.id)).count == 1)
    mailer.answers(nil)
    #expect(try await node.exchange.sendMail(using: mailer) == nil)
    #expect(mailer.kinds.filter { $0 == .glassBroken }.count == 6)
    mailer.answers(PeerChartError(.forbidden, "no such mail box"))
    node.clock.advance(seconds: 600)
    try await breakTheGlass(node)
    #expect(try await node.exchange.sendMail(using: mailer) == nil)
    #expect(try await node.exchange.sendMail(using: mailer) == nil)
    #expect(mailer.kinds.filter { $0 == .glassBroken }.count == 7)
  }

  @Test(arguments: TestEngine.allCases)
  func severalWorkersSendAMailOnce(engine: TestEngine) async throws {
    let (person, mailer) = try await patient(engine)
    let exchange = person.node.exchange
    try await prove("rowan@mail.example", person, mailer)
    try await breakTheGlass(person.node)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { _ = try await exchange.sendMail(using: mailer) } }
      try await group.waitForAll()
    }
    #expect(mailer.kinds.filter { $0 == .glassBroken }.count == 1)
  }

  @Test func whatNobodyNeedsToBeToldAnyMoreIsNotSent() async throws {
    let (person, mailer) = try await patient()
    let node = person.node
    try await prove("rowan@mail.example", person, mailer)
    try await breakTheGlass(node)
    node.clock.advance(seconds: 3 * 86_400)
    #expect(try await node.exchange.sendMail(using: mailer) == nil)
    #expect(mailer.kinds == [.addressCode])
    #expect(try await node.exchange.removeExpired() > 0)
  }
}
