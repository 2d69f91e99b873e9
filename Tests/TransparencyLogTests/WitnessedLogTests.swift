import Primitives
import Testing
import TransparencyLog

struct WitnessedLogTests {
  let scene = WitnessScene(size: 700)

  @Test func growthIsCosigned() throws {
    for (old, new) in [(nil, 0), (nil, 1), (nil, 700), (1, 700), (256, 512), (300, 301), (7, 7)]
      as [(UInt64?, UInt64)]
    {
      let decision = try scene.witness(at: old).decide(scene.request(from: old ?? 0, to: new))
      guard case .cosign(let signed) = decision else {
        Issue.record("from \(old ?? 0) to \(new): \(decision)")
        continue
      }
      #expect(signed == (try scene.signed(new)))
    }
  }

  /// What is kept bears the log's signature only, whatever else came with it.
  @Test func otherPeoplesLinesAreLeftOut() throws {
    let other = TestKey(seed: 9, name: "somebody.example")
    let request = try scene.request(from: 0, to: 5)
    let signer = try other.signer
    let more = request.checkpoint.adding([
      try signer.signature(for: Array(request.checkpoint.note.text.utf8))
    ])
    let decision = try scene.witness(at: nil).decide(
      AddCheckpointRequest(oldSize: 0, proof: [], checkpoint: more))
    guard case .cosign(let signed) = decision else {
      Issue.record("\(decision)")
      return
    }
    #expect(signed.note.signatures.count == 1)
  }

  @Test func unknownAndUnsignedAreRefused() throws {
    let stranger = TestKey(seed: 3, name: "stranger.example")
    let forged = TestKey(seed: 3, name: scene.key.name)
    for (key, answer) in [(stranger, WitnessAnswer.unknownLog), (forged, .notSigned)] {
      let checkpoint = try SignedCheckpoint(
        Checkpoint(origin: key.name, size: 1, root: .leaf([0])), signedBy: [key.signer])
      let request = try AddCheckpointRequest(oldSize: 0, proof: [], checkpoint: checkpoint)
      #expect(try scene.witness(at: nil).decide(request).refusal == answer)
    }
    // Signed by the right key, but for another text.
    let line = try scene.signed(3).note.signatures
    let resigned = try SignedCheckpoint(
      Checkpoint(origin: scene.key.name, size: 4, root: scene.log.root(at: 4)),
      signedBy: [stranger.signer]
    ).adding(line)
    let request = try AddCheckpointRequest(oldSize: 3, proof: [], checkpoint: resigned)
    #expect(try scene.witness(at: 3).decide(request).refusal == .notSigned)
  }

