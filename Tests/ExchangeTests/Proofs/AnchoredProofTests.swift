import Exchange
import Foundation
import Logging
import Node
import PeerNetwork
import Primitives
import TestSupport
import Testing
import TransparencyLog

/// Proofs with anchors of all kinds, made while strangers keep them (Tests/Interop).
@Suite(.enabled(if: PythonService.python != nil, "\(PythonService.absence)"))
struct AnchoredProofTests {
  private struct Scene {
    let node: TestNode
    let chain: ChainUnderTest
    let stamps: PythonService
    let authority: TimeStampFolder
    let transport: HTTPAnchorTransport

    init() async throws {
      node = try await TestNode()
      chain = try ChainUnderTest()
      authority = try TimeStampFolder()
      stamps = try PythonService("stamp_services.py", [authority.path], lines: 3)
      transport = HTTPAnchorTransport(requestSeconds: 240, logger: Logger(label: "test"))
      let exchange = node.exchange
      _ = try await exchange.addAnchorPlace(chain.place(), accountKey: chain.key, as: node.owner)
      try await node.deploy(transport)
      _ = try await exchange.addAnchorPlace(
        AnchorPlace(
          name: "calendar",
          target: .calendars(
            AnchorPlace.Calendars(
              calendars: [try url(0)], bitcoin: try url(1), depth: 2)), interval: 3600),
        as: node.owner)
      _ = try await exchange.addAnchorPlace(
        AnchorPlace(
          name: "tsa",
          target: .authority(
            AnchorPlace.Authority(address: try url(2), trusted: try roots().map { Data($0) })),
          interval: 3600), as: node.owner)
    }

    func url(_ index: Int) throws -> AnchorAddress {
      try AnchorAddress("http://127.0.0.1:\(stamps.lines[index])")
    }

    func roots() throws -> [[UInt8]] {
      try TimeStampAuthority.readTrusted(pem: try authority.read("ca.crt"))
    }

    func anchorAll() async throws {
      for name in ["chain", "calendar", "tsa"] { try await node.anchorNow(at: name, transport) }
      // The calendar's block is there by now.
      try await node.exchange.pushAnchors("calendar", using: transport, as: node.owner)
    }

    func prove(_ sequence: Int64) async throws -> ProofBundle {
      let proof = try await node.exchange.proveAudit(sequence, of: nil, as: node.owner)
      return try ProofBundle(parsing: proof.bundle.bytes)
    }

    /// A reader without a node, who knows the log's key and may look outside.
    func reader(looking: Bool, trusting: Bool = true) async throws -> ProofVerifier {
      let known = try await node.exchange.proofVerifier()
      return ProofVerifier(
        trust: ProofTrust(logs: known.trust.logs, authorities: trusting ? try roots() : []),
        sources: looking
          ? AnchorSources(
            chains: [try AnchorAddress(chain.url)], bitcoin: try url(1), transport: transport) : nil
      )
    }

    func states(_ bundle: ProofBundle, _ reader: ProofVerifier) async throws -> [String: String] {
      let report = try await reader.verify(bundle, now: SystemClock().now()).report
      return Dictionary(
        report.anchors.map { ($0.kind.rawValue, $0.state.rawValue) }, uniquingKeysWith: { $1 })
    }

    func close() async {
      await transport.shutdown()
      await chain.close()
    }
  }

  private func with(_ body: (Scene) async throws -> Void) async throws {
    let scene = try await Scene()
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(scene)) } catch { outcome = .failure(error) }
    await scene.close()
    try outcome.get()
  }

  @Test func anchorsAreInTheProofAndHold() async throws {
    try await with { scene in
      let before = try await scene.prove(0)
      #expect(before.anchors.isEmpty)
      try await scene.anchorAll()
      let bundle = try await scene.prove(0)
      #expect(Set(bundle.anchors.map(\.kind)) == [.chain, .calendar, .authority])
      #expect(
        try await scene.states(bundle, scene.reader(looking: false))
          == ["chain": "unknown", "calendar": "unknown", "authority": "holds"])
      #expect(
        try await scene.states(bundle, scene.reader(looking: false, trusting: false))["authority"]
          == "unknown")
      let looking = try await scene.reader(looking: true)
      #expect(
        try await scene.states(bundle, looking)
          == ["chain": "holds", "calendar": "holds", "authority": "holds"])
      let found = try await looking.verify(bundle, now: SystemClock().now()).verification
      #expect(found.isVerified && found[.anchors]?.state == .holds, "\(found.checks)")
      // An entry behind the anchors has none; a refreshed older proof has them all.
      let newest = try await scene.node.log().count
      #expect(try await scene.prove(Int64(newest)).anchors.isEmpty)
      let refreshed = try await scene.node.exchange.refreshProof(before, as: scene.node.owner)
      #expect(refreshed.anchors == bundle.anchors)
      // The oldest anchor of a place stays the one that is shown.
      try await scene.anchorAll()
      #expect(try await scene.prove(0).anchors == bundle.anchors)
      #expect(try await scene.node.exchange.verifyAudit { _ in }.verified)
    }
  }

  /// What the chain does not have is false, and makes the whole proof false.
  @Test func aFalseAnchorIsFound() async throws {
    try await with { scene in
      try await scene.anchorAll()
      let bundle = try await scene.prove(0)
      let anchor = try #require(bundle.anchors.first { $0.kind == .chain })
      guard case .chain(let place) = anchor.evidence else { return }
      // The transaction has anchored another size than this proof says.
      try await scene.node.anchorNow(at: "chain", scene.transport)
      let later = try await scene.prove(Int64(anchor.subject.checkpoint.size))
      let other = try #require(later.anchors.first { $0.kind == .chain })
      guard case .chain(let otherPlace) = other.evidence else { return }
      #expect(otherPlace.transaction != place.transaction)
      func moved(_ transaction: Hash, registry: EthereumAddress? = nil) throws -> ProofBundle {
        let wrong = ProofAnchor.ChainPlace(
          chain: place.chain, registry: registry ?? place.registry, account: place.account,
          block: place.block, transaction: transaction)
        return try ProofBundle(
          log: bundle.log, proof: bundle.proof,
          anchors: [ProofAnchor(.chain(wrong), proof: anchor.proof)])
      }
      let reader = try await scene.reader(looking: true)
      let found = try await reader.verify(moved(otherPlace.transaction), now: nil).verification
      #expect(found.verdict == .notVerified && found[.anchors]?.state == .fails)
      // An address without the registry; a transaction that nobody knows; a chain that nobody names.
      #expect(
        try await scene.states(moved(place.transaction, registry: place.account), reader)
          == ["chain": "fails"])
      #expect(try await scene.states(moved(Hash.leaf([1])), reader) == ["chain": "unknown"])
      var elsewhere = reader
      elsewhere.sources = AnchorSources(chains: [], bitcoin: nil, transport: scene.transport)
      #expect(
        try await scene.states(moved(otherPlace.transaction), elsewhere) == ["chain": "unknown"])
    }
  }
}
