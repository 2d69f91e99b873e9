import Primitives

extension FHIRPathTemporal {
  /// The value a duration later (FHIRPath 2.0, 6.6.5): calendar units by the calendar, the rest by the
  /// clock; what is finer than the value's own precision is cut off first.
  ///
  /// - Returns: nil where the result is outside of the years 1 to 9999.
  /// - Throws: `invalid` for a unit that is no time, or that the value cannot bear.
  func adding(_ amount: FHIRPathQuantity, negative: Bool) throws(PeerChartError)
    -> FHIRPathTemporal?
  {
    guard let unit = TimeUnit(calendarOrUCUM: amount.unit),
      kind != .time || unit.isOfClock
    else {
      throw PeerChartError(.invalid, "this unit cannot be added to a date or time")
    }
    guard let signed = negative ? amount.value.negated : amount.value else { return nil }
    switch unit {
    case .second, .millisecond: return addingClock(signed, nanoseconds: unit.nanoseconds)
    default:
      guard let whole = signed.rounded(.towardsZero).flatMap({ Int64(exactly: $0.mantissa) }),
        whole.magnitude < 1 << 40
      else { return nil }
      return adding(whole, unit)
    }
  }

  private func adding(_ count: Int64, _ unit: TimeUnit) -> FHIRPathTemporal? {
    switch unit {
    case .year: return addingMonths(count * 12)
    case .month:
      return addingMonths(precision == .year ? count / 12 * 12 : count)
    case .week, .day:
      let days = unit == .week ? count * 7 : count
      switch precision {
      case .year: return addingMonths(days / 365 * 12)
      case .month: return addingMonths(days / 30)
      default: return addingMinutes(days * 1440)
      }
    case .hour, .minute:
      let minutes = unit == .hour ? count * 60 : count
      switch precision {
      case .year, .month: return adding(minutes / 1440, .day)
      case .day: return addingMinutes(minutes / 1440 * 1440)
      case .hour: return addingMinutes(minutes / 60 * 60)
      default: return addingMinutes(minutes)
      }
    case .second, .millisecond: return nil
    }
  }

  private func addingMonths(_ count: Int64) -> FHIRPathTemporal? {
    let months = Int64(year) * 12 + Int64(month) - 1 + count
    let newYear = (months - ((months % 12) + 12) % 12) / 12
    guard (1...9999).contains(newYear) else { return nil }
    var result = self
    result.year = Int16(newYear)
    result.month = UInt8(((months % 12) + 12) % 12 + 1)
    // The last day of a shorter month.
    let last = CivilDate.days(inMonth: Int64(result.month), of: newYear)
    result.day = UInt8(min(Int64(day), last))
    return result
  }

  private func addingMinutes(_ count: Int64) -> FHIRPathTemporal? {
    var result = self
    if kind == .time {
      let minutes = Int64(hour) * 60 + Int64(minute) + count % 1440
      let inDay = ((minutes % 1440) + 1440) % 1440
      result.hour = UInt8(inDay / 60)
      result.minute = UInt8(inDay % 60)
      return result
    }
    guard let date = CivilDate(year: Int64(year), month: Int64(month), day: Int64(day)) else {
      return nil
    }
    let minutes = date.daysSinceEpoch * 1440 + Int64(hour) * 60 + Int64(minute) + count
    return result.set(minutesSinceEpoch: minutes) ? result : nil
  }

  private func addingClock(_ amount: FHIRPathDecimal, nanoseconds: Int64) -> FHIRPathTemporal? {
    guard
      let total = amount.multiplied(
        by: FHIRPathDecimal(mantissa: Int128(nanoseconds), scale: 0))?.rounded(.towardsZero),
      let count = Int64(exactly: total.mantissa)
    else { return nil }
    let minute = 60 * Self.nanosecondsInSecond
    guard precision == .second else { return adding(count / minute, .minute) }
    let now = Int64(second) * Self.nanosecondsInSecond + Int64(nanosecond)
    let (sum, overflow) = now.addingReportingOverflow(count)
    guard !overflow else { return nil }
    let rest = ((sum % minute) + minute) % minute
    guard var result = addingMinutes((sum - rest) / minute) else { return nil }
    result.second = UInt8(rest / Self.nanosecondsInSecond)
    result.nanosecond = Int32(rest % Self.nanosecondsInSecond)
    // As many digits as the new fraction needs, and no fewer than were written.
    while result.fractionDigits < 9,
      Int128(result.nanosecond)
        % FHIRPathDecimal.power(of: 9 - Int(result.fractionDigits)) != 0
    {
      result.fractionDigits += 1
    }
    return result
  }
}

/// The units by which a date can be moved (FHIRPath 2.0, 4.1.6.1 and 6.6.5).
enum TimeUnit {
  case year, month, week, day, hour, minute, second, millisecond

  /// A calendar unit in either number. The codes of UCUM for years and months mean an average length
  /// and are not taken.
  init?(calendarOrUCUM name: String) {
    switch name {
    case "year", "years": self = .year
    case "month", "months": self = .month
    case "week", "weeks", "wk": self = .week
    case "day", "days", "d": self = .day
    case "hour", "hours", "h": self = .hour
    case "minute", "minutes", "min": self = .minute
    case "second", "seconds", "s": self = .second
    case "millisecond", "milliseconds", "ms": self = .millisecond
    default: return nil
    }
  }

  var isOfClock: Bool {
    switch self {
    case .hour, .minute, .second, .millisecond: true
    default: false
    }
  }

  var nanoseconds: Int64 {
    self == .millisecond ? 1_000_000 : FHIRPathTemporal.nanosecondsInSecond
  }

  /// The words that may stand behind a number in an expression.
  static let words: Set<String> = [
    "year", "years", "month", "months", "week", "weeks", "day", "days", "hour", "hours", "minute",
    "minutes", "second", "seconds", "millisecond", "milliseconds",
  ]
}
