public import Primitives

/// A stretch of time that includes its start and excludes its end; a missing bound is open.
public struct TimeWindow: Hashable, Sendable {
  public let start: Instant?
  public let end: Instant?

  public static let always = TimeWindow(start: nil, end: nil)

  public init(start: Instant?, end: Instant?) {
    self.start = start
    self.end = end
  }

  /// Whether the moment lies in the window; its end does not.
  public func contains(_ instant: Instant) -> Bool {
    if let start, instant < start { return false }
    if let end, instant >= end { return false }
    return true
  }

  var isBounded: Bool { start != nil || end != nil }

  /// Whether no moment lies in it.
  public var isEmpty: Bool {
    if let start, let end { start >= end } else { false }
  }

  /// The time that both windows have in common.
  public func intersection(_ other: TimeWindow) -> TimeWindow {
    func combine(
      _ a: Instant?, _ b: Instant?, _ pick: (Instant, Instant) -> Instant
    ) -> Instant? {
      if let a, let b { pick(a, b) } else { a ?? b }
    }
    return TimeWindow(
      start: combine(start, other.start, max), end: combine(end, other.end, min))
  }

  /// Whether a permission bounded to this window reaches a record of `date`. A record without a date
  /// lies in no bounded window: doubt never opens.
  func permits(_ date: Instant?) -> Bool {
    guard isBounded else { return true }
    return date.map(contains) ?? false
  }

  /// Whether a denial bounded to this window reaches a record of `date`; one without a date always.
  func denies(_ date: Instant?) -> Bool { date.map(contains) ?? true }
}
