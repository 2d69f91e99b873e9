import Consent
import Exchange
import Foundation
import Identity
import Logging
import Node
import PeerNetwork
import Primitives
import SecDocument
import TestSupport
import Testing
import TransparencyLog

/// Anchors on a real chain: killed at every step, re-organized, lied to.
@Suite(.enabled(if: PythonService.python != nil, "\(PythonService.absence)"))
struct ChainAnchorTests {
  private func with(
    _ engine: TestEngine = .sqlite, gasLimit: UInt64 = 150_000, depth: UInt64 = 3,
    _ body: (TestNode, ChainUnderTest, HTTPAnchorTransport) async throws -> Void
  ) async throws {
    let chain = try ChainUnderTest()
    let node = try await TestNode(engine: engine)
    let transport = HTTPAnchorTransport(requestSeconds: 240, logger: Logger(label: "test"))
    _ = try await node.exchange.addAnchorPlace(
      chain.place(gasLimit: gasLimit, depth: depth), accountKey: chain.key, as: node.owner)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(node, chain, transport)) } catch {
      outcome = .failure(error)
    }
    await transport.shutdown()
    await chain.close()
    try outcome.get()
  }

  private func verified(
    _ node: TestNode, _ transport: any AnchorTransport
  ) async throws -> AnchorVerification {
    try await node.exchange.verifyAnchors("chain", using: transport, as: node.owner)
  }

  @Test(arguments: TestEngine.allCases)
  func anchorsBecomeFinal(engine: TestEngine) async throws {
    try await with(engine) { node, chain, transport in
      try await node.deploy(transport)
      let first = try #require(try await node.anchorNow(transport))
      #expect(first.finding.state == .included && first.finding.depth == 1)
      #expect(first.finding.place == "eip155:1337" && first.gasUsed ?? 0 < 75_000)
      let second = try #require(try await node.anchorNow(transport))
      #expect(second.gasUsed ?? .max < 45_000)
      try await chain.tell("mine", .number(20))
      try await node.exchange.pushAnchors("chain", using: transport, as: node.owner)
      let anchors = try await node.exchange.anchors(of: "chain", limit: 10, as: node.owner)
      #expect(anchors.map(\.subject) == ["deployment", "checkpoint", "checkpoint"])
      #expect(anchors.allSatisfy { $0.finding.state == .final && $0.finding.time != nil })
      let found = try await verified(node, transport)
      #expect(found.verified && found.anchors.count == 2, "\(found.findings)")
      #expect(found.anchors.allSatisfy { $0.state == .final })
      let log = try await node.exchange.verifyAudit { _ in }
      #expect(log.verified, "\(log.findings)")
    }
  }

  /// Killed at every request, before it arrives or after: nothing is lost, nothing doubled.
  @Test(arguments: TestEngine.allCases)
  func aRestartNeitherLosesNorDoubles(engine: TestEngine) async throws {
    try await with(engine) { node, chain, transport in
      try await node.deploy(transport)
      var sizes: [Int64] = []
      for step in 1...14 {
        for arrives in [false, true] {
          let (_, size) = try await node.exchange.requestAnchors("chain", as: node.owner)
          let breaking = BreakingTransport(transport, after: step, arrives: arrives)
          do {
            _ = try await node.exchange.pushAnchor(
              "chain", over: size, using: breaking, as: node.owner)
          } catch is BreakingTransport.Killed {}
          try await node.reopen()
          let anchor = try #require(
            try await node.exchange.pushAnchor(
              "chain", over: size, using: transport, as: node.owner), "step \(step) \(arrives)")
          #expect(anchor.finding.state == .included, "step \(step) \(arrives)")
          sizes.append(size)
        }
      }
      let found = try await verified(node, transport)
      #expect(found.verified, "\(found.findings)")
      #expect(found.anchors.map { Int64($0.size) } == sizes)
    }
  }

  @Test func aReorgOfTenBlocksIsSurvived() async throws {
    try await with(depth: 12) { node, chain, transport in
      try await node.deploy(transport)
      try await node.anchorNow(transport)
      try await chain.tell("snapshot")
      for _ in 0..<5 { try await node.anchorNow(transport) }
      try await chain.tell("mine", .number(5))
      let before = try await node.exchange.anchors(of: "chain", limit: 5, as: node.owner)
      #expect(before.allSatisfy { $0.finding.state == .included })
      #expect(try await chain.tell("reorg") == 10)
      // The chain has none of them now, and whoever asks it alone is told so.
      let missing = try await verified(node, transport)
      #expect(!missing.verified && missing.findings.count == 5, "\(missing.findings)")
      try await node.exchange.pushAnchors("chain", using: transport, as: node.owner)
      let after = try await node.exchange.anchors(of: "chain", limit: 5, as: node.owner)
      #expect(after.allSatisfy { $0.finding.state == .included })
      #expect(after.map(\.transaction) == before.map(\.transaction))
      #expect(after.map(\.blockNumber) != before.map(\.blockNumber))
      try await chain.tell("mine", .number(20))
      try await node.exchange.pushAnchors("chain", using: transport, as: node.owner)
      let found = try await verified(node, transport)
      #expect(found.verified && found.anchors.count == 6, "\(found.findings)")
      #expect(found.anchors.allSatisfy { $0.state == .final })
    }
  }

  @Test(arguments: ["nonsense", "failing", "foreign", "dear"])
  func nothingIsSentToANodeThatLies(mode: String) async throws {
    try await with { node, chain, transport in
      try await node.deploy(transport)
      let sent = try await chain.tell("sent")
      try await chain.mode(mode)
      let waiting = try #require(try await node.anchorNow(transport))
      #expect(waiting.finding.state == .pending && waiting.finding.reason != nil)
      #expect(try await chain.tell("sent") == sent)
      try await chain.mode("good")
      try await node.exchange.pushAnchors("chain", using: transport, as: node.owner)
      let anchor = try await node.exchange.anchors(of: "chain", limit: 1, as: node.owner).first
      #expect(anchor?.finding.state == .included)
    }
  }

  @Test func aTransactionThatGetsLostIsSentAgain() async throws {
    try await with { node, chain, transport in
      try await node.deploy(transport)
      try await chain.mode("lost")
      let waiting = try #require(try await node.anchorNow(transport))
      #expect(waiting.finding.state == .pending)
      try await chain.mode("good")
      try await node.exchange.pushAnchors("chain", using: transport, as: node.owner)
      let found = try await verified(node, transport)
      #expect(found.verified && found.anchors.count == 1)
    }
  }

  @Test func aNodeThatStallsIsLeft() async throws {
    try await with { node, chain, transport in
      try await node.deploy(transport)
      try await chain.mode("stall")
      let hasty = HTTPAnchorTransport(requestSeconds: 1, logger: Logger(label: "test"))
      let outcome: LogAnchorSummary?
      do { outcome = try await node.anchorNow(hasty) } catch {
        await hasty.shutdown()
        throw error
      }
      await hasty.shutdown()
      let waiting = try #require(outcome)
      #expect(waiting.finding.state == .pending && waiting.finding.reason?.isEmpty == false)
    }
  }

  @Test func anAnchorThatRunsOutOfGasFails() async throws {
    try await with(gasLimit: 30_000) { node, chain, transport in
      try await node.deploy(transport)
      try await node.anchorNow(transport)
      try await chain.tell("mine", .number(20))
      try await node.exchange.pushAnchors("chain", using: transport, as: node.owner)
      let anchor = try await node.exchange.anchors(of: "chain", limit: 1, as: node.owner).first
      #expect(anchor?.finding.state == .failed)
      #expect(anchor?.finding.reason == "the transaction ran out of gas")
    }
  }

  @Test func aRevocationStandsOnTheChain() async throws {
    try await with { node, chain, transport in
      try await node.deploy(transport)
      let salt = try await node.exchange.anchorRevocation(
        of: .document, id: "a document", at: "chain", as: node.owner)
      try await node.exchange.pushAnchors("chain", using: transport, as: node.owner)
      let anchor = try await node.exchange.anchors(of: "chain", limit: 1, as: node.owner).first
      #expect(anchor?.subject == "revocation" && anchor?.finding.state == .included)
      let key = RevocationKey.key(.document, id: "a document", salt: salt)
      #expect(anchor?.revocationKey == key?.description)
    }
  }

  @Test func documentsThatAreRevokedStandOnTheChain() async throws {
    try await with { node, _, transport in
      try await node.deploy(transport)
      var keys: Set<String> = []
      // Both in one millisecond of this clock.
      for content in ["a", "b"] {
        var sink = SecBytesSink()
        let issued = try await node.exchange.issue(
          SecBytesSource(Array(content.utf8)), to: &sink,
          draft: SecDraft(mediaType: "text/plain", created: node.clock.now()),
          recipients: [.node(nil)], patient: nil, as: node.owner)
        let revoked = try await node.exchange.revoke(
          document: issued.digest, reason: .unspecified, as: node.owner)
        #expect(revoked.chains == ["chain"])
        keys.insert(revoked.key)
      }
      for _ in 0..<3 {
        try await node.exchange.pushAnchors("chain", using: transport, as: node.owner)
      }
      let anchors = try await node.exchange.anchors(of: "chain", limit: 10, as: node.owner)
        .filter { $0.subject == "revocation" }
      #expect(anchors.count == 2 && Set(anchors.compactMap(\.revocationKey)) == keys)
      for anchor in anchors {
        #expect([.included, .final].contains(anchor.finding.state), "\(anchor)")
      }
    }
  }

  @Test func anchorsFollowTheirScheduleAndMakeNoEntries() async throws {
    try await with { node, chain, transport in
      try await node.deploy(transport)
      _ = try await node.exchange.workOnAnchors(using: transport)
      let entries = try await node.log().count
      func anchors() async throws -> Int {
        try await node.exchange.anchors(of: "chain", limit: 100, as: node.owner)
          .count { $0.subject == "checkpoint" }
      }
      #expect(try await anchors() == 1)
      // Reading the log has made an entry, but its time has not come.
      let wait = try await node.exchange.workOnAnchors(using: transport)
      #expect(try await anchors() == 1 && (1...3_600_000).contains(wait ?? 0))
      node.clock.advance(seconds: 3600)
      _ = try await node.exchange.workOnAnchors(using: transport)
      #expect(try await anchors() == 2)
      // Nothing new, so nothing is anchored, whatever the hour.
      node.clock.advance(seconds: 3600)
      _ = try await node.exchange.workOnAnchors(using: transport)
      #expect(try await anchors() == 2)
      #expect(try await node.log().count == entries + 1)
      #expect(try await verified(node, transport).verified)
    }
  }

  @Test func keysStayInTheVault() async throws {
    try await with { node, chain, _ in
      let places = try await node.exchange.anchorPlaces(as: node.owner)
      let shown = String(decoding: try JSONEncoder().encode(places), as: UTF8.self)
      #expect(!shown.contains(Hex.encode(chain.key.exposed)) && !shown.contains("key"))
      try await node.exchange.removeAnchorPlace("chain", as: node.owner)
      #expect(try await node.exchange.anchorPlaces(as: node.owner).isEmpty)
      await #expect {
        try await node.exchange.removeAnchorPlace("chain", as: node.owner)
      } throws: { ($0 as? PeerChartError)?.code == .notFound }
    }
  }

  @Test func onlyTheOperatorSeesToAnchors() async throws {
    try await with { node, chain, transport in
      let clinician = try await node.bearer(.clinician)
      for attempt in [
        { _ = try await node.exchange.requestAnchors(nil, as: clinician) },
        { try await node.exchange.deployRegistry("chain", as: clinician) },
        { try await node.exchange.removeAnchorPlace("chain", as: clinician) },
        { _ = try await node.exchange.addAnchorPlace(try chain.place(), as: clinician) },
        { _ = try await node.exchange.verifyAnchors("chain", using: transport, as: clinician) },
      ] as [() async throws -> Void] {
        await #expect { try await attempt() } throws: {
          ($0 as? PeerChartError)?.code == .forbidden
        }
      }
    }
  }

  @Test(arguments: [
    "http://example.org", "ftp://127.0.0.1", "https://", "https://user@example.org",
    "https://exa mple.org", "http://127.0.0.1.example.org", "https://example.org/#a", "example.org",
    "http://localhost@example.org", "https://example.org\\@127.0.0.1",
  ])
  func noPlacesForAnchors(url: String) {
    #expect { _ = try AnchorAddress(url) } throws: { ($0 as? PeerChartError)?.code == .invalid }
  }
}
