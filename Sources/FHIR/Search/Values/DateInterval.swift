import Primitives

/// A half-open stretch of time, in milliseconds since 1970-01-01T00:00:00Z. A partial date stands for
/// all of its year, month or day (R4 3.1.1.4.7); a date without a zone counts as UTC.
struct DateInterval: Hashable, Sendable {
  static let beginning = Int64.min
  static let end = Int64.max

  /// The first millisecond; `beginning` where it is open.
  var start: Int64
  /// One past the last millisecond; `end` where it is open.
  var end: Int64

  var isBounded: Bool { start != Self.beginning && end != Self.end }

  func overlaps(_ other: DateInterval) -> Bool { start < other.end && other.start < end }

  func contains(_ other: DateInterval) -> Bool { start <= other.start && other.end <= end }

  /// What both cover, or nil where that is nothing.
  func intersection(_ other: DateInterval) -> DateInterval? {
    let start = max(self.start, other.start)
    let end = min(self.end, other.end)
    return start < end ? DateInterval(start: start, end: end) : nil
  }
}

extension DateInterval {
  private static let day: Int64 = 86_400_000

  /// Reads FHIR's `date`, `dateTime` and `instant`, and the forms a query may have beside them: a time
  /// without seconds or without a zone. Returns nil for anything else, including impossible dates.
  init?(parsing text: String) {
    var text = text
    guard let interval = text.withUTF8({ Self(reading: $0) }) else { return nil }
    self = interval
  }

  private init?(reading text: UnsafeBufferPointer<UInt8>) {
    var reader = DigitReader(text)
    guard let year = reader.number(4) else { return nil }
    guard !reader.atEnd else {
      guard let first = CivilDate(year: year, month: 1, day: 1),
        let last = CivilDate(year: year, month: 12, day: 31)
      else { return nil }
      self.init(first, through: last)
      return
    }
    guard reader.skip(UInt8(ascii: "-")), let month = reader.number(2) else { return nil }
    guard !reader.atEnd else {
      guard let first = CivilDate(year: year, month: month, day: 1),
        let last = CivilDate(
          year: year, month: month, day: CivilDate.days(inMonth: month, of: year))
      else { return nil }
      self.init(first, through: last)
      return
    }
    guard reader.skip(UInt8(ascii: "-")), let day = reader.number(2),
      let date = CivilDate(year: year, month: month, day: day)
    else { return nil }
    if reader.atEnd {
      self.init(date, through: date)
    } else {
      guard reader.skip(UInt8(ascii: "T")), let time = reader.time(), reader.atEnd else {
        return nil
      }
      let start = date.daysSinceEpoch * Self.day + time.milliseconds
      self.init(start: start, end: start + time.width)
    }
  }

  private init(_ first: CivilDate, through last: CivilDate) {
    self.init(start: first.daysSinceEpoch * Self.day, end: (last.daysSinceEpoch + 1) * Self.day)
  }
}

/// Reads digits of fixed width off the front of a date.
private struct DigitReader {
  private let text: ByteView
  private var position = 0

  init(_ text: UnsafeBufferPointer<UInt8>) { self.text = ByteView(text) }

  var atEnd: Bool { position >= text.count }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard text[position] == byte else { return false }
    position += 1
    return true
  }

  mutating func number(_ digits: Int) -> Int64? {
    var value: Int64 = 0
    for _ in 0..<digits {
      let byte = text[position]
      guard byte >= 48, byte <= 57 else { return nil }
      position += 1
      value = value * 10 + Int64(byte - 48)
    }
    return value
  }

  /// `hh:mm[:ss[.fraction]][zone]` as milliseconds since midnight UTC, and how long it lasts at its
  /// precision. Digits beyond milliseconds are cut off.
  mutating func time() -> (milliseconds: Int64, width: Int64)? {
    guard let hour = number(2), hour < 24, skip(UInt8(ascii: ":")), let minute = number(2),
      minute < 60
    else {
      return nil
    }
    var milliseconds = (hour * 60 + minute) * 60_000
    var width: Int64 = 60_000
    if skip(UInt8(ascii: ":")) {
      // 60 is a leap second.
      guard let second = number(2), second <= 60 else { return nil }
      milliseconds += second * 1000
      width = 1000
      if skip(UInt8(ascii: ".")) {
        var digits = 0
        while case let byte = text[position], byte >= 48, byte <= 57 {
          position += 1
          digits += 1
          guard digits <= 12 else { return nil }
          if width > 1 {
            width /= 10
            milliseconds += Int64(byte - 48) * width
          }
        }
        guard digits > 0 else { return nil }
      }
    }
    if atEnd || skip(UInt8(ascii: "Z")) { return (milliseconds, width) }
    let sign: Int64 = text[position] == UInt8(ascii: "+") ? 1 : -1
    guard skip(UInt8(ascii: "+")) || skip(UInt8(ascii: "-")), let hours = number(2), hours <= 14,
      skip(UInt8(ascii: ":")),
      let minutes = number(2), minutes < 60
    else { return nil }
    return (milliseconds - sign * (hours * 60 + minutes) * 60_000, width)
  }
}

extension DateInterval {
  /// The outer limits of a `Period`, reaching to infinity where an end is absent or unreadable; nil
  /// where both are. A period the wrong way round counts as what lies between its ends, because
  /// leaving it out would hide it.
  init?(period: JSONValue) {
    let first = period["start"]?.string.flatMap(Self.init(parsing:))
    let last = period["end"]?.string.flatMap(Self.init(parsing:))
    switch (first, last) {
    case (nil, nil): return nil
    case (let first?, nil): self.init(start: first.start, end: Self.end)
    case (nil, let last?): self.init(start: Self.beginning, end: last.end)
    case (let first?, let last?) where first.start < last.end:
      self.init(start: first.start, end: last.end)
    case (let first?, let last?):
      self.init(start: last.start, end: first.end)
    }
  }

  /// The outer limits of a `Timing`, ignoring the schedule in between (R4 3.1.1.4.7): its events, else
  /// the period it is bounded by.
  init?(timing: JSONValue) {
    var limits: DateInterval?
    if let events = timing["event"] {
      for event in events.elements.prefix(SearchLimits.elements) {
        guard let one = event.string.flatMap(Self.init(parsing:)) else { continue }
        let all = limits ?? one
        limits = DateInterval(start: min(all.start, one.start), end: max(all.end, one.end))
      }
    }
    let bounds = timing["repeat"]?["boundsPeriod"]
    guard let limits = limits ?? bounds.flatMap(Self.init(period:)) else { return nil }
    self = limits
  }
}
