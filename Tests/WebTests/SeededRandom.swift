/// A small generator (SplitMix64) for property tests, so that a printed seed repeats a run.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func bytes(upTo limit: Int) -> [UInt8] {
    let count = Int.random(in: 0...limit, using: &self)
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
  }

  /// Text made of the characters that mean something in a URL, and some that do not belong there.
  mutating func urlText(upTo limit: Int) -> String {
    let alphabet = Array("/%?&=+#.:;@[]$_-09aFfhir Patient\u{0}\u{e9}\u{1F600}\"\\")
    let count = Int.random(in: 0...limit, using: &self)
    return String(
      (0..<count).map { _ in alphabet[Int.random(in: alphabet.indices, using: &self)] })
  }
}
