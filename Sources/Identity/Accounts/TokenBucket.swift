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

  /// Whether it is as good as a new one, and need not be kept.
  public func isFull(_ size: Size, at time: Int64) -> Bool {
    var later = self
    later.refill(size, at: time)
    return later.left == size.capacity * 1000
  }

  private mutating func refill(_ size: Size, at time: Int64) {
    // A clock that was put back gives nothing and takes nothing.
    let passed = max(
      0, min(time.subtractingReportingOverflow(at).partialValue, size.capacity * size.interval))
    left = min(left + passed * 1000 / size.interval, size.capacity * 1000)
    at = max(at, time)
  }
}
