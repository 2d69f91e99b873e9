import Audit
import Consent
import Exchange
import FHIR
import Foundation
import Identity
import Primitives
import Testing

/// A household learns from an accreditor whose word it takes how a hospital stands.
@Suite("Organizations, verified")
struct EntityTests {
  private struct Scene {
    let home: TestNode
    let hospital: TestNode
    let board: TestNode

    init(_ engine: TestEngine = .sqlite) async throws {
      let clock = TestClock()
      home = try await TestNode(name: "Samplewood family", clock: clock, engine: engine)
      hospital = try await TestNode(
        .organization, name: "General Hospital", clock: clock, engine: engine)
      board = try await TestNode(.organization, name: "State board", clock: clock, engine: engine)
      try await pair(home, with: hospital)
    }

    func issue(about node: NodeID, seconds: Int64 = 86_400) async throws -> String {
      try await board.exchange.issueEntity(
        node, organization: "Exampleville General",
        npi: try #require(NationalProviderIdentifier("1234567893")), lifetime: seconds,
        as: board.owner)
    }

    func say(_ change: EntityChange) async throws -> String {
      try await board.exchange.changeEntity(hospital.id, change, as: board.owner)
    }

    func trust(_ policy: AccreditorPolicy = AccreditorPolicy()) async throws -> String {
      try await home.exchange.trustAccreditor(
        board.exchange.asAccreditor(at: [address()]).json, policy: policy, as: home.owner
      ).id
    }

    @discardableResult
    func add(_ statements: String..., at node: TestNode) async throws -> AddedEntityStatements {
      try await node.exchange.addEntityStatements(
        Array(statements.joined(separator: "\n").utf8), as: node.owner)
    }

    @discardableResult
    func refresh(_ way: LoopTransport? = nil) async throws -> EntityRefresh {
      try await home.exchange.refreshEntities(
        nil, using: way ?? LoopTransport(from: home, to: board), as: home.owner)
    }

    /// The hospital asks for something, and the household has what it says of itself.
    func ask() async throws -> EntitySummary {
      _ = try await hospital.exchange.requestAccess(
        AccessRequestDraft(
          patient: PatientHint(id: "p"), types: RecordTypeSet(.allergies), purpose: .treatment,
          seconds: 3600, reason: "A visit"), from: home.id, as: hospital.owner)
      _ = try await hospital.exchange.deliverDue(using: LoopTransport(from: hospital, to: home))
      return try await known()
    }

    /// How the household sees the hospital, everywhere the same.
    func known() async throws -> EntitySummary {
      let seen = try #require(try await home.exchange.peers().first?.entity)
      let listed = try await home.exchange.entities(as: home.owner)
        .first { $0.node == hospital.id.description }
      #expect(listed?.state == seen.state && listed?.isVerified == seen.isVerified)
      for request in try await home.requests() {
        #expect(request.entity?.state == seen.state)
        #expect(request.entity?.isVerified == seen.isVerified)
      }
      return seen
    }
  }

  @Test func whatAnAccreditorSaysIsShownWhereItsWordIsTaken() async throws {
    let scene = try await Scene()
    #expect(try await scene.ask().state == .unknown)
    let statement = try await scene.issue(about: scene.hospital.id)
    let kept = try await scene.add(statement, at: scene.hospital)
    // The hospital need not take its accreditor's word itself.
    #expect(kept.isShown && kept.added == 0)
    // The household has it, and does not know whose word it is.
    #expect(try await scene.ask().state == .unknown)
    let id = try await scene.trust()
    let shown = try await scene.known()
    #expect(shown.isVerified && shown.organization == "Exampleville General")
    #expect(shown.by == "State board" && shown.npi == "1234567893")
    // Trust that ends, ends at once; so does the statement's time.
    try await scene.home.exchange.removeAccreditor(id, as: scene.home.owner)
    #expect(try await scene.known().state == .unknown)
    _ = try await scene.trust()
    #expect(try await scene.known().isVerified)
    scene.home.clock.advance(seconds: 86_400 + 120)
    #expect(try await scene.known().state == .expired)
  }

