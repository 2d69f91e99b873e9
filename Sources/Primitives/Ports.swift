/// Where the time comes from (rule 9). Tests bring a clock of their own.
public protocol WallClock: Sendable {
  func now() -> Instant
}

/// Where randomness comes from (rule 9). Only ever a cryptographically strong source in a node.
public protocol RandomSource: Sendable {
  func bytes(_ count: Int) -> [UInt8]
}

/// A source of randomness whose type is not known, where a concrete one is asked for.
public struct AnyRandomSource: RandomSource {
  private let base: any RandomSource
  public init(_ base: any RandomSource) { self.base = base }
  public func bytes(_ count: Int) -> [UInt8] { base.bytes(count) }
}

/// The operating system's random generator.
public struct SystemRandom: RandomSource {
  public init() {}
  public func bytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    var result: [UInt8] = []
    result.reserveCapacity(count)
    while result.count < count {
      var word = generator.next()
      for _ in 0..<min(8, count - result.count) {
        result.append(UInt8(truncatingIfNeeded: word))
        word >>= 8
      }
    }
    return result
  }
}
