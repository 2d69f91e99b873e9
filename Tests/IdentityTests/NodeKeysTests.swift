import Crypto
import Identity
import Primitives
import Testing

@Suite("A node's keys")
struct NodeKeysTests {
  @Test("survive being sealed, and every other form is refused")
  func serialization() throws {
    let keys = try NodeKeys(random: SystemRandom())
    let bytes = keys.withSerialized { Array($0) }
    let again = try NodeKeys(serialized: bytes)
    #expect(again.node == keys.node)
    #expect(again.withSerialized { $0 == bytes })
    #expect(again.authority.rawRepresentation == keys.authority.rawRepresentation)
    #expect(again.leaf.rawRepresentation == keys.leaf.rawRepresentation)
    for end in 0..<bytes.count {
      #expect(errorCode { _ = try NodeKeys(serialized: Array(bytes[..<end])) } == .malformed)
    }
    #expect(errorCode { _ = try NodeKeys(serialized: bytes + [0]) } == .malformed)
    for place in 0..<23 {
      var changed = bytes
      changed[place] ^= 1
      #expect(errorCode { _ = try NodeKeys(serialized: changed) } == .malformed)
    }
    // A scalar of zero, and one beyond the order of the group.
    for byte in [UInt8(0), 0xFF] {
      let changed = Array(bytes.dropLast(32)) + [UInt8](repeating: byte, count: 32)
      #expect(errorCode { _ = try NodeKeys(serialized: changed) } == .malformed)
    }
  }

  @Test("are made of the given randomness alone, or not at all")
  func determinism() throws {
    #expect(
      try NodeKeys(random: SeededRandom(seed: 1)).node
        == NodeKeys(random: SeededRandom(seed: 1)).node)
    #expect(
      try NodeKeys(random: SeededRandom(seed: 1)).node
        != NodeKeys(random: SeededRandom(seed: 2)).node)
    struct Broken: RandomSource {
      func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 0xFF, count: count) }
    }
    #expect(errorCode { _ = try NodeKeys(random: Broken()) } == .invalid)
  }

  @Test("sign what their public half verifies, and are never printed")
  func signing() throws {
    let keys = try NodeKeys(random: SystemRandom())
    let signature = try keys.sign([1, 2, 3])
    #expect(keys.publicKeys.verifies(signature, for: [1, 2, 3]))
    #expect(!keys.publicKeys.verifies(signature, for: [1, 2, 4]))
    #expect(!keys.publicKeys.verifies(Array(signature.dropLast()), for: [1, 2, 3]))
    var dumped = ""
    dump(keys, to: &dumped)
    #expect("\(keys)" == "keys of \(keys.node.fingerprint)")
    #expect(!dumped.contains("rivateKey"))
    #expect("\(keys.leafKeyPEM)" == "<redacted>")
  }

  @Test("a signing key under which one signature fits every text is refused")
  func smallOrder() throws {
    let keys = try NodeKeys(random: SystemRandom())
    let sealing = keys.publicKeys.sealingBytes
    let identity = [UInt8(1)] + [UInt8](repeating: 0, count: 31)
    // The attack is real: with S = 0 and R the neutral point, anything verifies.
    let forged = identity + [UInt8](repeating: 0, count: 32)
    let library = try Curve25519.Signing.PublicKey(rawRepresentation: identity)
    #expect(library.isValidSignature(forged, for: Array("anything".utf8)))
    for text in [
      "0100000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000080",
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0000000000000000000000000000000000000000000000000000000000000080",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
      let key = try #require(Hex.decode(text))
      #expect(errorCode { _ = try NodePublicKeys(signing: key, sealing: sealing) } == .malformed)
    }
    #expect(
      errorCode {
        _ = try NodePublicKeys(
          signing: keys.publicKeys.signingBytes, sealing: Array(sealing.dropLast()))
      } == .malformed)
    #expect(
      try NodePublicKeys(signing: keys.publicKeys.signingBytes, sealing: sealing).node == keys.node)
  }

  @Test("names that deceive the eye are refused")
  func names() {
    for good in ["A", "Familie Müller", "St. John’s Hospital", "می‌خواهم", "東京病院", "O'Neil & Sons"] {
      #expect(NodeName(good)?.text == good)
    }
    for bad in [
      "", " A", "A ", "A\n", "A\u{1B}[2J", "A\u{202E}B", "A\u{2066}B", "A\u{FEFF}", "A\u{E000}",
      "A\u{2028}B", "A\u{0}", "\u{200B}A", String(repeating: "x", count: 65),
    ] { #expect(NodeName(bad) == nil, "\(bad.unicodeScalars.map(\.value))") }
    #expect(NodeName(String(repeating: "x", count: 64)) != nil)
    #expect(NodeName("é") != NodeName("e\u{301}"))
  }
}
