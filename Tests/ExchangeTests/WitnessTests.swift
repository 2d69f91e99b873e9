import Audit
import Crypto
import Exchange
import Foundation
import Identity
import Node
import Primitives
import Testing
import TransparencyLog

/// Nodes that witness each other's logs.
@Suite struct WitnessTests {
  /// There is nobody but the paired nodes.
  private struct NobodyElse: OutsideLogs {
    func log(_ request: LogRequest, at address: String) async throws -> PeerReply {
      throw PeerChartError(.unreachable, "there is nobody else")
    }
  }

  private func twoNodes(_ engine: TestEngine = .sqlite) async throws -> (a: TestNode, b: TestNode) {
    let clock = TestClock()
    let a = try await TestNode(name: "Samplewood family", clock: clock, engine: engine)
    let b = try await TestNode(
      .organization, name: "General Hospital", clock: clock, engine: engine)
    try await pair(a, with: b)
    return (a, b)
  }

  private func cosign(_ a: TestNode, by b: TestNode) async throws {
    try await a.exchange.cosignLog(using: LoopTransport(from: a, to: b), outside: NobodyElse())
  }

  private func watch(_ b: TestNode, _ a: TestNode) async throws {
    try await b.exchange.watchLogs(using: LoopTransport(from: b, to: a))
  }

  private func status(_ node: TestNode) async throws -> LogStatus {
    try await node.exchange.logStatus(as: node.owner)
  }

  private func kinds(_ node: TestNode) async throws -> [Notice.Kind] {
    try await node.notices().map(\.kind)
  }

  /// Makes the log of a node longer.
  private func grow(_ node: TestNode, by count: Int) async throws {
    for _ in 0..<count {
      _ = try await node.exchange.auditEvents(of: nil, before: nil, limit: 1, as: node.owner)
    }
  }

