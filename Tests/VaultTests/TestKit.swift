import Primitives
import Synchronization
import Vault

/// Bytes that a vector can name: call number n gives 16n, 16n + 1, 16n + 2 …
final class CountingRandom: RandomSource {
  private let calls = Mutex<UInt8>(0)

  func bytes(_ count: Int) -> [UInt8] {
    let call = calls.withLock { calls in
      defer { calls &+= 1 }
      return calls
    }
    return (0..<count).map { (call &* 16) &+ UInt8(truncatingIfNeeded: $0) }
  }
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

func hex(_ text: String) -> [UInt8] { Hex.decode(text) ?? [] }

extension SecretBytes {
  var exposed: [UInt8] { withUnsafeBytes { Array($0) } }
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
