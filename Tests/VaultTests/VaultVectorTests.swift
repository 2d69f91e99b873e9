import Primitives
import Testing
import Vault

/// Answers computed from docs/format/sealed-record.md by another program and another AES, HMAC, HKDF
/// and zstd. The root is 00 01 … 1F; the master key and its nonce are CountingRandom's calls 0 and 1.
@Suite("Vectors of the vault's formats")
struct VaultVectorTests {
  let hierarchy: KeyHierarchy
  let row: NodeKeyRow
  let ring: NodeKeyring
  let place = SealContext(purpose: .item, slot: 0, key: Array("peer/example".utf8), version: 7)

  init() throws {
    let files = CrashingFiles()
    files["/k"] = checked([
      "peerchart root key, version 1", "generation 1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    ])
    let random = CountingRandom()
    hierarchy = KeyHierarchy(
      provider: try FileKeyProvider(path: "/k", random: random, files: files), random: random)
    row = try hierarchy.makeNodeKey(rootGeneration: 1)
    ring = try hierarchy.nodeKeys(row)
  }

  @Test("a wrapped key")
  func wrapped() throws {
    let expected = hex(
      "0100000001101112131415161718191a1b7dff9a154dcc3cb4c27c02160374675c"
        + "c7415c1d0fd741a6ffe0f87c42494ac4db7c768dfadc209c9e37e4bf132c488c")
    #expect(row.wrapped.encoded == expected)
    let read = NodeKeyRow(wrapped: try WrappedKey(encoded: expected))
    #expect(try hierarchy.nodeKeys(read).blindIndex.token("a") == ring.blindIndex.token("a"))
  }

  @Test("a stored body, written and read")
  func stored() throws {
    let expected = hex(
      "0100000001000102030405060708090a0b00d541ce4c0b0c91176eb202f3e207ba800de4f2708b55731996d230b24561"
    )
    let sealer = RecordSealer(random: CountingRandom())
    let key = ring.sealingKey(.items)
    let body = Array("made-up content".utf8)
    #expect(try sealer.seal(body, key: key, context: place) == expected)
    #expect(try sealer.open(expected, key: key, context: place) == body)
  }

  @Test("a compressed body, read")
  func compressed() throws {
    let sealed = hex(
      "0200000001000102030405060708090a0b45010a5601767dbc75010c0db4fe16e062af0c18304b0fe9a6bb7052481edb"
        + "1feb458b16fb20ff9a173a7ee86f519c33d1cb985e6928da41335429")
    let opened = try RecordSealer(random: CountingRandom())
      .open(sealed, key: ring.sealingKey(.items), context: place)
    #expect(opened == Array(String(repeating: #"{"resourceType":"Patient"}"#, count: 20).utf8))
  }

  @Test(
    "compressed bodies that the holder of the key made wrong: no size, two frames, a size of 1 GiB",
    arguments: [
      "0200000001000102030405060708090a0b45010a56612671b074d1a754e4e900fc78a81d1e016606fce1a36820790bc6"
        + "13e05fdd49872151839ac74d1ca78fc51559ffa2a313b76c36b195",
      "0200000001000102030405060708090a0b45010a5601767dbc75010c0db4fe16e062af0c18304b0fe9a6bb7052481edb"
        + "1feb458b16fb20ff9a173a7ec43a6b5fc9a5a3522815f7c4972a3e5348cf53c8bc9795ac6a2a9b10c27b7e2f20d386"
        + "ccb1a7003fbf9a27457bb4bd9b52dbe02f4ff0e9bb32fff5",
      "0200000001000102030405060708090a0b45010a56817e7cb13401dc76968f73939f09cad001cdae5d032b459577b3df66",
    ])
  func badFrames(text: String) {
    #expect(
      errorCode {
        _ = try RecordSealer(random: CountingRandom())
          .open(hex(text), key: ring.sealingKey(.items), context: place)
      } == .integrity)
  }

  @Test("tokens, record keys and chart tags")
  func blindIndex() {
    let index = ring.blindIndex
    #expect(
      index.token("Observation", "code", "http://loinc.org|8480-6") == 0xa102_5c19_e03f_1489)
    #expect(
      index.recordKey(type: "Patient", id: "example") == hex("c6ea2296a5fb752d0ec42ae8c61c0919"))
    #expect(index.chartTag(patientID: "example") == hex("f021e72f1981ec569636f785ff929e07"))
  }
}
