import Audit
import Consent
import Exchange
import FHIR
import Identity
import Node
import Primitives
import Testing

@Suite struct PeerMessageTests {
  private func ask(
    _ hospital: TestNode, _ home: TestNode,
    types: RecordTypeSet = RecordTypeSet([.labResults, .allergies]),
    patient: PatientHint = PatientHint(id: "p")
  ) async throws -> String {
    try await hospital.exchange.requestAccess(
      AccessRequestDraft(
        patient: patient, types: types, purpose: .treatment, seconds: 86_400, reason: "Follow-up"),
      from: home.id, as: hospital.owner)
  }

  private func incoming(_ home: TestNode) async throws -> [AccessRequestSummary] {
    try await home.requests().filter { $0.direction == "incoming" }
  }

  @Test func aRequestIsGrantedNarrowerAndBothSidesKnow() async throws {
    let (home, hospital) = try await pairOfNodes()
    let out = LoopTransport(from: hospital, to: home)
    let back = LoopTransport(from: home, to: hospital)
    let id = try await ask(hospital, home)
    #expect(try await hospital.exchange.outbox().count == 1)
    #expect(try await hospital.exchange.deliverDue(using: out) == nil)
    #expect(try await hospital.exchange.outbox().isEmpty)
    let request = try #require(try await incoming(home).first)
    #expect(request.status == "pending" && request.patient == "p" && request.id.hasSuffix(id))
    #expect(try await home.notices().map(\.kind) == [.accessRequested])
    #expect(try await home.read("Observation/lab", by: hospital) == "forbidden")

    // More than was asked for is not given, whatever the answer says.
    let grant = try await home.exchange.answer(
      request.id,
      .grant(
        patient: "p", types: RecordTypeSet([.labResults, .vitalSigns]), labels: .all,
        seconds: 10 * 86_400, maximumUses: nil), as: home.owner)
    #expect(grant?.recordTypes == ["lab-results"] && grant?.labels == [])
    #expect(grant?.until == home.clock.now().adding(seconds: 86_400).description)
    #expect(
      await outcome {
        try await home.exchange.answer(request.id, .refuse(note: nil), as: home.owner)
      } == "conflict")
    _ = try await home.exchange.deliverDue(using: back)
    #expect(try await home.read("Observation/lab", by: hospital) == "ok")
    #expect(try await home.read("Observation/vital", by: hospital) == "forbidden")
    #expect(try await home.read("AllergyIntolerance/allergy", by: hospital) == "forbidden")
    let answered = try #require(try await hospital.requests().first)
    #expect(answered.status == "granted" && answered.id == id && answered.grant == grant?.id)

    try await home.exchange.revoke(try #require(grant?.id), as: home.owner)
    #expect(try await home.read("Observation/lab", by: hospital) == "forbidden")
    _ = try await home.exchange.deliverDue(using: back)
    #expect(try await hospital.requests().map(\.status) == ["revoked"])
    let kinds = try await hospital.notices().map(\.kind)
    #expect(Set(kinds) == [.accessGranted, .accessRevoked])
  }

