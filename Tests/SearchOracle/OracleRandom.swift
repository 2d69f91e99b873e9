import Foundation

/// SplitMix64: small, fast, and the same on every machine for one seed.
package struct OracleRandom: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A new seed for each run, printed; `PEERCHART_SEED` (or `PEERCHART_TEST_SEED`) repeats one.
  package static func printedSeed(for name: String) -> UInt64 {
    let environment = ProcessInfo.processInfo.environment
    let given = environment["PEERCHART_SEED"] ?? environment["PEERCHART_TEST_SEED"]
    let seed = given.flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
    print("\(name): seed \(seed)")
    return seed
  }

  package mutating func pick<T>(_ choices: [T]) -> T {
    choices[Int.random(in: 0..<choices.count, using: &self)]
  }

  package mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &self) < percent
  }
}
