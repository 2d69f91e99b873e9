import Primitives
import Testing
import Vault

@Suite("Sealed records")
struct SealingTests {
  let sealer = RecordSealer(random: SystemRandom())
  let key = DataKey(
    slot: 3, generation: 9, secret: SecretBytes(copying: (0..<32).map { UInt8($0) }))
  let context = SealContext(slot: 3, key: Array(repeating: 0xAB, count: 16), version: 2)

  private var compressible: [UInt8] {
    Array(
      String(repeating: #"{"resourceType":"Observation","valueQuantity":1.10}"#, count: 20).utf8)
  }

  @Test("come back to the bit, at every size around the limits of compression")
  func roundTrip() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SeededGenerator(seed: seed)
    for size in Array(0...80) + [127, 128, 1000, 1500, 65_535, 65_536, 70_001, 1 << 20, 3 << 20] {
      let noise = generator.bytes(size)
      let text = Array(repeating: UInt8(0x61), count: size)
      for body in [noise, text] {
        let sealed = try sealer.seal(body, key: key, context: context)
        #expect(sealed.count <= body.count + RecordSealer.overhead, "seed \(seed)")
        #expect(try sealer.open(sealed, key: key, context: context) == body, "seed \(seed)")
        #expect(try RecordSealer.keyGeneration(of: sealed) == 9)
      }
      if size > 40 {
        let sealed = try sealer.seal(text, key: key, context: context)
        #expect(sealed.count < size + RecordSealer.overhead)
        // Up to 64 KiB the dictionary helps.
        #expect(sealed[0] == (size <= 65_536 ? 3 : 2))
      }
    }
  }

  @Test("two seals of the same body differ")
  func fresh() throws {
    let a = try sealer.seal(compressible, key: key, context: context)
    let b = try sealer.seal(compressible, key: key, context: context)
    #expect(a != b)
  }

  @Test("no changed, missing or additional byte opens")
  func flipped() throws {
    for body in [compressible, Array("short".utf8), []] {
      let sealed = try sealer.seal(body, key: key, context: context)
      for (place, bytes) in flips(of: sealed) {
        let code = errorCode { _ = try sealer.open(bytes, key: key, context: context) }
        #expect(code == .integrity || (place == 0 && code == .unsupportedVersion), "byte \(place)")
      }
      for end in 0..<sealed.count {
        let cut = Array(sealed[..<end])
        #expect(errorCode { _ = try sealer.open(cut, key: key, context: context) } == .integrity)
      }
      #expect(
        errorCode { _ = try sealer.open(sealed + [0], key: key, context: context) } == .integrity)
    }
  }

  @Test("open nowhere but in their own place")
  func otherPlaces() throws {
    let sealed = try sealer.seal(compressible, key: key, context: context)
    var others: [SealContext] = []
    for purpose in SealPurpose.allCases where purpose != .record {
      others.append(SealContext(purpose: purpose, slot: 3, key: context.key, version: 2))
    }
    others += [
      SealContext(slot: 4, key: context.key, version: 2),
      SealContext(slot: 3, key: context.key, version: 3),
      SealContext(slot: 3, key: context.key + [0], version: 2),
      SealContext(slot: 3, key: Array(context.key.dropLast()), version: 2),
      SealContext(slot: 3, key: Array(context.key.dropLast()) + [0xAA], version: 2),
      SealContext(slot: 3, key: [], version: 2),
    ]
    for other in others {
      #expect(errorCode { _ = try sealer.open(sealed, key: key, context: other) } == .integrity)
    }
    let secret = SecretBytes(copying: (0..<32).map { UInt8($0) })
    let otherKey = DataKey(
      slot: 3, generation: 9, secret: SecretBytes(random: SystemRandom(), count: 32))
    let otherGeneration = DataKey(slot: 3, generation: 8, secret: secret)
    for key in [otherKey, otherGeneration] {
      #expect(errorCode { _ = try sealer.open(sealed, key: key, context: context) } == .integrity)
    }
  }

  @Test("errors hold nothing of the content")
  func silentErrors() throws {
    var sealed = try sealer.seal(Array("diabetes".utf8), key: key, context: context)
    sealed[20] ^= 1
    let error = #expect(throws: PeerChartError.self) {
      _ = try sealer.open(sealed, key: key, context: context)
    }
    #expect(error?.reason == "a sealed body does not open: it was changed or belongs elsewhere")
    #expect(error?.cause == nil)
  }

  @Test("a place's key is at most 255 bytes")
  func longKey() throws {
    var place = context
    place.key = Array(repeating: 1, count: 255)
    let sealed = try sealer.seal([1], key: key, context: place)
    #expect(try sealer.open(sealed, key: key, context: place) == [1])
    place.key.append(1)
    #expect(errorCode { _ = try sealer.seal([1], key: key, context: place) } == .tooLarge)
    #expect(errorCode { _ = try sealer.open(sealed, key: key, context: place) } == .tooLarge)
  }

  @Test("noise never opens and never traps")
  func noise() {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20_000 {
      var bytes = generator.bytes(Int.random(in: 0...120, using: &generator))
      if bytes.count > 5 { bytes.replaceSubrange(0..<5, with: [bytes[0] & 3, 0, 0, 0, 9]) }
      #expect(
        errorCode { _ = try sealer.open(bytes, key: key, context: context) } != nil, "seed \(seed)")
    }
  }
}