  @Test(arguments: TestEngine.allCases)
  func pairedNodesCosignEachOther(engine: TestEngine) async throws {
    let (a, b) = try await twoNodes(engine)
    await #expect { try await a.exchange.publishedCheckpoint() } throws: {
      ($0 as? PeerChartError)?.code == .notFound
    }
    let before = try await [status(a).size, status(b).size]
    for _ in 0..<3 {
      try await cosign(a, by: b)
      try await cosign(b, by: a)
      try await watch(a, b)
      try await watch(b, a)
    }
    // To witness is no event: else two logs would make each other grow for ever.
    #expect(try await [status(a).size, status(b).size] == before)
    for (node, other) in [(a, b), (b, a)] {
      let published = try await node.exchange.publishedCheckpoint()
      let report = try await node.exchange.witnessPolicy()
        .verify(published, now: node.clock.now())
      #expect(report.vouchers.map(\.witness) == ["node-\(other.id.description.prefix(16))"])
      #expect(report.vouchers.first?.time == node.clock.now())
      let size = published.checkpoint.size
      #expect(size == before[node === a ? 0 : 1])
      let leaves = try await node.exchange.logTile(path: "tile/0/000.p/\(size)")
      let hashes = stride(from: 0, to: leaves.count, by: 32).compactMap {
        Hash(bytes: leaves[$0..<$0 + 32])
      }
      #expect(Hash.root(of: hashes) == published.checkpoint.root)
      #expect(try await status(node).followed.map(\.state) == ["good"])
      #expect(try await node.exchange.verifyAudit { _ in }.verified)
    }
  }

  /// How the log grows between two rounds is nobody's business.
  @Test func whatWasNotShownIsNotServed() async throws {
    let (a, b) = try await twoNodes()
    try await cosign(a, by: b)
    let shown = try await a.exchange.publishedCheckpoint().checkpoint.size
    try await grow(a, by: 3)
    #expect(try await a.exchange.publishedCheckpoint().checkpoint.size == shown)
    for path in [
      "tile/0/000.p/\(shown + 1)", "tile/0/000", "tile/1/000.p/1", "tile/0/001.p/1", "tile/64/000",
      "tile/0/000.p/0", "tile/0/0", "tile/entries/000.p/1", "tile/0/x000/000", "tile/0/",
    ] {
      await #expect(throws: PeerChartError.self, "\(path)") {
        try await a.exchange.logTile(path: path)
      }
    }
    #expect(try await a.exchange.logTile(path: "tile/0/000.p/1").count == 32)
  }

  @Test func strangersAndNonsenseAreRefused() async throws {
    let (a, b) = try await twoNodes()
    let stranger = try await TestNode(name: "Stranger", clock: a.clock)
    #expect(try await b.exchange.addCheckpoint(Array("old 0\n\n".utf8)) == .malformed)
    for origin in ["peerchart/\(stranger.id)", "example.com/log", "peerchart/", "peerchart/x"] {
      let key = try stranger.random.keys(of: stranger.id).signing
      let signed = try SignedCheckpoint(
        Checkpoint(origin: origin, size: 1, root: .leaf([])),
        signedBy: [NoteSigner(name: origin, privateKey: key)])
      let request = try AddCheckpointRequest(oldSize: 0, proof: [], checkpoint: signed)
      #expect(try await b.exchange.addCheckpoint(request.bytes) == .unknownLog)
    }
    #expect(try await status(b).followed.isEmpty)
  }

  /// A request as a node would send it whose people want two histories.
  private func forged(
    _ node: TestNode, size: UInt64, _ root: Hash, from old: UInt64 = 0, proof: [Hash] = []
  ) throws -> [UInt8] {
    let origin = "peerchart/\(node.id)"
    let key = try node.random.keys(of: node.id).signing
    let signed = try SignedCheckpoint(
      Checkpoint(origin: origin, size: size, root: root),
      signedBy: [NoteSigner(name: origin, privateKey: key)])
    return try AddCheckpointRequest(oldSize: old, proof: proof, checkpoint: signed).bytes
  }

  /// Twenty histories at once: one is cosigned, and the nineteen others are evidence, of which one is enough.
  @Test(arguments: TestEngine.allCases)
  func ofManyAtOnceOneIsCosigned(engine: TestEngine) async throws {
    let (a, b) = try await twoNodes(engine)
    let requests = try (0..<20).map { try forged(a, size: 5, .leaf([UInt8($0)])) }
    let answers = try await withThrowingTaskGroup(of: WitnessAnswer.self) { group in
      for request in requests { group.addTask { try await b.exchange.addCheckpoint(request) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers.count { if case .cosigned = $0 { true } else { false } } == 1)
    #expect(answers.count { $0 == .stale(size: 5) } == 19)
    #expect(try await kinds(b) == [.logForked])
    let followed = try #require(try await status(b).followed.first)
    #expect(followed.state == "forked" && followed.size == 5)
    let evidence = try await b.exchange.logEvidence(
      try #require(followed.evidence), as: b.owner)
    let view = try JSONDecoder().decode(SplitView.self, from: Data(evidence))
    let key = try Ed25519NoteVerifier(
      name: "peerchart/\(a.id)", publicKey: a.random.keys(of: a.id).signing.publicKey)
    #expect(view.isProven(by: key))
    let events = try await b.log().filter { $0.event.kind == .integrityFailure }
    #expect(events.count == 1 && events.first?.event.detail["log"] == "forked")
    #expect(try await b.exchange.verifyAudit { _ in }.verified)
  }

  /// Anybody can send an old checkpoint once more. The witness looks for itself, and nobody is told anything.
  @Test func aReplayedCheckpointRaisesNoAlarm() async throws {
    let (a, b) = try await twoNodes()
    let line = LoopTransport(from: a, to: b)
    let sent = Recorded()
    line.alter { bytes in
      sent.keep(bytes)
      return bytes
    }
    for _ in 0..<2 {
      try await grow(a, by: 2)
      try await a.exchange.cosignLog(using: line, outside: NobodyElse())
    }
    let old = try #require(sent.first)
    let size = try await a.exchange.publishedCheckpoint().checkpoint.size
    for _ in 0..<3 {
      #expect(try await b.exchange.addCheckpoint(old) == .stale(size: size))
      #expect(try await status(b).followed.first?.state == "doubtful")
      // While the log cannot be reached nothing is known.
      let cut = LoopTransport(from: b, to: a)
      cut.cut()
      try await b.exchange.watchLogs(using: cut)
      #expect(try await status(b).followed.first?.state == "doubtful")
      try await watch(b, a)
      #expect(try await status(b).followed.first?.state == "good")
    }
    #expect(try await kinds(b).isEmpty)
  }

  /// What a restore from a backup does to a log.
  @Test func aNodeThatWasPutBackIsFoundOut() async throws {
    let (a, b) = try await twoNodes()
    try await cosign(a, by: b)
    await a.close()
    let backup = a.folder.path + ".backup"
    defer { try? FileManager.default.removeItem(atPath: backup) }
    try FileManager.default.copyItem(atPath: a.folder.path, toPath: backup)
    try await a.reopen()
    try await grow(a, by: 10)
    try await cosign(a, by: b)
    let seen = try await a.exchange.publishedCheckpoint().checkpoint.size
    await a.close()
    try FileManager.default.removeItem(atPath: a.folder.path)
    try FileManager.default.copyItem(atPath: backup, toPath: a.folder.path)
    try await a.reopen()
    try await grow(a, by: 2)
    let alarms = Recorded()
    b.exchange.onLogAlarm { alarms.keep(Array("b \($0.kind.rawValue)".utf8)) }
    a.exchange.onLogAlarm { alarms.keep(Array("a \($0.kind.rawValue)".utf8)) }

    try await cosign(a, by: b)
    #expect(try await status(a).witnesses.map(\.state) == ["refused"])
    #expect(try await kinds(a) == [.logRefused])
    try await watch(b, a)
    #expect(try await kinds(b) == [.logForked])
    #expect(try await status(b).followed.map(\.state) == ["forked"])
    #expect(alarms.texts == ["a refused", "b forked"])
    // It goes on beyond what was seen, and is refused all the same; nobody is told a second time.
    try await grow(a, by: 20)
    for _ in 0..<2 {
      try await cosign(a, by: b)
      try await watch(b, a)
    }
    #expect(try await status(a).size > seen)
    #expect(try await status(a).witnesses.map(\.state) == ["refused"])
    #expect(try await a.exchange.publishedCheckpoint().checkpoint.size < seen)
    #expect(try await status(b).followed.first?.size == seen)
    #expect(try await kinds(a) == [.logRefused])
    #expect(try await kinds(b) == [.logForked])
    // Everything else goes on.
    _ = try await a.peer(b)
    _ = try await b.peer(a)
    try await cosign(b, by: a)
    #expect(try await b.exchange.publishedCheckpoint().note.signatures.count == 2)
    // Its people have explained it, and the log is taken up anew. The evidence stays.
    let evidence = try #require(try await status(b).followed.first?.evidence)
    try await b.exchange.acceptLog(ofPeer: "Samplewood family", as: b.owner)
    try await cosign(a, by: b)
    #expect(try await status(a).witnesses.map(\.state) == ["cosigned"])
    #expect(try await status(b).followed.map(\.state) == ["good"])
    #expect(try await !b.exchange.logEvidence(evidence, as: b.owner).isEmpty)
    for node in [a, b] { #expect(try await node.exchange.verifyAudit { _ in }.verified) }
  }

  @Test func silenceIsNoticedOnce() async throws {
    let (a, b) = try await twoNodes()
    try await cosign(a, by: b)
    a.clock.advance(seconds: 6 * 86_400)
    try await watch(b, a)
    #expect(try await kinds(b).isEmpty)
    a.clock.advance(seconds: 86_400)
    for _ in 0..<2 { try await watch(b, a) }
    #expect(try await kinds(b) == [.logStalled])
    #expect(try await status(b).followed.map(\.state) == ["silent"])
    // It comes back with nothing new: its witness is asked again for a new date.
    try await cosign(a, by: b)
    #expect(try await status(b).followed.map(\.state) == ["good"])
    let time = try await a.exchange.witnessPolicy()
      .verify(a.exchange.publishedCheckpoint()).vouchers.first?.time
    #expect(time == a.clock.now())
  }

  /// What a witness answers is not believed because it answers.
  @Test func aWitnessThatMisbehavesIsNotCounted() async throws {
    let (a, b) = try await twoNodes()
    let other = try await TestNode(name: "Other", clock: a.clock)
    func asked(_ answer: @escaping @Sendable ([UInt8]) throws -> PeerReply) async throws -> String {
      try await a.exchange.cosignLog(using: FakeWitness(answer), outside: NobodyElse())
      await #expect(throws: PeerChartError.self) { try await a.exchange.publishedCheckpoint() }
      return try await status(a).witnesses.map(\.state).joined()
    }
    let wrongKey = try other.random.keys(of: other.id).signing
    let rightKey = try b.random.keys(of: b.id).signing
    let name = "peerchart/\(b.id)"
    @Sendable func line(_ body: [UInt8], _ signer: NoteSigner) throws -> PeerReply {
      let text = try AddCheckpointRequest(parsing: body).checkpoint.note.text
      return PeerReply(
        status: 200, contentType: nil, body: try signer.signature(for: Array(text.utf8)).line)
    }
    let now = UInt64(a.clock.now().millisecondsSinceEpoch / 1000)
    #expect(
      try await asked { try line($0, NoteSigner(witness: name, privateKey: wrongKey, at: now)) }
        == "unreachable")
    #expect(
      try await asked { try line($0, NoteSigner(name: name, privateKey: rightKey)) }
        == "unreachable")
    #expect(
      try await asked {
        try line($0, NoteSigner(witness: name, privateKey: rightKey, at: now + 3600))
      } == "unreachable")
    for (status, body) in [(200, ""), (200, "x"), (500, ""), (409, "x"), (301, "")] {
      #expect(
        try await asked { _ in
          PeerReply(status: status, contentType: nil, body: Array(body.utf8))
        } == "unreachable")
    }
    #expect(
      try await asked { _ in PeerReply(status: 404, contentType: nil, body: []) } == "unknown")
    #expect(
      try await asked { _ in PeerReply(status: 422, contentType: nil, body: []) } == "refused")
    #expect(try await kinds(a) == [.logRefused])
    try await cosign(a, by: b)
    #expect(try await a.exchange.publishedCheckpoint().note.signatures.count == 2)
  }

  @Test func thePolicyCanBeChanged() async throws {
    let (a, b) = try await twoNodes()
    let key = try CosignatureVerifier(
      name: "w.example", publicKey: b.random.keys(of: b.id).signing.publicKey)
    await #expect(throws: PeerChartError.self) {
      try await a.exchange.needCosignatures(2, as: a.owner)
    }
    try await a.exchange.needCosignatures(0, as: a.owner)
    #expect(try await a.exchange.witnessPolicy().quorum == WitnessPolicy.none)
    try await a.exchange.needCosignatures(nil, as: a.owner)
    let other = try await TestNode(name: "Other", clock: a.clock)
    let free = try CosignatureVerifier(
      name: "w.example", publicKey: other.random.keys(of: other.id).signing.publicKey)
    try await a.exchange.addLogWitness(
      "w", verifierKey: free.verifierKey, url: "https://w.example/", as: a.owner)
    try await a.exchange.needCosignatures(2, as: a.owner)
    let policy = try await a.exchange.witnessPolicy()
    #expect(policy.witnesses.map(\.url) == ["https://w.example", nil])
    #expect(policy.groups.first?.threshold == 2)
    for (name, url) in [
      ("ok", "https://x.example"), ("w", "https://x.example"), ("node-1", "https://x.example"),
      ("x", "ftp://x"),
    ] {
      await #expect(throws: PeerChartError.self) {
        try await a.exchange.addLogWitness(
          name, verifierKey: key.verifierKey, url: url, as: a.owner)
      }
    }
    await #expect(throws: PeerChartError.self) {
      try await a.exchange.removeLogWitness("w", as: a.owner)
    }
    try await a.exchange.needCosignatures(1, as: a.owner)
    try await a.exchange.removeLogWitness("w", as: a.owner)
    #expect(try await a.exchange.witnessPolicy().witnesses.count == 1)
    #expect(try await a.exchange.verifyAudit { _ in }.verified)
  }
}
