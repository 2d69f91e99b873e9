import Crypto
import Primitives
import Testing
import TransparencyLog

struct CheckpointTests {
  let key = TestKey(seed: 7, name: "hospital.example/log")
  let witness = TestKey(seed: 8, name: "witness.example")
  let other = TestKey(seed: 9, name: "other.example")

  private func signed(_ signers: [TestKey], extensionLines: [String] = []) throws
    -> SignedCheckpoint
  {
    let checkpoint = try Checkpoint(
      origin: key.name, size: 20_852_163, root: .leaf([1]), extensionLines: extensionLines)
    return try SignedCheckpoint(checkpoint, signedBy: signers.map { try $0.signer })
  }

  @Test func roundTrips() throws {
    for lines in [[], ["one"], ["— looks like a signature AAAAAA==", " "]] {
      let made = try signed([key, witness], extensionLines: lines)
      let parsed = try SignedCheckpoint(parsing: made.bytes)
      #expect(parsed == made)
      #expect(parsed.bytes == made.bytes)
      try parsed.verify(by: key.verifier)
      try parsed.verifyStrictly(by: key.verifier, witnesses: [witness.verifier])
    }
  }

  /// The example key and checkpoint printed in C2SP tlog-checkpoint keep their bytes.
  @Test func theExampleOfTheSpecificationParses() throws {
    let text = """
      example.com/behind-the-sofa
      20852163
      CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

      — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=

      """
    let parsed = try SignedCheckpoint(parsing: Array(text.utf8))
    #expect(parsed.checkpoint.size == 20_852_163)
    #expect(parsed.note.signatures.map(\.keyID) == [0x033d_e0ae])
    #expect(parsed.bytes == Array(text.utf8))
  }

