/// A number of tries that refills with time: what slows guessing down.
public struct TokenBucket: Codable, Hashable, Sendable {
  /// How much fits in, and how fast it comes back.
  public struct Size: Sendable {
    public let capacity: Int64
    /// Milliseconds for one to come back.
    public let interval: Int64
    public init(capacity: Int64, everySeconds interval: Int64) {
      self.capacity = capacity
      self.interval = interval * 1000
    }
  }

  /// How many are left, in thousandths.
  private var left: Int64
  /// When that was, in milliseconds since 1970.
  private var at: Int64

  public init(_ size: Size, at time: Int64) {
    left = size.capacity * 1000
    at = time
  }

  /// Takes one. Returns nil, or how many seconds there are to wait until there is one.
  public mutating func take(_ size: Size, at time: Int64) -> Int64? {
    refill(size, at: time)
    guard left >= 1000 else { return max(1, (1000 - left) * size.interval / 1_000_000 + 1) }
    left -= 1000
    return nil
  }

  /// Gives one back: it was no bad try.
  public mutating func give(_ size: Size) { left = min(left + 1000, size.capacity * 1000) }

  /// Whether nobody has tried since a time, in milliseconds since 1970.
  public func isOlder(than time: Int64) -> Bool { at < time }

  private mutating func refill(_ size: Size, at time: Int64) {
    // A clock that was put back gives nothing and takes nothing.
    let passed = max(
      0, min(time.subtractingReportingOverflow(at).partialValue, size.capacity * size.interval))
    left = min(left + passed * 1000 / size.interval, size.capacity * 1000)
    at = max(at, time)
  }

  /// Takes what an instance let through out of the bucket that all of them share, which may then hold less
  /// than nothing, down to minus what fits in.
  ///
  /// - Returns: thousandths left.
  public mutating func putDown(_ taken: Int64, _ rate: RequestRate, at time: Int64) -> Int64 {
    let passed = min(max(0, time.subtractingReportingOverflow(at).partialValue), 1_000_000_000)
    let full = rate.burst * 1000
    left = max(-full, min(left + passed * rate.perSecond, full) - min(taken, rate.burst * 4) * 1000)
    at = max(at, time)
    return left
  }

  /// A full one that is shared.
  public init(_ rate: RequestRate, at time: Int64) {
    left = rate.burst * 1000
    at = time
  }
}
