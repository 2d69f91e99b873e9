import Foundation
import Primitives
import Testing
import TransparencyLog

struct ProofBundleTests {
  private let scene = ProofScene()

  private func code(_ text: String) -> PeerChartError.Code? {
    code(Array(text.utf8))
  }

  private func code(_ bytes: [UInt8]) -> PeerChartError.Code? {
    do { _ = try ProofBundle(parsing: bytes) } catch { return error.code }
    return nil
  }

  private func text(_ bundle: ProofBundle) -> String {
    String(decoding: bundle.bytes, as: UTF8.self)
  }

  @Test func whatIsWrittenIsReadAndChecked() async throws {
    var random = SeededGenerator()
    for _ in 0..<60 {
      let anchors = try (0..<Int.random(in: 0...5, using: &random)).map { _ in
        let size = UInt64.random(in: 124...520, using: &random)
        return Bool.random(using: &random)
          ? try scene.chain(size, block: .random(in: 1...9, using: &random))
          : try scene.calendar(size, height: .random(in: 1...9, using: &random))
      }
      let cosigners = [0, 1, 2].filter { _ in Bool.random(using: &random) }
      let made = try scene.bundle(
        .random(in: 124...524, using: &random), cosigners: cosigners.shuffled(using: &random),
        claimed: (cosigners + cosigners).shuffled(using: &random),
        anchors: anchors.shuffled(using: &random))
      let read = try ProofBundle(parsing: made.bytes)
      #expect(read == made && read.bytes == made.bytes, "seed \(random.seed)")
      #expect(read.entry == scene.entry && read.index == ProofScene.index)
      #expect(read.anchors.count <= anchors.count && read.witnesses.count == cosigners.count)
      let report = try await scene.report(read)
      #expect(report.isSigned && report.isIncluded && report.logKey == .known)
      #expect(report.vouchers.count == cosigners.count, "seed \(random.seed)")
      #expect(report.anchors.allSatisfy { $0.state == .unknown }, "seed \(random.seed)")
      #expect(!report.showsTwoHistories)
    }
  }

  /// Every byte counts: one that is changed is refused, or noticed by somebody who knows the keys.
  @Test func aFlippedBitIsNoticed() async throws {
    let bundle = try scene.bundle(anchors: [scene.chain(300), scene.calendar(200)])
    let bytes = bundle.bytes
    let trust = ProofTrust(
      logs: [try scene.key.verifier], witnesses: try scene.witnesses([0, 2]))
    // What nothing here can check: where on a chain it is, and what a calendar promises.
    let text = text(bundle)
    let open = try ["\nchain eip155", "\nots "].map {
      let start = try #require(text.range(of: $0)).lowerBound
      let end = try #require(text[start...].range(of: "\n\n")).lowerBound
      return text.utf8.distance(
        from: text.startIndex, to: start)..<text.utf8.distance(
          from: text.startIndex, to: end)
    }
    var parsed = 0
    for place in bytes.indices where !open.contains(where: { $0.contains(place) }) {
      var other = bytes
      other[place] ^= 1
      guard let read = try? ProofBundle(parsing: other) else { continue }
      parsed += 1
      let report = await read.report(leafHash: Hash.leaf(read.entry), trust: trust, now: scene.now)
      let isWhole =
        report.isSigned && report.isIncluded && report.logKey == .known
        && report.vouchers.count(where: \.isKnown) == 2
        && report.anchors.allSatisfy { $0.state != .fails }
        && !report.witnesses.contains(where: \.isFalse)
      #expect(!isWhole, "byte \(place)")
    }
    #expect(parsed > 100)
  }

  @Test func otherFormsAreRefused() throws {
    let bundle = try scene.bundle(
      anchors: [scene.chain(300), scene.calendar(300), scene.calendar(200)])
    let good = text(bundle)
    let blocks = good.dropLast().split(separator: "\n\n", omittingEmptySubsequences: false)
    #expect(blocks.count == 16)
    func joined(_ blocks: [Substring]) -> String { blocks.joined(separator: "\n\n") + "\n" }
    func parts(_ order: [Int]) -> String {
      joined(order.flatMap { blocks[$0 * 4..<$0 * 4 + 4] })
    }
    #expect(parts([0, 1, 2, 3]) == good && code(good) == nil)
    for order in [[0, 2, 1, 3], [0, 1, 3, 2], [0, 1, 1, 2, 3], [1, 0], [0, 0], [1]] {
      #expect(code(parts(order)) == .malformed, "\(order)")
    }
    let witnessLines = bundle.witnesses.map { "witness \($0.verifierKey)\n" }
    for (old, new) in [
      ("\n", "\r\n"), ("\n\n", "\n"), ("\n\n", "\n\n\n"), ("log peer", "log  peer"),
      ("anchor chain", "anchor fax"), ("registry 0x", "registry 0X"), ("block 5", "block 05"),
      ("block 5", "block 281474976710656"), ("eip155:1337", "eip155:01337"),
      ("block 5\n", "block 5\nblock 5\n"), ("block 5\n", ""), ("ots ", "ots ="), ("ots ", "tsr "),
      ("anchor calendar\n", "anchor calendar\nots AA==\n"),
      ("extra ", "extra A"), (witnessLines[0], witnessLines[0] + witnessLines[0]),
      (witnessLines.joined(), witnessLines.reversed().joined()),
      ("peerchart/household\n500", "peerchart/hospital\n500"),
    ] as [(String, String)] where good.contains(old) {
      #expect(code(good.replacingOccurrences(of: old, with: new)) == .malformed, "\(old) \(new)")
    }
    #expect(
      code(good.replacingOccurrences(of: "proof/v1", with: "proof/v2"))?.rawValue
        == "unsupported-version")
    // Of one part only: then it is another entry's.
    let index = try #require(good.range(of: "index 123"))
    #expect(code(good.replacingCharacters(in: index, with: "index 124")) == .malformed)
    #expect(code(good + "\n") == .malformed && code(String(good.dropLast())) == .malformed)
    #expect(code("") == .malformed && code("peerchart.proof/v1\n") == .malformed)
    for length in stride(from: 1, to: good.utf8.count, by: 7) {
      // Between two anchors it is a shorter proof that is good.
      let start = Array(good.utf8.prefix(length))
      if let read = try? ProofBundle(parsing: start) { #expect(read.anchors.count < 3) }
    }
  }

