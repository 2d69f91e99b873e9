import Foundation
import Primitives
import Synchronization

/// SplitMix64: small, fast, and the same on every machine for one seed.
struct SeededRandom: RandomNumberGenerator {
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
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }

  /// A new seed for each run, printed; `PEERCHART_TEST_SEED` repeats one.
  static func printed(for name: String) -> SeededRandom {
    let given = ProcessInfo.processInfo.environment["PEERCHART_TEST_SEED"].flatMap { UInt64($0) }
    let seed = given ?? UInt64.random(in: 0...UInt64.max)
    print("\(name): seed \(seed)")
    return SeededRandom(seed: seed)
  }
}
