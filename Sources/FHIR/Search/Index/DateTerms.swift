import Primitives

/// How dates appear in the index: as the years, months and days (UTC) that they touch.
///
/// A long interval would touch very many days, so it is indexed more coarsely, under terms of its own
/// so that a search for one day does not bring up everything of that month:
///
/// | length of the interval | terms |
/// | --- | --- |
/// | up to 7 days | `2020`, `2020-03`, `2020-03-05` |
/// | up to 40 months | `2020~`, `2020-03~` |
/// | up to 150 years | `2020~~` |
/// | longer, or open at an end | `*` |
///
/// A search asks for the years, months and days that make up its range, the years and months as `~` too, each
/// day's month as `~`, each year as `~~`, and for `*`. So years cost no more than days.
enum DateTerms {
  static let unbounded = "*"

  /// The terms under which a date is found.
  static func terms(of interval: DateInterval) -> [String] {
    guard interval.isBounded else { return [unbounded] }
    let span = DaySpan(interval)
    let days = span.last - span.first + 1
    guard days <= 55_000 else { return [unbounded] }
    let months = span.months
    let years = months.lowerBound / 12...months.upperBound / 12
    if days <= 8 {
      return years.map { year($0) } + months.map { month($0) }
        + (span.first...span.last).map { Self.day(CivilDate(daysSinceEpoch: $0)) }
    }
    if months.count <= 41 { return years.map { year($0) + "~" } + months.map { month($0) + "~" } }
    return years.map { year($0) + "~~" }
  }

  /// Terms of which every date that overlaps the interval has at least one; nil where that takes more
  /// than `SearchLimits.dateTerms`. Exact to the day if possible, else rounded out to months or years.
  static func cover(of interval: DateInterval) -> [String]? {
    guard interval.isBounded else { return nil }
    let span = DaySpan(interval)
    // Beyond this even years alone are too many.
    guard span.last - span.first < 366 * Int64(SearchLimits.dateTerms) else { return nil }
    for unit in Unit.allCases {
      let terms = cover(of: span, by: unit)
      if terms.count <= SearchLimits.dateTerms { return terms }
    }
    return nil
  }

  /// What the ends of a range are rounded out to.
  private enum Unit: CaseIterable { case day, month, year }

  /// Each once, in the order of time.
  private static func cover(of span: DaySpan, by unit: Unit) -> [String] {
    var terms = [unbounded]
    var last: CivilDate?
    var day = span.first
    while day <= span.last, terms.count <= SearchLimits.dateTerms {
      let date = CivilDate(daysSinceEpoch: day)
      let isNewYear = date.year != last?.year
      let isNewMonth = isNewYear || date.month != last?.month
      last = date
      if isNewYear { terms.append(Self.year(date.year) + "~~") }
      let year = DaySpan.year(date.year)
      if unit == .year || span.contains(year) {
        terms.append(Self.year(date.year))
        terms.append(Self.year(date.year) + "~")
        day = year.last + 1
        continue
      }
      let index = date.year * 12 + date.month - 1
      let month = DaySpan.month(index)
      if isNewMonth { terms.append(Self.month(index) + "~") }
      if unit == .month || span.contains(month) {
        terms.append(Self.month(index))
        day = month.last + 1
      } else {
        terms.append(Self.day(date))
        day += 1
      }
    }
    return terms
  }

  private static func year(_ year: Int64) -> String { text([(year, 4)]) }

  /// `index` counts months from year 0.
  private static func month(_ index: Int64) -> String {
    text([(index / 12, 4), (index % 12 + 1, 2)])
  }

  private static func day(_ date: CivilDate) -> String {
    text([(date.year, 4), (date.month, 2), (date.day, 2)])
  }

  /// Numbers with leading zeros up to their width, joined by hyphens. Every date of every resource
  /// passes here, so no string is made for each part.
  private static func text(_ parts: [(number: Int64, width: Int)]) -> String {
    var reversed: [UInt8] = []
    reversed.reserveCapacity(16)
    for (number, width) in parts.reversed() {
      if !reversed.isEmpty { reversed.append(0x2D) }
      var rest = number.magnitude
      var digits = 0
      repeat {
        reversed.append(UInt8(0x30 + rest % 10))
        rest /= 10
        digits += 1
      } while rest > 0 || digits < width
    }
    reversed.reverse()
    return String(decoding: reversed, as: UTF8.self)
  }
}

/// The days, counted from 1970-01-01, that an interval touches.
private struct DaySpan {
  var first: Int64
  var last: Int64

  private init(first: Int64, last: Int64) {
    self.first = first
    self.last = last
  }

  init(_ interval: DateInterval) {
    first = Self.dayNumber(interval.start)
    last = Self.dayNumber(interval.end - 1)
  }

  private static func dayNumber(_ milliseconds: Int64) -> Int64 {
    let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
    return remainder < 0 ? quotient - 1 : quotient
  }

  func contains(_ other: DaySpan) -> Bool { first <= other.first && other.last <= last }

  /// Months counted from year 0.
  var months: ClosedRange<Int64> {
    let a = CivilDate(daysSinceEpoch: first)
    let b = CivilDate(daysSinceEpoch: last)
    return a.year * 12 + a.month - 1...b.year * 12 + b.month - 1
  }

  static func year(_ year: Int64) -> DaySpan {
    DaySpan(first: start(year, 1), last: start(year, 12) + 30)
  }

  static func month(_ index: Int64) -> DaySpan {
    let year = index / 12
    let month = index % 12 + 1
    return DaySpan(
      first: start(year, month),
      last: start(year, month) + CivilDate.days(inMonth: month, of: year) - 1)
  }

  /// The first day of a month, for years within or next to those that FHIR can write (1 to 9999).
  private static func start(_ year: Int64, _ month: Int64) -> Int64 {
    if let date = CivilDate(year: year, month: month, day: 1) { return date.daysSinceEpoch }
    // 400 years repeat exactly.
    let shift: Int64 = year < 1 ? 400 : -400
    let other = CivilDate(year: year + shift, month: month, day: 1)?.daysSinceEpoch ?? 0
    return other - shift / 400 * 146_097
  }
}