  @Test func aRequestIsRefused() async throws {
    let (home, hospital) = try await pairOfNodes()
    _ = try await ask(hospital, home, patient: PatientHint(name: "Rowan", birthDate: "1984-02-29"))
    _ = try await hospital.exchange.deliverDue(using: LoopTransport(from: hospital, to: home))
    let request = try #require(try await incoming(home).first)
    #expect(request.patient == nil && request.patientName == "Rowan")
    let answer = try await home.exchange.answer(
      request.id, .refuse(note: "Not now"), as: home.owner)
    #expect(answer == nil)
    _ = try await home.exchange.deliverDue(using: LoopTransport(from: home, to: hospital))
    let answered = try #require(try await hospital.requests().first)
    #expect(answered.status == "refused" && answered.note == "Not now")
    #expect(try await home.grants().isEmpty)
    #expect(
      await outcome {
        try await home.exchange.answer("nothing", .refuse(note: nil), as: home.owner)
      } == "not-found")
  }

  @Test func ofAnswersAtOnceOneCounts() async throws {
    let (home, hospital) = try await pairOfNodes()
    _ = try await ask(hospital, home)
    _ = try await hospital.exchange.deliverDue(using: LoopTransport(from: hospital, to: home))
    let request = try #require(try await incoming(home).first)
    let other = try await home.beside()
    let outcomes = await withTaskGroup(of: String.self) { group in
      for number in 0..<8 {
        let exchange = number.isMultiple(of: 2) ? home.exchange : other.exchange
        let answer: AccessAnswer =
          number < 4
          ? .refuse(note: nil)
          : .grant(patient: "p", types: nil, labels: nil, seconds: nil, maximumUses: nil)
        group.addTask {
          await outcome {
            try await exchange.answer(request.id, answer, as: exchange.nodeOperator())
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.sorted() == Array(repeating: "conflict", count: 7) + ["ok"])
    await other.close()
    let answered = try #require(try await incoming(home).first)
    #expect(try await home.grants().count == (answered.status == "granted" ? 1 : 0))
    #expect(try await home.exchange.outbox().count == 1)
    #expect(try await home.exchange.verifyAudit { _ in }.verified)
  }

  @Test func aMessageCountsOnceHoweverOftenItComes() async throws {
    let (home, hospital) = try await pairOfNodes()
    let line = LoopTransport(from: hospital, to: home)
    _ = try await ask(hospital, home)
    _ = try await hospital.exchange.deliverDue(using: line)
    let message = try #require(line.messages.first)
    let peer = try await home.peer(hospital)
    let entries = try await home.log().filter { $0.event.kind == .accessRequest }.count
    let answers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<6 {
        group.addTask { try await home.exchange.receive(message: message, from: peer) }
      }
      return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
    }
    #expect(answers.count == 1)
    #expect(try await incoming(home).count == 1)
    #expect(try await home.notices().count == 1)
    #expect(try await home.log().filter { $0.event.kind == .accessRequest }.count == entries)
    try await home.reopen()
    _ = try await home.exchange.receive(message: message, from: home.peer(hospital))
    #expect(try await incoming(home).count == 1)
  }

  @Test func anAlteredMessageIsRefusedAndLeavesNothing() async throws {
    let (home, hospital) = try await pairOfNodes()
    let line = LoopTransport(from: hospital, to: home)
    line.cut()
    _ = try await ask(hospital, home)
    _ = try await hospital.exchange.deliverDue(using: line)
    line.mend()
    hospital.clock.advance(seconds: 10)
    line.alter { bytes in bytes.reversed() }
    _ = try await hospital.exchange.deliverDue(using: line)
    let message = try #require(line.messages.last)
    let peer = try await home.peer(hospital)
    let before = try await home.log().filter { $0.event.kind != .auditRead }.count
    for place in stride(from: 0, to: message.count, by: 37) {
      var changed = message
      changed[place] ^= 1 << UInt8(place % 8)
      let result = await outcome { try await home.exchange.receive(message: changed, from: peer) }
      #expect(result != "ok" && result != "foreign error", "byte \(place)")
    }
    for count in [0, 1, 100, message.count - 1] {
      #expect(
        await outcome {
          try await home.exchange.receive(message: Array(message.prefix(count)), from: peer)
        } != "ok")
    }
    #expect(
      await outcome { try await home.exchange.receive(message: message + [0], from: peer) } != "ok")
    #expect(try await incoming(home).isEmpty)
    #expect(try await home.log().filter { $0.event.kind != .auditRead }.count == before)
    #expect(await outcome { try await home.exchange.receive(message: message, from: peer) } == "ok")
    // The sender was told for good and says so.
    #expect(try await hospital.notices().map(\.kind) == [.messageRefused])
  }

  @Test func aMessageIsOfItsSenderForItsReader() async throws {
    let (home, hospital) = try await pairOfNodes()
    let clinic = try await TestNode(.organization, name: "Clinic", clock: home.clock)
    try await pair(clinic, with: home)
    try await pair(hospital, with: clinic)
    let (toHome, toClinic) = (
      LoopTransport(from: hospital, to: home), LoopTransport(from: hospital, to: clinic)
    )
    _ = try await ask(hospital, home)
    _ = try await hospital.exchange.deliverDue(using: toHome)
    _ = try await ask(hospital, clinic)
    _ = try await hospital.exchange.deliverDue(using: toClinic)
    let (forHome, forClinic) = (
      try #require(toHome.messages.first), try #require(toClinic.messages.first)
    )
    #expect(
      await outcome { try await home.exchange.receive(message: forHome, from: home.peer(clinic)) }
        == "integrity")
    #expect(
      await outcome {
        try await home.exchange.receive(message: forClinic, from: home.peer(hospital))
      } != "ok")
    #expect(
      await outcome { try await home.exchange.receive(message: forHome, from: home.owner) }
        == "forbidden")
    #expect(
      await outcome {
        try await home.exchange.receive(message: forHome, from: home.bearer(.system))
      } == "forbidden")
  }

  @Test func clocksMayDifferALittle() async throws {
    for (skew, expected) in [(0, "ok"), (599, "ok"), (601, "invalid"), (86_400, "invalid")] {
      let (home, hospital) = try await pairOfNodes()
      let line = LoopTransport(from: hospital, to: home)
      line.cut()
      hospital.clock.advance(seconds: Int64(skew))
      _ = try await ask(hospital, home)
      let clock = hospital.clock
      // One clock drives both nodes: the reader's time is the sender's, `skew` seconds ago.
      let captured = try await capture(hospital, home)
      clock.advance(seconds: -Int64(skew))
      #expect(
        await outcome {
          try await home.exchange.receive(message: captured, from: home.peer(hospital))
        } == expected, "\(skew) s ahead")
    }
    let (home, hospital) = try await pairOfNodes()
    _ = try await ask(hospital, home)
    let message = try await capture(hospital, home)
    home.clock.advance(seconds: 30 * 86_400 + 1)
    #expect(
      await outcome {
        try await home.exchange.receive(message: message, from: home.peer(hospital))
      } == "invalid")
  }

  /// The message that waits, taken off a line that leads nowhere.
  private func capture(_ sender: TestNode, _ reader: TestNode) async throws -> [UInt8] {
    let line = LoopTransport(from: sender, to: reader)
    line.alter { _ in [] }
    _ = try await sender.exchange.deliverDue(using: line)
    return try #require(line.messages.last)
  }

  @Test func whatCannotBeDeliveredWaitsAndSurvivesARestart() async throws {
    let (home, hospital) = try await pairOfNodes()
    let line = LoopTransport(from: hospital, to: home)
    line.cut()
    for _ in 0..<3 { _ = try await ask(hospital, home) }
    var pauses: [Int64] = []
    for _ in 0..<4 {
      let pause = try #require(try await hospital.exchange.deliverDue(using: line))
      pauses.append(pause)
      hospital.clock.advance(seconds: 7200)
    }
    #expect(try await hospital.exchange.outbox().count == 3)
    #expect(try await hospital.exchange.outbox().allSatisfy { $0.peer == "Samplewood family" })
    #expect(try await hospital.exchange.outbox().map(\.attempts).reduce(0, +) >= 4)
    #expect(pauses.allSatisfy { $0 <= 3_600_000 })
    try await hospital.reopen()
    line.mend()
    #expect(try await hospital.exchange.deliverDue(using: line) == nil)
    #expect(try await incoming(home).count == 3)
    #expect(try await hospital.exchange.outbox().isEmpty)
  }

  @Test func pausesGrowToAnHour() async throws {
    let (home, hospital) = try await pairOfNodes()
    let line = LoopTransport(from: hospital, to: home)
    line.cut()
    _ = try await ask(hospital, home)
    var pauses: [Int64] = []
    for _ in 0..<14 {
      let pause = try #require(try await hospital.exchange.deliverDue(using: line))
      pauses.append(pause / 1000)
      hospital.clock.advance(seconds: pause / 1000)
    }
    #expect(pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600])
  }

  // MARK: Pairing

  @Test func anInvitationIsGoodOnceAndForItsTime() async throws {
    let clock = TestClock()
    let (host, guest, late) = (
      try await TestNode(clock: clock), try await TestNode(clock: clock),
      try await TestNode(clock: clock)
    )
    let invitation = try await host.exchange.invite(
      addresses: [try address()], lifetime: 600, as: host.owner)
    func accept(_ node: TestNode, _ invitation: Invitation, _ line: LoopTransport? = nil) async
      -> String
    {
      await outcome {
        try await node.exchange.accept(
          invitation, addresses: [], using: line ?? LoopTransport(from: node, to: host),
          as: node.owner)
      }
    }
    let crossed = LoopTransport(from: guest, to: host)
    crossed.alter { bytes in
      var bytes = bytes
      bytes[bytes.count / 2] ^= 1
      return bytes
    }
    #expect(await accept(guest, invitation, crossed) != "ok")
    #expect(await accept(host, invitation) == "invalid")
    #expect(try await host.exchange.peers().isEmpty)
    #expect(try await guest.exchange.peers().isEmpty)
    let read = try Invitation(parsing: invitation.text)
    #expect(await accept(guest, read) == "ok")
    #expect(await accept(late, invitation) == "forbidden")
    #expect(try await host.exchange.peers().map(\.node) == [guest.id.description])
    #expect(try await guest.exchange.peers().map(\.node) == [host.id.description])
    let second = try await host.exchange.invite(
      addresses: [try address()], lifetime: 600, as: host.owner)
    clock.advance(seconds: 601)
    #expect(await accept(late, second) == "invalid")
    #expect(try await late.exchange.peers().isEmpty)
    #expect(
      await outcome { try await host.exchange.pair([1, 2, 3], networkAddress: nil) } == "malformed")
  }

  /// Two guests show the same invitation at the same moment.
  @Test func oneOfTwoGuestsIsTaken() async throws {
    let clock = TestClock()
    let host = try await TestNode(clock: clock)
    let invitation = try await host.exchange.invite(
      addresses: [try address()], lifetime: 600, as: host.owner)
    let guests = [try await TestNode(clock: clock), try await TestNode(clock: clock)]
    let outcomes = await withTaskGroup(of: String.self) { group in
      for guest in guests {
        group.addTask {
          await outcome {
            try await guest.exchange.accept(
              invitation, addresses: [], using: LoopTransport(from: guest, to: host),
              as: guest.owner)
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.sorted() == ["forbidden", "ok"])
    #expect(try await host.exchange.peers().count == 1)
  }
}
