import Primitives
import Testing
import Vault

/// Under one key no nonce comes twice, and no record is sealed by another algorithm.
@Suite struct NonceTests {
  @Test func twentyThousandSealsHaveTwentyThousandNonces() throws {
    let sealer = RecordSealer(random: SystemRandom())
    let key = DataKey(
      slot: 1, generation: 2, secret: SecretBytes(copying: (0..<32).map { UInt8($0) }))
    let context = SealContext(slot: 1, key: [1, 2, 3], version: 1)
    let body = Array("made up".utf8)
    var nonces: Set<[UInt8]> = []
    var formats: Set<UInt8> = []
    for _ in 0..<20_000 {
      let sealed = try sealer.seal(body, key: key, context: context)
      formats.insert(sealed[0])
      // format ‖ key generation ‖ nonce ‖ ciphertext ‖ tag
      nonces.insert(Array(sealed[5..<17]))
    }
    #expect(nonces.count == 20_000)
    #expect(formats.isSubset(of: [1, 2, 3]))
  }

  /// The first byte says how a record is sealed; all ways are AES-256-GCM, and no other is opened.
  @Test func anotherFormatIsNotOpened() throws {
    let sealer = RecordSealer(random: SystemRandom())
    let key = DataKey(
      slot: 1, generation: 2, secret: SecretBytes(copying: (0..<32).map { UInt8($0) }))
    let context = SealContext(slot: 1, key: [1, 2, 3], version: 1)
    var sealed = try sealer.seal(Array("made up".utf8), key: key, context: context)
    let own = sealed[0]
    for format in UInt8(0)...255 where format != own {
      sealed[0] = format
      #expect(throws: PeerChartError.self) {
        try sealer.open(sealed, key: key, context: context)
      }
    }
  }
}
