import Primitives
import Testing
import TransparencyLog

struct LogProofTests {
  let log = MemoryLog(size: 777)
  let key = TestKey(seed: 3, name: "household.example/log")

  private func proof(of index: UInt64, in size: UInt64, extra: [UInt8]? = nil) throws -> LogProof {
    let checkpoint = try Checkpoint(origin: key.name, size: size, root: log.root(at: size))
    return try LogProof(
      log.inclusionProof(of: index, in: size),
      checkpoint: SignedCheckpoint(checkpoint, signedBy: [key.signer]), extra: extra)
  }

  @Test func roundTripsAndVerifies() throws {
    for (index, size) in [(0, 1), (0, 777), (776, 777), (255, 256), (300, 600)] {
      let index = UInt64(index)
      let size = UInt64(size)
      for extra in [nil, [1, 2, 3]] as [[UInt8]?] {
        let made = try proof(of: index, in: size, extra: extra)
        let parsed = try LogProof(parsing: made.bytes)
        #expect(parsed == made)
        #expect(parsed.bytes == made.bytes)
        let leaf = log.leaves[Int(index)]
        try parsed.verify(leafHash: leaf, logKey: key.verifier)
        #expect(throws: PeerChartError.self) {
          try parsed.verify(leafHash: .leaf([]), logKey: key.verifier)
        }
        if extra == nil {
          try parsed.verifyStrictly(leafHash: leaf, logKey: key.verifier)
        } else {
          #expect(throws: PeerChartError.self) {
            try parsed.verifyStrictly(leafHash: leaf, logKey: key.verifier)
          }
        }
      }
    }
  }

  @Test func theTextHasTheFormOfTheSpecification() throws {
    let made = try proof(of: 2, in: 4, extra: [0])
    let text = String(decoding: made.bytes, as: UTF8.self)
    let path = made.path.map { $0.base64 + "\n" }.joined()
    let head = "c2sp.org/tlog-proof@v1\nextra AA==\nindex 2\n\(path)\n\(key.name)\n4\n"
    #expect(text.hasPrefix(head))
    #expect(made.path == [log.leaves[3], Hash.node(log.leaves[0], log.leaves[1])])
  }

  @Test func everyFlippedBitFailsStrictVerification() throws {
    let bytes = try proof(of: 300, in: 777).bytes
    for position in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[position] ^= 1 << bit
        #expect(throws: PeerChartError.self, "byte \(position), bit \(bit)") {
          try LogProof(parsing: changed)
            .verifyStrictly(leafHash: log.leaves[300], logKey: key.verifier)
        }
      }
    }
  }

  @Test func malformedProofsAreRefused() throws {
    let good = String(decoding: try proof(of: 1, in: 3).bytes, as: UTF8.self)
    let hash = Hash.emptyTree.base64
    let changes: [(String, String)] = [
      ("tlog-proof@v1", "tlog-proof@v2"), ("index 1", "index 01"), ("index 1", "index -1"),
      ("index 1", "index  1"), ("index 1", "Index 1"), ("index 1\n", ""), ("index 1", "index "),
      ("index 1", "extra \nindex 1"), ("index 1", "extra A\nindex 1"),
      ("index 1", "index 1\nextra AA=="), ("index 1", "index 18446744073709551616"),
      ("index 1\n", "index 1\n" + String(repeating: hash + "\n", count: 64)),
      ("index 1\n", "index 1\n" + hash.dropLast() + "\n"), ("index 1\n", "index 1\r\n"),
    ]
    #expect(throws: Never.self) { try LogProof(parsing: Array(good.utf8)) }
    for (old, new) in changes {
      let bad = good.replacing(old, with: new)
      #expect(bad != good)
      #expect(throws: PeerChartError.self, "\(old) → \(new)") {
        try LogProof(parsing: Array(bad.utf8))
      }
    }
    for length in 0..<good.utf8.count {
      #expect(throws: PeerChartError.self, "cut at \(length)") {
        try LogProof(parsing: Array(good.utf8.prefix(length)))
      }
    }
    let long = [UInt8](repeating: 0x0a, count: LogProof.maximumLength + 1)
    #expect { try LogProof(parsing: long) } throws: { ($0 as? PeerChartError)?.code == .tooLarge }
  }

  @Test func aProofForAnotherSizeIsNotPutTogether() throws {
    let made = try proof(of: 1, in: 3)
    let inclusion = try log.inclusionProof(of: 1, in: 4)
    #expect(throws: PeerChartError.self) {
      try LogProof(inclusion, checkpoint: made.checkpoint)
    }
  }
}