  @Test func sizesThatDoNotFitAreRefused() throws {
    #expect(
      try scene.witness(at: 9).decide(
        AddCheckpointRequest(oldSize: 9, proof: [], checkpoint: scene.signed(8))
      ).refusal == .malformed)
    for (seen, old, new) in [(100, 50, 200), (100, 0, 200), (100, 100, 200)]
      as [(UInt64, UInt64, UInt64)]
    {
      let decision = try scene.witness(at: seen).decide(scene.request(from: old, to: new))
      #expect(decision.refusal == (old == seen ? nil : .stale(size: seen)))
      #expect(decision.doubt == nil)
    }
    #expect(
      try scene.witness(at: nil).decide(scene.request(from: 5, to: 10)).refusal == .stale(size: 0))
  }

  /// An old checkpoint, sent once more, makes the witness look; it is no evidence.
  @Test func aReplayedCheckpointIsNoEvidence() throws {
    let decision = try scene.witness(at: 100).decide(scene.request(from: 50, to: 60))
    #expect(decision.refusal == .stale(size: 100))
    #expect(decision.doubt == .unconnected(try scene.signed(60)))
    // The newest one, sent once more, is nothing at all.
    #expect(try scene.witness(at: 100).decide(scene.request(from: 50, to: 100)).doubt == nil)
  }

  @Test func anotherRootAtOneSizeIsEvidence() throws {
    let fork = scene.fork(at: 90, growingTo: 100)
    for old in [90, 100] as [UInt64] {
      let request = try AddCheckpointRequest(
        oldSize: old, proof: [], checkpoint: fork.signed(100))
      let decision = try scene.witness(at: 100).decide(request)
      #expect(decision.refusal == .stale(size: 100))
      #expect(decision.proven?.isProven(by: try scene.verifier) == true)
    }
  }

  /// A log that was put back and went on proves its own fork, for all sizes but complete trees, whose root the
  /// proof does not hold.
  @Test func aForkProvesItself() throws {
    var random = SeededGenerator()
    for _ in 0..<200 {
      let back = Int.random(in: 1..<300, using: &random)
      let seen = UInt64(Int.random(in: back + 1...400, using: &random))
      let end = Int(seen) + Int.random(in: 1...200, using: &random)
      let fork = scene.fork(at: back, growingTo: end)
      let request = try fork.request(from: seen, to: UInt64(end))
      let decision = try scene.witness(at: seen).decide(request)
      let place = "back to \(back), seen \(seen), then \(end), seed \(random.seed)"
      #expect(decision.refusal == .unproven, "\(place)")
      if seen.nonzeroBitCount == 1 {
        #expect(decision.doubt == .unconnected(try fork.signed(UInt64(end))), "\(place)")
      } else {
        let view = try #require(decision.proven, "\(place)")
        #expect(view.isProven(by: try scene.verifier), "\(place)")
        let json = try JSON.encode(view)
        #expect(try JSON.decode(SplitView.self, json) == view)
      }
    }
  }

  /// Nobody can make evidence against a log that kept to its rules.
  @Test func garbageIsNoEvidence() throws {
    var random = SeededGenerator()
    for _ in 0..<2000 {
      let seen = UInt64.random(in: 1..<600, using: &random)
      let new = UInt64.random(in: seen + 1...700, using: &random)
      var proof = try scene.log.consistencyProof(from: seen, to: new).path
      switch Int.random(in: 0..<5, using: &random) {
      case 0: proof.removeLast()
      case 1: proof.append(.emptyTree)
      case 2: proof.swapAt(0, proof.count - 1)
      case 3: proof[Int.random(in: proof.indices, using: &random)] = .emptyTree
      default: proof.insert(try scene.log.root(at: seen), at: 0)
      }
      let request = try AddCheckpointRequest(
        oldSize: seen, proof: proof, checkpoint: scene.signed(new))
      let decision = try scene.witness(at: seen).decide(request)
      #expect(decision.proven == nil, "seed \(random.seed)")
      #expect(
        decision.refusal == .unproven || proof.count == 1 && decision.refusal == nil,
        "seed \(random.seed)")
    }
  }

  @Test func aProofForAnotherSizeIsRefused() throws {
    var random = SeededGenerator()
    for _ in 0..<300 {
      let seen = UInt64.random(in: 1..<500, using: &random)
      let new = UInt64.random(in: seen + 1...700, using: &random)
      let other = UInt64.random(in: 1..<new, using: &random)
      let proof = try scene.log.consistencyProof(from: other, to: new).path
      guard proof != (try scene.log.consistencyProof(from: seen, to: new).path) else { continue }
      let request = try AddCheckpointRequest(
        oldSize: seen, proof: proof, checkpoint: scene.signed(new))
      #expect(
        try scene.witness(at: seen).decide(request).refusal == .unproven, "seed \(random.seed)")
    }
    // Growth from nothing takes no proof, and an empty log has one root.
    let request = try AddCheckpointRequest(
      oldSize: 0, proof: [.emptyTree], checkpoint: scene.signed(5))
    #expect(try scene.witness(at: nil).decide(request).refusal == .unproven)
    let empty = try SignedCheckpoint(
      Checkpoint(origin: scene.key.name, size: 0, root: .leaf([])), signedBy: [scene.key.signer])
    #expect(
      try scene.witness(at: nil).decide(
        AddCheckpointRequest(oldSize: 0, proof: [], checkpoint: empty)
      ).refusal == .unproven)
  }

  @Test func evidenceThatDoesNotHoldIsNotProven() throws {
    let fork = scene.fork(at: 90, growingTo: 200)
    let verifier = try scene.verifier
    let proof = try fork.log.consistencyProof(from: 100, to: 200).path
    let good = try SplitView(
      scene.signed(100), fork.signed(200), otherRoot: fork.log.root(at: 100), proof: proof)
    #expect(good.isProven(by: verifier))
    let bad = [
      try SplitView(scene.signed(100), scene.signed(100)),
      try SplitView(scene.signed(100), scene.signed(200)),
      try SplitView(scene.signed(100), fork.signed(200)),
      try SplitView(
        scene.signed(100), fork.signed(200), otherRoot: scene.log.root(at: 100), proof: proof),
      try SplitView(
        scene.signed(100), fork.signed(200), otherRoot: .emptyTree, proof: proof),
      try SplitView(
        scene.signed(101), fork.signed(200), otherRoot: fork.log.root(at: 100), proof: proof),
    ]
    for view in bad { #expect(!view.isProven(by: verifier)) }
    let stranger = try TestKey(seed: 3, name: scene.key.name).verifier
    #expect(!good.isProven(by: stranger))
  }
}