  @Test(arguments: TestEngine.allCases)
  func fromIssuedToRevoked(engine: TestEngine) async throws {
    let scene = try await Scene(engine)
    try await scene.add(scene.issue(about: scene.hospital.id, seconds: 1 << 20), at: scene.hospital)
    _ = try await scene.trust()
    #expect(try await scene.ask().isVerified)
    scene.home.clock.advance(seconds: 100)
    let suspension = try await scene.say(.suspend(.privilegeWithdrawn, effective: nil))
    // Nobody has told the household yet.
    #expect(try await scene.known().isVerified)
    let refreshed = try await scene.refresh()
    #expect(refreshed.asked.compactMap(\.added) == [1] && refreshed.withoutAddress.isEmpty)
    let suspended = try await scene.known()
    #expect(suspended.state == .suspended && !suspended.isVerified)
    #expect(suspended.reason == .privilegeWithdrawn)
    #expect(suspended.organization == "Exampleville General")
    // An old accreditation, shown once more, changes nothing.
    #expect(try await scene.ask().state == .suspended)
    scene.home.clock.advance(seconds: 100)
    _ = try await scene.say(.reinstate)
    try await scene.refresh()
    #expect(try await scene.known().isVerified)
    // Nor does the suspension, now that it has ended.
    #expect(try await scene.add(suspension, at: scene.home).added == 0)
    #expect(try await scene.known().isVerified)
    scene.home.clock.advance(seconds: 100)
    _ = try await scene.say(.revoke(.keyCompromise, effective: nil))
    try await scene.refresh()
    let revoked = try await scene.known()
    #expect(revoked.state == .revoked && revoked.reason == .keyCompromise)
    #expect(await outcome { try await scene.issue(about: scene.hospital.id) } == "conflict")
    #expect(await outcome { try await scene.say(.reinstate) } == "conflict")
    let detail = try await scene.home.exchange.entity(scene.hospital.id, as: scene.home.owner)
    #expect(
      detail.statements.map(\.status) == [.issued, .suspended, .reinstated, .revoked])
    #expect(detail.statements.map(\.sequence) == [1, 2, 3, 4])
    for node in [scene.home, scene.hospital, scene.board] {
      #expect(try await node.exchange.verifyAudit { _ in }.verified)
    }
    // Each statement is an entry of the log of who made it, and of who learned it.
    for node in [scene.board, scene.home] {
      let logged = try await node.exchange.auditEvents(
        of: nil, before: nil, limit: 100, as: node.owner
      ).map(\.event).filter { $0.kind == .entityStatement }
      let said = logged.filter { $0.detail["change"] != "asked" }.compactMap { $0.detail["status"] }
      #expect(said.reversed() == ["issued", "suspended", "reinstated", "revoked"])
    }
  }

  @Test func whatWasHeardStaysWhateverTheAccreditorServes() async throws {
    let scene = try await Scene()
    let issued = try await scene.issue(about: scene.hospital.id)
    _ = try await scene.trust()
    let revoked = try await scene.say(.revoke(.unspecified, effective: nil))
    try await scene.add(issued, revoked, at: scene.home)
    #expect(try await scene.known().state == .revoked)
    let way = LoopTransport(from: scene.home, to: scene.board)
    way.alter { _ in
      Array(#"{"entity":"\#(scene.hospital.id)","statements":["\#(issued)"]}"#.utf8)
    }
    let refreshed = try await scene.refresh(way)
    #expect(refreshed.asked.first?.added == 0)
    #expect(try await scene.known().state == .revoked)
    // Trust taken away and given anew brings it back as well.
    let id = try await scene.trust()
    try await scene.home.exchange.removeAccreditor(id, as: scene.home.owner)
    _ = try await scene.trust()
    #expect(try await scene.known().state == .revoked)
  }

  @Test func answersThatAreNoAnswers() async throws {
    let scene = try await Scene()
    let issued = try await scene.issue(about: scene.hospital.id)
    let other = try await scene.issue(about: scene.home.id)
    try await scene.add(issued, at: scene.hospital)
    _ = try await scene.trust()
    _ = try await scene.ask()
    let way = LoopTransport(from: scene.home, to: scene.board)
    let parts = issued.split(separator: ".")
    for wrong in [
      "", "{}", "[]", "x", #"{"statements":[]}"#, #"{"statements":["\#(other)"]}"#,
      #"{"statements":["\#(issued)","\#(other)"]}"#, #"{"statements":["a.b.c"]}"#,
      #"{"statements":["\#(parts[0]).\#(other.split(separator: ".")[1]).\#(parts[2])"]}"#,
      String(repeating: "x", count: 3 << 20),
    ] {
      way.alter { _ in Array(wrong.utf8) }
      let asked = try await scene.refresh(way).asked
      #expect(asked.count == 1 && asked.first?.added == nil && asked.first?.problem != nil)
      #expect(asked.first?.isUnknown == false)
      #expect(try await scene.known().isVerified)
    }
    way.alter(nil)
    way.cut()
    #expect(try await scene.refresh(way).asked.first?.problem != nil)
    // Of what it says nothing, there is nothing.
    way.mend()
    let asked = try await scene.home.exchange.refreshEntities(
      scene.board.id, using: way, as: scene.home.owner
    ).asked
    #expect(asked.first?.isUnknown == true)
    #expect(
      await outcome { try await scene.board.exchange.publishedEntity(scene.board.id) }
        == "not-found")
  }

  @Test func anOrganizationGoesOnUnderOtherKeys() async throws {
    let scene = try await Scene()
    try await scene.add(scene.issue(about: scene.hospital.id), at: scene.hospital)
    _ = try await scene.trust()
    #expect(try await scene.ask().isVerified)
    let new = try await TestNode(.organization, name: "General Hospital", clock: scene.home.clock)
    scene.home.clock.advance(seconds: 100)
    #expect(
      await outcome {
        try await scene.board.exchange.rotateEntity(
          new.id, to: scene.hospital.id, as: scene.board.owner)
      } == "not-found")
    let said = try await scene.board.exchange.rotateEntity(
      scene.hospital.id, to: new.id, as: scene.board.owner)
    #expect(said.count == 2)
    try await scene.refresh()
    let old = try await scene.known()
    #expect(old.state == .replaced && old.successor == new.id.description)
    // The question after the old node led to the new one.
    let detail = try await scene.home.exchange.entity(new.id, as: scene.home.owner)
    #expect(detail.entity.isVerified && detail.entity.organization == "Exampleville General")
    #expect(
      await outcome {
        try await scene.board.exchange.rotateEntity(
          scene.hospital.id, to: scene.board.id, as: scene.board.owner)
      } == "conflict")
    // A key that turns out to have been in other hands is revoked all the same.
    _ = try await scene.say(.revoke(.keyCompromise, effective: nil))
    try await scene.refresh()
    #expect(try await scene.known().state == .revoked)
  }

  @Test func knowledgeMustBeFreshWhereThePolicySaysSo() async throws {
    let scene = try await Scene()
    try await scene.add(
      scene.issue(about: scene.hospital.id, seconds: 100 * 86_400), at: scene.hospital)
    _ = try await scene.trust(AccreditorPolicy(freshness: 7 * 86_400))
    #expect(try await scene.ask().isVerified)
    scene.home.clock.advance(seconds: 8 * 86_400)
    let stale = try await scene.known()
    #expect(stale.state == .accredited && !stale.isFresh && !stale.isVerified)
    try await scene.refresh()
    #expect(try await scene.known().isVerified)
    scene.home.clock.advance(seconds: 8 * 86_400)
    #expect(try await !scene.known().isVerified)
    _ = try await scene.trust(AccreditorPolicy(freshness: 30 * 86_400))
    #expect(try await scene.known().isVerified)
    for freshness in [Int64(0), -1, .max] {
      #expect(
        await outcome { try await scene.trust(AccreditorPolicy(freshness: freshness)) }
          == "invalid")
    }
  }

  @Test func whoOnlyWarnsAccreditsNobody() async throws {
    let scene = try await Scene()
    let issued = try await scene.issue(about: scene.hospital.id)
    let id = try await scene.trust(AccreditorPolicy(withdrawalsOnly: true))
    try await scene.add(issued, at: scene.home)
    #expect(try await scene.known().state == .unknown)
    #expect(try await scene.home.exchange.accreditors(as: scene.home.owner).map(\.id) == [id])
    // Another accredits, and the warning counts.
    let other = try await TestNode(.organization, name: "Association", clock: scene.home.clock)
    _ = try await scene.home.exchange.trustAccreditor(
      other.exchange.asAccreditor.json, as: scene.home.owner)
    let word = try await other.exchange.issueEntity(
      scene.hospital.id, organization: "General of the association",
      npi: try #require(NationalProviderIdentifier("1234567893")), lifetime: 86_400,
      as: other.owner)
    try await scene.add(word, at: scene.home)
    #expect(try await scene.known().isVerified)
    let refreshed = try await scene.refresh()
    #expect(refreshed.withoutAddress == ["Association"])
    try await scene.add(scene.say(.suspend(.unspecified, effective: nil)), at: scene.home)
    let warned = try await scene.known()
    #expect(warned.state == .suspended && warned.by == "State board")
  }

  @Test func statementsThatAreNotTaken() async throws {
    let scene = try await Scene()
    let foreign = try await scene.issue(about: scene.home.id)
    func added(_ text: String, at node: TestNode) async -> String {
      await outcome { try await scene.add(text, at: node) }
    }
    // About another node, of somebody whose word is not taken.
    #expect(await added(foreign, at: scene.hospital) == "unauthenticated")
    #expect(await added("x.y.z", at: scene.hospital) == "malformed")
    #expect(await added("", at: scene.hospital) == "malformed")
    #expect(await added(String(repeating: "x ", count: 2 << 20), at: scene.hospital) == "too-large")
    let own = try await scene.issue(about: scene.hospital.id, seconds: 60)
    scene.home.clock.advance(seconds: 61)
    #expect(await added(own, at: scene.hospital) == "invalid")
    // One of two that is not taken takes the other with it.
    _ = try await scene.trust()
    let stranger = try await TestNode(.organization, name: "Stranger", clock: scene.home.clock)
    let word = try await stranger.exchange.issueEntity(
      scene.hospital.id, organization: "Nobody",
      npi: try #require(NationalProviderIdentifier("1234567893")), lifetime: 86_400,
      as: stranger.owner)
    let good = try await scene.issue(about: scene.hospital.id)
    #expect(
      await outcome { try await scene.add(good, word, at: scene.home) } == "unauthenticated")
    #expect(try await scene.known().state == .unknown)
    for (change, code) in [
      (EntityChange.reinstate, "conflict"),
      (
        .revoke(.unspecified, effective: scene.home.clock.now().adding(seconds: 3600)),
        "invalid"
      ),
    ] { #expect(await outcome { try await scene.say(change) } == code) }
    #expect(
      await outcome {
        try await scene.board.exchange.changeEntity(
          scene.board.id, .reinstate, as: scene.board.owner)
      } == "not-found")
    #expect(
      await outcome {
        try await scene.home.exchange.removeAccreditor("nobody", as: scene.home.owner)
      } == "not-found")
    #expect(
      await outcome {
        try await scene.home.exchange.entity(stranger.id, as: scene.home.owner)
      } == "not-found")
  }

  @Test func whoRunsTheNodeDecidesWhoseWordIsTaken() async throws {
    let scene = try await Scene()
    let (hospital, board) = (scene.hospital.exchange, scene.board.exchange)
    for role in [Role.nurse, .administrator, .securityOfficer, .auditor] {
      let person = try await Person(scene.hospital, role.rawValue, as: .staff([role])).caller()
      let (decides, sees) = (role == .administrator, role != .nurse)
      #expect(
        await outcome { try await hospital.trustAccreditor(board.asAccreditor.json, as: person) }
          == (decides ? "ok" : "forbidden"), "\(role)")
      #expect(
        await outcome { try await hospital.accreditors(as: person) }
          == (sees ? "ok" : "forbidden"), "\(role)")
      #expect(
        await outcome { try await hospital.entities(as: person) } == (sees ? "ok" : "forbidden"),
        "\(role)")
      #expect(
        await outcome { try await hospital.logStatus(as: person) } == (sees ? "ok" : "forbidden"),
        "\(role)")
      #expect(
        await outcome {
          try await hospital.issueEntity(
            scene.home.id, organization: "X",
            npi: try #require(NationalProviderIdentifier("1234567893")), lifetime: 60, as: person)
        } == (decides ? "ok" : "forbidden"), "\(role)")
    }
  }

  /// Two who say something of the same entity at once do not give two statements the same number.
  @Test(arguments: TestEngine.allCases)
  func numbersAreGivenOnce(engine: TestEngine) async throws {
    let scene = try await Scene(engine)
    let texts = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<12 {
        group.addTask { try await scene.issue(about: scene.hospital.id) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let numbers = try texts.map { try EntityStatement.unverified($0).sequence }
    #expect(numbers.sorted() == Array(1...12))
    let served = try await scene.board.exchange.publishedEntity(scene.hospital.id)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(served)) as? [String: Any])
    #expect(object["entity"] as? String == scene.hospital.id.description)
    #expect((object["statements"] as? [String])?.count == 12)
  }
}