  @Test func unknownLinesPassOnlyWhereTheyMay() throws {
    let made = try signed([key, other])
    try made.verify(by: key.verifier)
    #expect(throws: PeerChartError.self) { try made.verifyStrictly(by: key.verifier) }
    // Known key, bad signature: refused in both ways, though another line is good.
    let good = made.note.signatures[0]
    let bad = NoteSignature(
      keyName: other.name, keyID: try other.signer.keyID, signature: good.signature)
    let note = try signed([key]).note.adding([bad])
    #expect(throws: PeerChartError.self) {
      try note.verify(by: [try key.verifier, try other.verifier])
    }
    try note.verify(by: [try key.verifier])
    #expect(throws: PeerChartError.self) { try note.verify(by: []) }
    #expect(throws: PeerChartError.self) { try note.verify(by: [try witness.verifier]) }
    let twice = try signed([key]).note.adding([good])
    #expect(throws: PeerChartError.self) { try twice.verifyStrictly(by: [try key.verifier]) }
  }

  @Test func anotherLogsCheckpointIsRefused() throws {
    let made = try signed([other])
    #expect(throws: PeerChartError.self) { try made.verify(by: other.verifier) }
    #expect(throws: PeerChartError.self) {
      try signed([witness]).verifyStrictly(by: key.verifier, witnesses: [witness.verifier])
    }
  }

  @Test func everyFlippedBitFailsStrictVerification() throws {
    let bytes = try signed([key, witness]).bytes
    for position in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[position] ^= 1 << bit
        #expect(throws: PeerChartError.self, "byte \(position), bit \(bit)") {
          try SignedCheckpoint(parsing: changed)
            .verifyStrictly(by: key.verifier, witnesses: [witness.verifier])
        }
      }
    }
  }

  @Test(arguments: [
    "", "\n", "a", "a\n", "a\n1\nR\n", "a\n1\nR\n\n", "a\n1\nR\n\n\n", "a\n1\nR\n— k AAAAAAA=\n",
    "a\n01\nR\n\nS\n", "a\n-1\nR\n\nS\n", "a\n\nR\n\nS\n", "a\n9223372036854775808\nR\n\nS\n",
    "a\n18446744073709551616\nR\n\nS\n", "a\n1\nR=\n\nS\n", "a\n1\nr\n\nS\n", "\n1\nR\n\nS\n",
    "a\n1\nR\n\nS", "a\n1\nR\n\nS\nx", "a\n1\nR\n\nS\nS", "a\n1\nR\n\nS\n\n", "a\n1\nR\n\n S\n",
    "a\n1\nR\n\n— k\n", "a\n1\nR\n\n— k AAAAAA==\n", "a\n1\nR\n\n— k AAAAAAA\n",
    "a\n1\nR\n\n— k AAAAAAB=\n", "a\n1\nR\n\n— k+1 AAAAAAA=\n", "a\n1\nR\n\n—  AAAAAAA=\n",
    "a\n1\nR\n\n— k\u{a0}k AAAAAAA=\n", "a\n1\nR\n\n- k AAAAAAA=\n", "a\n1\nR\n\nS\r\n",
    "a\r\n1\nR\n\nS\n", "a\u{0}\n1\nR\n\nS\n", "a\n1\nR\n\n\nS\n", "a\n1\nR\n\nx\n\nS\n",
    "a\n1\nR\n\n— k AAAAAAA= \n", "a\n1\nR\n\n— k  AAAAAAA=\n",
  ])
  func malformedCheckpointsAreRefused(template: String) {
    let root = Hash.emptyTree.base64
    let text = template.replacing("R", with: root)
      .replacing("S", with: "— k AAAAAAA=").replacing("r", with: String(root.dropLast(4)))
    #expect(throws: PeerChartError.self) { try SignedCheckpoint(parsing: Array(text.utf8)) }
  }

  @Test func theTemplateOfTheTestAboveIsGoodItself() throws {
    let text = "a\n1\n\(Hash.emptyTree.base64)\n\n— k AAAAAAA=\n"
    #expect(try SignedCheckpoint(parsing: Array(text.utf8)).checkpoint.size == 1)
  }

  @Test func boundsHold() throws {
    let long = [UInt8](repeating: 0x61, count: SignedNote.maximumLength + 1)
    #expect { try SignedNote(parsing: long) } throws: { ($0 as? PeerChartError)?.code == .tooLarge }
    let line = "— k AAAAAAA=\n"
    func note(_ count: Int) -> [UInt8] {
      Array(("text\n\n" + String(repeating: line, count: count)).utf8)
    }
    #expect(try SignedNote(parsing: note(16)).signatures.count == 16)
    #expect(throws: PeerChartError.self) {
      try SignedNote(parsing: note(SignedNote.maximumSignatures + 1))
    }
    #expect(throws: PeerChartError.self) { try SignedNote(parsing: [0xff, 0x0a, 0x0a]) }
    for origin in ["", "a\nb", "a\tb"] {
      #expect(throws: PeerChartError.self) {
        try Checkpoint(origin: origin, size: 1, root: .emptyTree)
      }
    }
    #expect(throws: PeerChartError.self) {
      try Checkpoint(origin: "a", size: .max, root: .emptyTree)
    }
    #expect(throws: PeerChartError.self) {
      try Checkpoint(origin: "a", size: 1, root: .emptyTree, extensionLines: [""])
    }
    for name in ["", "a b", "a+b", "a\u{2003}b", "a\nb", String(repeating: "a", count: 257)] {
      #expect(throws: PeerChartError.self) {
        try Ed25519NoteVerifier(name: name, publicKey: TestKey(seed: 1, name: "a").publicKey)
      }
    }
  }

  @Test(arguments: [
    "", "a", "a+b", "a+33d7b496+", "a+00000000+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
    "example.com/log/testdata+33D7B496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
    "example.com/log/testdata+33d7b496+AuHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx ",
  ])
  func malformedVerifierKeysAreRefused(text: String) {
    #expect(throws: PeerChartError.self) { try Ed25519NoteVerifier(verifierKey: text) }
  }
}

/// An Ed25519 key made from a number.
struct TestKey {
  let name: String
  let privateKey: Curve25519.Signing.PrivateKey
  var publicKey: Curve25519.Signing.PublicKey { privateKey.publicKey }

  init(seed: UInt8, name: String) {
    self.name = name
    let bytes = [UInt8](repeating: seed, count: 32)
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes) else {
      fatalError("32 bytes are always an Ed25519 key")
    }
    privateKey = key
  }

  var signer: NoteSigner { get throws { try NoteSigner(name: name, privateKey: privateKey) } }
  var verifier: Ed25519NoteVerifier {
    get throws { try Ed25519NoteVerifier(name: name, publicKey: publicKey) }
  }
}
