#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The machine's clock.
public struct SystemClock: WallClock {
  public init() {}
  public func now() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(
      millisecondsSinceEpoch: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