  @Test func boundsHold() throws {
    let huge = [UInt8](repeating: 0x41, count: ProofBundle.maximumLength + 1)
    #expect(code(huge) == .tooLarge)
    let many = try (0..<17).map { try scene.chain(200 + UInt64($0)) }
    #expect(throws: PeerChartError.self) { try scene.bundle(anchors: many) }
    let most = try scene.bundle(anchors: Array(many.prefix(16)))
    let extra = text(try scene.bundle(anchors: [many[16]])).components(separatedBy: "\nanchor")[1]
    #expect(code(text(most) + "\nanchor" + extra) == .malformed)
    // The largest entry has room.
    let entry = [UInt8](repeating: 9, count: LogProof.maximumExtra)
    let proof = try LogProof(
      scene.log.inclusionProof(of: ProofScene.index, in: 500), checkpoint: scene.checkpoint(500),
      extra: entry)
    let large = try ProofBundle(log: scene.key.verifier, proof: proof)
    #expect(try ProofBundle(parsing: large.bytes).entry == entry)
    #expect(throws: PeerChartError.self) { try large.fitting(ProofBundle.maximumSectionLength) }
    // What has no room goes, the newest first.
    let fitted = try most.fitting(most.bytes.count - 1)
    #expect(fitted.anchors == Array(most.anchors.dropLast()))
    #expect(try most.fitting(most.bytes.count) == most)
  }

  @Test func partsOfOtherProofsAreRefused() throws {
    let other = WitnessScene(size: 600)
    let foreign = try LogProof(
      other.log.inclusionProof(of: ProofScene.index, in: 500), checkpoint: other.signed(500))
    #expect(throws: PeerChartError.self) {
      try scene.bundle(anchors: [ProofAnchor(.calendar([1]), proof: foreign)])
    }
    let neighbour = try LogProof(
      scene.log.inclusionProof(of: ProofScene.index + 1, in: 500), checkpoint: scene.checkpoint(500)
    )
    #expect(throws: PeerChartError.self) {
      try scene.bundle(anchors: [ProofAnchor(.calendar([1]), proof: neighbour)])
    }
    #expect(throws: PeerChartError.self) {
      try ProofBundle(log: scene.key.verifier, proof: scene.proof(500))
    }
    #expect(throws: PeerChartError.self) {
      try ProofAnchor(.calendar([1]), proof: scene.proof(500, extra: true))
    }
    #expect(throws: PeerChartError.self) { try ProofAnchor(.calendar([]), proof: scene.proof(500)) }
  }

  /// Bounded fuzzing in process: what the parser accepts it gives back unchanged; nothing traps.
  @Test func mutatedBundlesNeverTrap() async throws {
    var random = SeededGenerator()
    let seeds = try [
      scene.bundle(anchors: [scene.chain(300), scene.calendar(200)]).bytes,
      scene.bundle(124, cosigners: [], claimed: []).bytes,
    ]
    let words = ["\n", "\n\n", "\nanchor chain\n", "witness ", "0x", "=", "A", "0"]
    var accepted = 0
    for _ in 0..<8_000 {
      var input = seeds[Int.random(in: seeds.indices, using: &random)]
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let place = Int.random(in: 0..<input.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: input[place] ^= 1 << Int.random(in: 0..<8, using: &random)
        case 1: input.remove(at: place)
        case 2:
          input.insert(contentsOf: (words.randomElement(using: &random) ?? "").utf8, at: place)
        default:
          let end = min(input.count, place + Int.random(in: 0..<400, using: &random))
          input.replaceSubrange(place..<end, with: input[place..<end].reversed())
        }
      }
      guard let read = try? ProofBundle(parsing: input) else { continue }
      accepted += 1
      #expect(read.bytes == input, "seed \(random.seed)")
      _ = try await scene.report(read)
    }
    #expect(accepted > 80, "seed \(random.seed)")
  }
}
