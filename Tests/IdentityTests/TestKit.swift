import Foundation
import Identity
import Primitives
import Synchronization

/// Bytes that differ with the seed and the call, and come again with the same seed.
final class SeededRandom: RandomSource {
  private let generator: Mutex<SeededGenerator>
  init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }
  func bytes(_ count: Int) -> [UInt8] { generator.withLock { $0.bytes(count) } }
}

/// SplitMix64: a test that fails prints its seed and can be run again.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }
}

/// The code of the error that `body` throws, nil when it throws none.
func errorCode(_ body: () throws -> Void) -> PeerChartError.Code? {
  do {
    try body()
    return nil
  } catch {
    return (error as? PeerChartError)?.code ?? PeerChartError.Code("foreign")
  }
}

/// A made-up node with everything that belongs to it, the same for the same seed.
struct TestNode {
  static let day: Int64 = 86_400
  static let now = Instant(millisecondsSinceEpoch: 1_772_000_000_123)

  let keys: NodeKeys
  let name: NodeName
  let authority: AuthorityCertificate
  let leaf: LeafCertificate
  let statement: IdentityStatement

  init(
    seed: UInt64, name text: String = "Familie Beispiel", kind: NodeKind = .household,
    at time: Instant = TestNode.now
  ) throws {
    let random = SeededRandom(seed: seed)
    keys = try NodeKeys(random: random)
    guard let name = NodeName(text), let host = HostName("node.example") else {
      throw PeerChartError(.invalid, "not a name")
    }
    self.name = name
    authority = try AuthorityCertificate(keys: keys, now: time, random: random)
    leaf = try LeafCertificate(
      hosts: [host, .ipv4([192, 0, 2, 7])], keys: keys, authority: authority, now: time,
      random: random)
    statement = try IdentityStatement(
      name: name, kind: kind, keys: keys, authority: authority, issuedAt: time)
  }
}

/// Every copy of `bytes` with one byte changed: lowest bit, highest bit, all bits.
func flips(of bytes: [UInt8]) -> [(place: Int, bytes: [UInt8])] {
  bytes.indices.flatMap { place in
    ([0x01, 0x80, 0xFF] as [UInt8]).map { mask in
      var changed = bytes
      changed[place] ^= mask
      return (place, changed)
    }
  }
}

/// Random damage of the kinds that parsers meet: changed, cut, doubled, inserted bytes.
func damage(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
  var bytes = bytes
  for _ in 0...Int.random(in: 0...3, using: &generator) {
    guard !bytes.isEmpty else { return generator.bytes(8) }
    let place = Int.random(in: 0..<bytes.count, using: &generator)
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 2: bytes.removeSubrange(place...)
    case 3: bytes.insert(contentsOf: generator.bytes(3), at: place)
    case 4: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][Int.random(in: 0..<5, using: &generator)]
    default: bytes.insert(contentsOf: bytes[place...].prefix(40), at: place)
    }
  }
  return bytes
}
