#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
  /// What one call to the system gives at most (POSIX `getentropy`).
  private static let block = 256

  public init() {}
  public func bytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let size = min(Self.block, count - filled)
        let part = UnsafeMutableRawBufferPointer(buffer)[filled..<filled + size]
        if getentropy(UnsafeMutableRawBufferPointer(rebasing: part).baseAddress, size) != 0 {
          // A kernel without that call; the standard library knows another way, eight bytes a time.
          var generator = SystemRandomNumberGenerator()
          for index in part.indices { buffer[index] = generator.next() }
        }
        filled += size
      }
    }
  }
}
