import Primitives
import Testing
import TransparencyLog

/// Bounded fuzzing in process: what a parser accepts, it gives back unchanged; nothing traps.
struct ParserFuzzTests {
  @Test func mutatedProofsNeverTrapAndRoundTrip() throws {
    var random = SeededGenerator()
    let key = TestKey(seed: 5, name: "log.example")
    let log = MemoryLog(size: 40)
    let checkpoint = try Checkpoint(
      origin: key.name, size: 40, root: log.root(at: 40), extensionLines: ["extension"])
    let signed = try SignedCheckpoint(checkpoint, signedBy: [key.signer])
    let proof = try LogProof(log.inclusionProof(of: 17, in: 40), checkpoint: signed, extra: [9])
    let request = try AddCheckpointRequest(
      oldSize: 17, proof: log.consistencyProof(from: 17, to: 40).path, checkpoint: signed)
    let witness = try CosignatureVerifier(name: "w.example", publicKey: key.publicKey)
    let policy = try WitnessPolicy(
      logs: [.init(key: key.verifier, url: "https://log.example")],
      witnesses: [.init(name: "w", key: witness)], need: 1)
    let seeds = [signed.bytes, proof.bytes, request.bytes, Array(policy.text.utf8)]
    let words = [
      "\n", "\n\n", "\u{2014} ", "=", "index ", "extra ", "0", "9223372036854775807", "+", "A",
      "old ", "group ", " any ", "quorum none\n", "#",
    ]
    var accepted = 0
    for _ in 0..<40_000 {
      var input = seeds[Int.random(in: seeds.indices, using: &random)]
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        mutate(&input, words: words, using: &random)
      }
      if let parsed = try? SignedCheckpoint(parsing: input) {
        accepted += 1
        #expect(parsed.bytes == input, "seed \(random.seed)")
        #expect(parsed.checkpoint.text == parsed.note.text, "seed \(random.seed)")
      }
      if let parsed = try? LogProof(parsing: input) {
        accepted += 1
        #expect(parsed.bytes == input, "seed \(random.seed)")
        _ = parsed.inclusion.verifies(leafHash: .emptyTree, root: .emptyTree)
      }
      if let parsed = try? AddCheckpointRequest(parsing: input) {
        accepted += 1
        #expect(parsed.bytes == input, "seed \(random.seed)")
        _ = WitnessedLog(key: try key.verifier, latest: signed).decide(parsed)
      }
      if let parsed = try? WitnessPolicy(parsing: input) {
        accepted += 1
        let text = parsed.text
        #expect(try WitnessPolicy(parsing: Array(text.utf8)).text == text, "seed \(random.seed)")
      }
      _ = try? Tile(path: String(decoding: input.prefix(64), as: UTF8.self))
    }
    // The mutations stay close enough to the format to reach behind its first check.
    #expect(accepted > 1_000, "seed \(random.seed)")
  }

  private func mutate(
    _ input: inout [UInt8], words: [String], using random: inout SeededGenerator
  ) {
    let place = Int.random(in: 0...input.count, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0 where place < input.count: input[place] ^= 1 << Int.random(in: 0..<8, using: &random)
    case 1 where place < input.count: input[place] = UInt8(truncatingIfNeeded: random.next())
    case 2 where place < input.count: input.remove(at: place)
    case 3:
      let end = min(input.count, place + Int.random(in: 0..<40, using: &random))
      input.insert(
        contentsOf: input[place..<end], at: Int.random(in: 0...input.count, using: &random))
    default: input.insert(contentsOf: (words.randomElement(using: &random) ?? "").utf8, at: place)
    }
  }
}
