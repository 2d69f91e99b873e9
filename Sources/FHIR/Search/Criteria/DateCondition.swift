import Primitives

/// One alternative of a date parameter: a prefix and the interval that the value stands for.
struct DateCondition: Hashable {
  let prefix: SearchPrefix
  let interval: DateInterval

  init(parsing text: EscapedText) throws(PeerChartError) {
    let (prefix, date) = try SearchPrefix.split(text.unescaped)
    guard let interval = DateInterval(parsing: date) else {
      throw PeerChartError(.invalid, "not a date or time that exists")
    }
    self.prefix = prefix
    self.interval = interval
  }

  /// Compares ranges as R4 3.1.1.3.3 lays down: `value` is the target, `interval` the search value.
  func matches(_ value: DateInterval) -> Bool {
    switch prefix {
    case .equal: interval.contains(value)
    case .notEqual: !interval.contains(value)
    case .greater: value.end > interval.end
    case .less: value.start < interval.start
    case .greaterOrEqual: value.end > interval.end || interval.contains(value)
    case .lessOrEqual: value.start < interval.start || interval.contains(value)
    case .startsAfter: value.start >= interval.end
    case .endsBefore: value.end <= interval.start
    case .approximately: widened.overlaps(value)
    }
  }

  /// R4 leaves the width of `ap` to the server: here the value's own length on either side, but a day
  /// at least. Not a share of the time until now, so that a query has one meaning for ever.
  private var widened: DateInterval {
    let margin = max(interval.end - interval.start, 86_400_000)
    return DateInterval(start: interval.start - margin, end: interval.end + margin)
  }

  /// What every match overlaps; nil where that is anything.
  var envelope: DateInterval? {
    switch prefix {
    case .equal: interval
    case .notEqual: nil
    case .greater, .startsAfter: DateInterval(start: interval.end, end: DateInterval.end)
    case .less, .endsBefore: DateInterval(start: DateInterval.beginning, end: interval.start)
    case .greaterOrEqual: DateInterval(start: interval.start, end: DateInterval.end)
    case .lessOrEqual: DateInterval(start: DateInterval.beginning, end: interval.end)
    case .approximately: widened
    }
  }
}
