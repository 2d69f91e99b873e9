/// A moment in time, in whole milliseconds since 1970-01-01T00:00:00Z (FHIR `instant`).
public struct Instant: Hashable, Comparable, Sendable {
  public var millisecondsSinceEpoch: Int64

  public init(millisecondsSinceEpoch: Int64) {
    self.millisecondsSinceEpoch = millisecondsSinceEpoch
  }

  public static func < (a: Self, b: Self) -> Bool {
    a.millisecondsSinceEpoch < b.millisecondsSinceEpoch
  }

  /// The moment `seconds` later (or earlier), held within the representable range.
  public func adding(seconds: Int64) -> Instant {
    let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    let (sum, overflow2) = millisecondsSinceEpoch.addingReportingOverflow(milliseconds)
    if overflow || overflow2 {
      return Instant(millisecondsSinceEpoch: seconds < 0 ? .min : .max)
    }
    return Instant(millisecondsSinceEpoch: sum)
  }
}

extension Instant: CustomStringConvertible {
  /// RFC 3339 in UTC with milliseconds: `2026-03-01T09:30:00.000Z`. Beyond the years 0000 to 9999, which
  /// RFC 3339 cannot write, the year has the digits and the sign that it needs.
  public var description: String {
    let (seconds, milliseconds) = floorDivide(millisecondsSinceEpoch, 1000)
    let (day, secondOfDay) = floorDivide(seconds, 86_400)
    let date = CivilDate(daysSinceEpoch: day)
    var text: [UInt8] = []
    text.reserveCapacity(24)
    // Written digit by digit: every stored version and every log entry has a time.
    func append(_ value: Int64, _ width: Int, _ separator: Unicode.Scalar) {
      let end = text.count
      var rest = value.magnitude
      repeat {
        text.insert(UInt8(0x30 + rest % 10), at: end)
        rest /= 10
      } while rest > 0 || text.count - end < width
      text.append(UInt8(ascii: separator))
    }
    append(date.year, 4, "-")
    append(date.month, 2, "-")
    append(date.day, 2, "T")
    append(secondOfDay / 3600, 2, ":")
    append(secondOfDay / 60 % 60, 2, ":")
    append(secondOfDay % 60, 2, ".")
    append(milliseconds, 3, "Z")
    return (date.year < 0 ? "-" : "") + String(decoding: text, as: UTF8.self)
  }
}

extension Instant {
  /// Parses an RFC 3339 date-time with a zone, as FHIR's `instant` demands; a fraction beyond
  /// milliseconds is cut off. Returns nil for anything else, including impossible dates.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int64? {
      guard range.upperBound <= bytes.count else { return nil }
      var value: Int64 = 0
      for byte in bytes[range] {
        guard byte >= 48, byte <= 57 else { return nil }
        value = value * 10 + Int64(byte - 48)
      }
      return value
    }
    func byte(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }
    guard let year = number(0..<4), byte(4) == 45, let month = number(5..<7), byte(7) == 45,
      let day = number(8..<10), byte(10) == 84, let hour = number(11..<13), byte(13) == 58,
      let minute = number(14..<16), byte(16) == 58, let second = number(17..<19),
      hour < 24, minute < 60, second < 61,
      let date = CivilDate(year: year, month: month, day: day)
    else { return nil }
    var index = 19
    var milliseconds: Int64 = 0
    if byte(index) == 46 {
      index += 1
      let start = index
      while let digit = byte(index), digit >= 48, digit <= 57 {
        if index - start < 3 { milliseconds = milliseconds * 10 + Int64(digit - 48) }
        index += 1
      }
      let digits = index - start
      guard digits > 0, digits <= 12 else { return nil }
      for _ in min(digits, 3)..<3 { milliseconds *= 10 }
    }
    var offset: Int64 = 0
    switch byte(index) {
    case 90: index += 1
    case 43, 45:
      guard let hours = number(index + 1..<index + 3), byte(index + 3) == 58,
        let minutes = number(index + 4..<index + 6), hours <= 14, minutes < 60
      else { return nil }
      offset = (hours * 60 + minutes) * (bytes[index] == 43 ? 1 : -1)
      index += 6
    default: return nil
    }
    guard index == bytes.count else { return nil }
    let minutes = date.daysSinceEpoch * 1440 + hour * 60 + minute - offset
    self.init(millisecondsSinceEpoch: (minutes * 60 + second) * 1000 + milliseconds)
  }
}

/// A day of the proleptic Gregorian calendar.
public struct CivilDate: Hashable, Sendable {
  public let year: Int64
  public let month: Int64
  public let day: Int64

  /// Returns nil when there is no such day.
  public init?(year: Int64, month: Int64, day: Int64) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= CivilDate.days(inMonth: month, of: year)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// How many days a month (1 to 12) has in a year.
  public static func days(inMonth month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01, by the era arithmetic of the 400-year cycle.
  public var daysSinceEpoch: Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    // The sum is in range for every date there is; its parts need not be.
    return era &* 146_097 &+ (dayOfEra - 719_468)
  }

  public init(daysSinceEpoch: Int64) {
    // Whole cycles first: adding to the number of days could overflow.
    let (cycles, dayOfCycle) = floorDivide(daysSinceEpoch, 146_097)
    let (shift, dayOfEra) = floorDivide(dayOfCycle + 719_468, 146_097)
    let era = cycles + shift
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shifted + 2) / 5 + 1
    month = shifted + (shifted < 10 ? 3 : -9)
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }
}

/// The quotient rounded down, and what is left, which has the sign of the divisor. Unlike
/// `(a - remainder) / b` this overflows for no `a`.
func floorDivide(_ a: Int64, _ b: Int64) -> (quotient: Int64, remainder: Int64) {
  let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
  return remainder < 0 ? (quotient - 1, remainder + b) : (quotient, remainder)
}
