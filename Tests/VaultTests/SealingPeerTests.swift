import Crypto
import Foundation
import Primitives
import Testing
import Vault

/// The sealer and swift-crypto, put together by hand from docs/format/sealed-record.md, open each other's
/// bodies: whichever of the two a machine's processor lets the sealer use, the bytes are the same.
@Suite("Sealed records, by swift-crypto")
struct SealingPeerTests {
  private let secret = (0..<32).map { UInt8($0 &* 7) }
  private let recordKey = [UInt8](repeating: 0xAB, count: 16)

  private var key: DataKey {
    DataKey(slot: 3, generation: 9, secret: SecretBytes(copying: secret))
  }
  private var context: SealContext { SealContext(slot: 3, key: recordKey, version: 2) }
  /// Format 1 (nothing is compressed) and the generation.
  private let header: [UInt8] = [1, 0, 0, 0, 9]
  private var additional: [UInt8] {
    header + [1] + [0, 0, 0, 0, 0, 0, 0, 3] + [0, 0, 0, 0, 0, 0, 0, 2] + [16] + recordKey
  }

  @Test("open each other's bodies at every length")
  func bothWays() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SeededGenerator(seed: seed)
    let sealer = RecordSealer(random: SystemRandom())
    for size in Array(0...70) + [255, 256, 1000, 4095, 4096, 70_001] {
      let body = generator.bytes(size)
      let sealed = try sealer.seal(body, key: key, context: context)
      try #require(Array(sealed.prefix(5)) == header, "seed \(seed)")
      let opened = try AES.GCM.open(
        AES.GCM.SealedBox(combined: sealed.dropFirst(5)), using: SymmetricKey(data: secret),
        authenticating: additional)
      #expect(Array(opened) == body, "seed \(seed)")
      let box = try AES.GCM.seal(
        body, using: SymmetricKey(data: secret), authenticating: additional)
      let combined = try #require(box.combined)
      #expect(
        try sealer.open(header + Array(combined), key: key, context: context) == body,
        "seed \(seed)")
    }
  }
}
