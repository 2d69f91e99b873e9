import Crypto
import Foundation
import Primitives
import TestSupport
import Testing
import TransparencyLog

/// What checking a bundle says of it.
struct ProofReportTests {
  private let scene = ProofScene()

  @Test func anotherEntryIsNotIncluded() async throws {
    let bundle = try scene.bundle(anchors: [scene.chain(300)])
    let report = await bundle.report(
      leafHash: Hash.leaf([1]), trust: ProofTrust(logs: [try scene.key.verifier]), now: nil)
    #expect(report.isSigned && !report.isIncluded)
    #expect(report.anchors.map(\.state) == [.fails])
  }

  @Test func keysAreKnownUnknownOrContradicted() async throws {
    let bundle = try scene.bundle()
    #expect(try await scene.report(bundle).logKey == .known)
    #expect(try await scene.report(bundle, trust: ProofTrust()).logKey == .unknown)
    let other = try TestKey(seed: 99, name: scene.key.name).verifier
    #expect(
      try await scene.report(bundle, trust: ProofTrust(logs: [other])).logKey == .contradicted)
    #expect(
      try await scene.report(bundle, trust: ProofTrust(logs: [other, scene.key.verifier])).logKey
        == .known)
    // Somebody else puts their own key over another's name: signed by that key, and not the known one.
    let forged = try ProofBundle(log: other, proof: bundle.proof)
    let report = try await scene.report(forged)
    #expect(!report.isSigned && report.logKey == .contradicted)
  }

  @Test func witnessesCountOnceAndOnlyIfTheyVerify() async throws {
    let trust = ProofTrust(
      logs: [try scene.key.verifier], witnesses: try scene.witnesses([0, 1]))
    let bundle = try scene.bundle(cosigners: [0, 0, 2, 1], claimed: [2])
    let report = try await scene.report(bundle, trust: trust)
    #expect(report.vouchers.map(\.name) == ["0", "2", "1"].map { "peerchart/witness\($0)" })
    #expect(report.vouchers.map(\.isKnown) == [true, false, true])
    #expect(report.vouchers.allSatisfy { $0.time == scene.now && !$0.isFalse })
    // A key that nobody has.
    let bare = try await scene.report(scene.bundle(cosigners: [1], claimed: []))
    #expect(bare.witnesses.count == 1 && bare.vouchers.isEmpty && !bare.witnesses[0].isFalse)
    // Dated ahead of the clock.
    let early = scene.now.adding(seconds: -WitnessPolicy.clockSkew - 1)
    let ahead = await bundle.report(leafHash: scene.leaf, trust: trust, now: early)
    #expect(ahead.vouchers.isEmpty && ahead.witnesses.count == 3)
    // A line over another checkpoint.
    let line = try #require(
      try scene.checkpoint(400, cosigners: [0]).note.signatures.last)
    let moved = try LogProof(
      scene.log.inclusionProof(of: ProofScene.index, in: 500),
      checkpoint: scene.checkpoint(500).adding([line]), extra: scene.entry)
    let wrong = try await scene.report(
      ProofBundle(log: scene.key.verifier, proof: moved), trust: trust)
    #expect(wrong.vouchers.isEmpty && wrong.witnesses.map(\.isFalse) == [true])
  }

  @Test func aPolicyIsSatisfiedOrNot() async throws {
    func policy(_ need: Int, log: TestKey? = nil) throws -> ProofTrust {
      ProofTrust(
        policy: try WitnessPolicy(
          logs: [.init(key: (log ?? scene.key).verifier)],
          witnesses: scene.witnesses([0, 1, 2]).map { .init(name: $0.name, key: $0) }, need: need))
    }
    let bundle = try scene.bundle(cosigners: [0, 2])
    #expect(try await scene.report(bundle).isPolicySatisfied == nil)
    #expect(try await scene.report(bundle, trust: policy(2)).isPolicySatisfied == true)
    #expect(try await scene.report(bundle, trust: policy(3)).isPolicySatisfied == false)
    let other = TestKey(seed: 98, name: "peerchart/other")
    #expect(try await scene.report(bundle, trust: policy(0, log: other)).isPolicySatisfied == false)
  }

  @Test func twoHistoriesInOneProofAreSeen() async throws {
    // The same leaf in a tree of the same size with other neighbours.
    var other = MemoryLog(size: Int(ProofScene.index))
    other.append(scene.leaf)
    for number in 0..<400 { other.append(Hash.leaf([UInt8(truncatingIfNeeded: number)])) }
    let anchored = try LogProof(
      other.inclusionProof(of: ProofScene.index, in: 500),
      checkpoint: scene.checkpoint(500, root: other.root(at: 500)))
    let bundle = try scene.bundle(anchors: [
      ProofAnchor(.chain(scene.chainPlace()), proof: anchored)
    ])
    #expect(try await scene.report(bundle).showsTwoHistories)
    #expect(try await !scene.report(scene.bundle(anchors: [scene.chain(500)])).showsTwoHistories)
  }

  @Test func aTimestampOfSomethingElseIsFalse() async throws {
    let wrong = try scene.calendar(300, of: Hash.leaf([5]), height: 3)
    let right = try scene.calendar(301, height: 800_000)
    let open = try scene.calendar(302)
    let garbage = try ProofAnchor(.calendar([1, 2, 3]), proof: scene.proof(303))
    let report = try await scene.report(
      scene.bundle(anchors: [wrong, right, open, garbage]))
    #expect(report.anchors.map(\.state) == [.fails, .unknown, .unknown, .fails])
    #expect(report.anchors[1].text.contains("800000"))
    let kept = try scene.bundle(anchors: [wrong, right, open, garbage])
      .withoutFalseAnchors(report)
    #expect(kept.anchors.map(\.subject.checkpoint.size) == [301, 302])
  }

  @Test(.enabled(if: TimeStampFolder.isPossible, "\(TimeStampFolder.absence)"))
  func authoritiesAreKnownOrNot() async throws {
    let authority = try TimeStampFolder()
    let proof = try scene.proof(300)
    let digest = LogAnchorSubject(proof.checkpoint.checkpoint).digest
    let request = TimeStampRequest(digest: digest, nonce: [1, 2, 3, 4, 5, 6, 7, 8])
    let reply = try TimeStampToken(reply: authority.stamp(request.bytes)).reply
    let bundle = try scene.bundle(anchors: [ProofAnchor(.authority(reply), proof: proof)])
    func trust(_ file: String?) throws -> ProofTrust {
      ProofTrust(
        logs: [try scene.key.verifier],
        authorities: try file.map {
          try TimeStampAuthority.readTrusted(pem: authority.read($0))
        } ?? [])
    }
    let known = try await scene.report(bundle, trust: trust("ca.crt")).anchors[0]
    #expect(known.state == .holds && known.time != nil && known.place.contains("Stamps"))
    for file in [nil, "other.crt"] {
      let found = try await scene.report(bundle, trust: trust(file)).anchors[0]
      #expect(found.state == .unknown && found.time == known.time, "\(found.text)")
    }
    // The same reply over another checkpoint, and one whose signature was damaged.
    let moved = try scene.bundle(anchors: [ProofAnchor(.authority(reply), proof: scene.proof(301))])
    #expect(try await scene.report(moved, trust: trust("ca.crt")).anchors[0].state == .fails)
    var damaged = reply
    damaged[damaged.count - 1] ^= 1
    let broken = try scene.bundle(anchors: [ProofAnchor(.authority(damaged), proof: proof)])
    #expect(try await scene.report(broken, trust: trust(nil)).anchors[0].state == .fails)
  }

  @Test func refreshingTakesWhatIsBetter() throws {
    let old = try scene.bundle(300, cosigners: [], claimed: [], anchors: [scene.calendar(200)])
    let cosigned = try scene.bundle(
      290, cosigners: [0], claimed: [0],
      anchors: [scene.calendar(200, height: 7), scene.chain(250)])
    let refreshed = try old.refreshed(by: cosigned)
    // Cosigned counts for more than large; the calendar's newer file takes the place of its older one.
    #expect(refreshed == cosigned)
    #expect(try cosigned.refreshed(by: old).checkpoint == cosigned.checkpoint)
    #expect(try cosigned.refreshed(by: old).anchors.count == 2)
    let newer = try scene.bundle(500, cosigners: [1], claimed: [1])
    #expect(try cosigned.refreshed(by: newer).checkpoint.checkpoint.size == 500)
    #expect(try cosigned.refreshed(by: newer).anchors == cosigned.anchors)
    #expect(try newer.refreshed(by: cosigned).checkpoint.checkpoint.size == 500)
    let other = try LogProof(
      scene.log.inclusionProof(of: ProofScene.index, in: 300), checkpoint: scene.checkpoint(300),
      extra: [1])
    #expect(throws: PeerChartError.self) {
      try old.refreshed(by: ProofBundle(log: scene.key.verifier, proof: other))
    }
  }
}
