import Primitives

extension FHIRPathTemporal {
  /// Whether one comes before the other: less than, equal to or greater than 0. Nil where that cannot
  /// be told: one is less precise than what they share, or only one names its zone (FHIRPath 2.0,
  /// 6.1.1 and 6.2).
  func order(_ other: FHIRPathTemporal) -> Int? {
    guard (kind == .time) == (other.kind == .time) else { return nil }
    var a = self
    var b = other
    if kind != .time, precision >= .hour, other.precision >= .hour {
      guard (offset == nil) == (other.offset == nil) else { return nil }
      if offset != other.offset {
        guard let x = inUTC, let y = other.inUTC else { return nil }
        a = x
        b = y
      }
    }
    var step: Precision? = kind == .time ? .hour : .year
    while let part = step {
      switch (a.precision >= part, b.precision >= part) {
      case (true, true): break
      case (false, false): return 0
      default: return nil
      }
      let (x, y) = (a.part(part), b.part(part))
      if x != y { return x < y ? -1 : 1 }
      step = Precision(rawValue: part.rawValue + 1)
    }
    return 0
  }

  /// Whether both are equally precise and the same; a zone of only one of them counts as a difference.
  func isEquivalent(to other: FHIRPathTemporal) -> Bool {
    precision == other.precision && order(other) == 0
  }

  private func part(_ precision: Precision) -> Int64 {
    switch precision {
    case .year: Int64(year)
    case .month: Int64(month)
    case .day: Int64(day)
    case .hour: Int64(hour)
    case .minute: Int64(minute)
    case .second: Int64(second) * Self.nanosecondsInSecond + Int64(nanosecond)
    }
  }

  /// The same moment in Greenwich, as precise as before.
  private var inUTC: FHIRPathTemporal? {
    guard let offset, offset != 0,
      let date = CivilDate(year: Int64(year), month: Int64(month), day: Int64(day))
    else { return self }
    var result = self
    result.offset = 0
    let minutes = date.daysSinceEpoch * 1440 + Int64(hour) * 60 + Int64(minute) - Int64(offset)
    return result.set(minutesSinceEpoch: minutes) ? result : nil
  }

  /// Puts date, hour and minute; false outside of the years 1 to 9999.
  mutating func set(minutesSinceEpoch minutes: Int64) -> Bool {
    let inDay = ((minutes % 1440) + 1440) % 1440
    let date = CivilDate(daysSinceEpoch: (minutes - inDay) / 1440)
    guard (1...9999).contains(date.year) else { return false }
    year = Int16(date.year)
    month = UInt8(date.month)
    day = UInt8(date.day)
    hour = UInt8(inDay / 60)
    minute = UInt8(inDay % 60)
    return true
  }
}
