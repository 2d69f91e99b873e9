public import Primitives

/// A stretch of care from a first to a last day, either end open, as `$everything` and `$docref` ask
/// for it.
public struct CarePeriod: Sendable {
  private var interval = DateInterval(start: DateInterval.beginning, end: DateInterval.end)

  /// - Parameters:
  ///   - start: a FHIR date, `2026` as well as `2026-03-01`; nil for no beginning.
  ///   - end: the last day (or month, or year) that belongs to it; nil for no end.
  /// - Throws: `invalid` for what is no date.
  public init(start: String?, end: String?) throws(PeerChartError) {
    if let start { interval.start = try Self.date(start, "start").start }
    if let end { interval.end = try Self.date(end, "end").end }
  }

  /// What has no date belongs to every period.
  public func contains(_ date: Instant?) -> Bool {
    guard let time = date?.millisecondsSinceEpoch else { return true }
    return interval.start <= time && time < interval.end
  }

  private static func date(_ text: String, _ name: String) throws(PeerChartError) -> DateInterval {
    guard let date = DateInterval(parsing: text) else {
      throw PeerChartError(.invalid, "this is no date such as 2026-03-01", place: name)
    }
    return date
  }
}
