/// How many requests somebody may make: so many a second for long, and some more at once (a token bucket).
public struct RequestRate: Hashable, Sendable, CustomStringConvertible {
  private static let most: Int64 = 1_000_000

  public let perSecond: Int64
  /// How many may come at once, after a time of rest.
  public let burst: Int64

  /// Numbers from 1 to a million; others count as the nearest of them.
  public init(perSecond: Int64, burst: Int64) {
    self.perSecond = min(max(perSecond, 1), Self.most)
    self.burst = min(max(burst, 1), Self.most)
  }

  /// Reads `50`, or `50:600` with what may come at once; alone it is twenty seconds' worth.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      .map { Self.number(String($0)) }
    guard (1...2).contains(parts.count), let first = parts[0], let last = parts[parts.count - 1]
    else { return nil }
    self.init(perSecond: first, burst: parts.count == 1 ? first * 20 : last)
  }

  private static func number(_ text: String) -> Int64? {
    guard (1...7).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
      let number = Int64(text), (1...most).contains(number)
    else { return nil }
    return number
  }

  public var description: String { "\(perSecond):\(burst)" }
}

/// What fills a bucket and is taken out of it, in this process; what was taken since it was last compared with
/// the one that all instances share.
public struct RequestBucket: Sendable {
  /// Thousandths of a request, of which there may be fewer than none: others have used them.
  private var left: Int64
  private var at: Int64
  /// Requests since the bucket was last settled.
  public private(set) var taken: Int64 = 0

  /// A full one, at a time in milliseconds since 1970.
  public init(_ rate: RequestRate, at time: Int64) {
    left = rate.burst * 1000
    at = time
  }

  /// Takes one. Returns nil, or how many seconds there are to wait for one.
  public mutating func take(_ rate: RequestRate, at time: Int64) -> Int64? {
    refill(rate, at: time)
    guard left >= 1000 else {
      let second = rate.perSecond * 1000
      return max(1, (1000 - left + second - 1) / second)
    }
    left -= 1000
    taken += 1
    return nil
  }

  /// Whether it is so empty that what other instances let through matters.
  public func isBusy(_ rate: RequestRate) -> Bool { taken > 0 && left < rate.burst * 500 }

  /// Whether it would be full by now: nothing is lost with it.
  public func isIdle(_ rate: RequestRate, at time: Int64) -> Bool {
    var copy = self
    copy.refill(rate, at: time)
    return copy.left >= rate.burst * 1000
  }

  /// Puts down what was taken out of the shared bucket, and goes on with what is left there.
  ///
  /// - Parameters:
  ///   - taken: what was put down; more may have been taken meanwhile.
  ///   - left: thousandths left in the shared bucket after that, at `time`.
  public mutating func settle(taken: Int64, left: Int64, at time: Int64) {
    self.taken = max(0, self.taken - taken)
    self.left = left - self.taken * 1000
    at = max(at, time)
  }

  private mutating func refill(_ rate: RequestRate, at time: Int64) {
    // A clock that was put back gives nothing and takes nothing; 10^9 ms fill every bucket.
    let passed = min(max(0, time.subtractingReportingOverflow(at).partialValue), 1_000_000_000)
    left = min(left + passed * rate.perSecond, rate.burst * 1000)
    at = max(at, time)
  }
}
