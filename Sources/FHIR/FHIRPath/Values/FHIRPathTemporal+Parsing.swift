import Primitives

extension FHIRPathTemporal {
  /// Reads a date or a date with a time: `2015`, `2015-02-04`, `2015-02-04T14:34:28.123+10:00`; with
  /// `isDate` a date only. What has no time is a date, unless a `T` follows it as in a literal
  /// `2015-02T`. Nil for anything else, and for days that there are not.
  init?(iso text: some StringProtocol, isDate: Bool = false) {
    var reader = TemporalReader(text)
    guard let year = reader.number(4), year >= 1 else { return nil }
    var result = FHIRPathTemporal(kind: .dateTime, precision: .year)
    result.year = Int16(year)
    if reader.skip(0x2D) {
      guard let month = reader.number(2), (1...12).contains(month) else { return nil }
      result.month = UInt8(month)
      result.precision = .month
      if reader.skip(0x2D) {
        guard let day = reader.number(2),
          CivilDate(year: Int64(year), month: Int64(month), day: Int64(day)) != nil
        else { return nil }
        result.day = UInt8(day)
        result.precision = .day
      }
    }
    if reader.atEnd {
      self = result.converted(to: .date)
      return
    }
    guard !isDate, reader.skip(0x54) else { return nil }
    if !reader.atEnd {
      guard result.precision == .day, reader.time(into: &result),
        reader.zone(into: &result), reader.atEnd
      else { return nil }
    }
    self = result
  }

  /// Reads FHIR's `date`, or `dateTime` and `instant`, which stay date-times without a time.
  init?(fhir text: some StringProtocol, isDate: Bool) {
    guard let parsed = FHIRPathTemporal(iso: text, isDate: isDate) else { return nil }
    self = isDate ? parsed : parsed.converted(to: .dateTime)
  }

  /// Reads a time of day: `14`, `14:34`, `14:34:28.123`.
  init?(time text: some StringProtocol) {
    var reader = TemporalReader(text)
    var result = FHIRPathTemporal(kind: .time, precision: .hour)
    guard reader.time(into: &result), reader.atEnd else { return nil }
    self = result
  }

  /// A moment as a date with a time in a zone, to the millisecond; nil outside of the years 1 to 9999.
  init?(_ moment: Instant, offsetMinutes: Int) {
    guard abs(offsetMinutes) <= 14 * 60 else { return nil }
    let (local, overflow) = moment.millisecondsSinceEpoch.addingReportingOverflow(
      Int64(offsetMinutes) * 60_000)
    guard !overflow, local.magnitude < 1 << 50 else { return nil }
    let day: Int64 = 86_400_000
    let inDay = ((local % day) + day) % day
    let date = CivilDate(daysSinceEpoch: (local - inDay) / day)
    guard (1...9999).contains(date.year) else { return nil }
    self.init(kind: .dateTime, precision: .second)
    year = Int16(date.year)
    month = UInt8(date.month)
    self.day = UInt8(date.day)
    hour = UInt8(inDay / 3_600_000)
    minute = UInt8(inDay / 60_000 % 60)
    second = UInt8(inDay / 1000 % 60)
    nanosecond = Int32(inDay % 1000) * 1_000_000
    fractionDigits = 3
    offset = Int16(offsetMinutes)
  }

  /// The value as another kind; of a date with a time only the date, and the other way round.
  func converted(to kind: Kind) -> FHIRPathTemporal {
    guard kind != self.kind else { return self }
    var result = FHIRPathTemporal(
      kind: kind, precision: kind == .date ? min(precision, .day) : precision)
    result.year = year
    result.month = month
    result.day = day
    if kind != .date {
      result.hour = hour
      result.minute = minute
      result.second = second
      result.nanosecond = nanosecond
      result.fractionDigits = fractionDigits
      if kind == .dateTime { result.offset = offset }
    }
    return result
  }
}

/// Reads the parts of a date off the front of a text.
private struct TemporalReader {
  private var rest: [UInt8].SubSequence

  init(_ text: some StringProtocol) {
    // Nothing longer is a date.
    rest = Array(text.utf8.prefix(64))[...]
  }

  var atEnd: Bool { rest.isEmpty }

  mutating func skip(_ byte: UInt8) -> Bool {
    guard rest.first == byte else { return false }
    rest.removeFirst()
    return true
  }

  mutating func number(_ digits: Int) -> Int? {
    guard rest.count >= digits else { return nil }
    var value = 0
    for _ in 0..<digits {
      guard let byte = rest.popFirst(), (0x30...0x39).contains(byte) else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return value
  }

  /// `hh[:mm[:ss[.fraction]]]`; digits of the fraction beyond nanoseconds are cut off.
  mutating func time(into value: inout FHIRPathTemporal) -> Bool {
    guard let hour = number(2), hour < 24 else { return false }
    value.hour = UInt8(hour)
    value.precision = .hour
    guard skip(0x3A) else { return true }
    guard let minute = number(2), minute < 60 else { return false }
    value.minute = UInt8(minute)
    value.precision = .minute
    guard skip(0x3A) else { return true }
    // 60 is a leap second.
    guard let second = number(2), second <= 60 else { return false }
    value.second = UInt8(second)
    value.precision = .second
    guard skip(0x2E) else { return true }
    var count = 0
    var nanoseconds = 0
    while let byte = rest.first, (0x30...0x39).contains(byte) {
      rest.removeFirst()
      if count < 9 { nanoseconds = nanoseconds * 10 + Int(byte - 0x30) }
      count += 1
    }
    guard count > 0 else { return false }
    for _ in min(count, 9)..<9 { nanoseconds *= 10 }
    value.nanosecond = Int32(nanoseconds)
    value.fractionDigits = UInt8(min(count, 9))
    return true
  }

  mutating func zone(into value: inout FHIRPathTemporal) -> Bool {
    if atEnd { return true }
    if skip(0x5A) {
      value.offset = 0
      return true
    }
    let isWest = rest.first == 0x2D
    guard skip(0x2B) || skip(0x2D), let hours = number(2), hours <= 14, skip(0x3A),
      let minutes = number(2), minutes < 60, hours * 60 + minutes <= 14 * 60
    else { return false }
    value.offset = Int16(isWest ? -(hours * 60 + minutes) : hours * 60 + minutes)
    return true
  }
}
