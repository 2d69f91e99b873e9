/// A FHIR date, dateTime or instant, taken apart; nothing that the calendar does not have.
struct PrimitiveDate {
  /// What is behind the `T`; nil where there is only a date.
  let time: Substring?

  /// `2020`, `2020-02`, `2020-02-29`, `2020-02-29T12:00:00.5+01:00`.
  init?(_ text: String) {
    let parts = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
    guard let date = parts.first, Self.isDate(date, isWhole: parts.count == 2) else { return nil }
    guard parts.count == 2 else {
      time = nil
      return
    }
    let tail = parts[1]
    if tail.hasSuffix("Z") {
      guard Self.isTime(tail.dropLast()) else { return nil }
    } else {
      // A time asks for a zone: at most 14 hours from Greenwich.
      guard tail.utf8.count > 6 else { return nil }
      let zone = tail.suffix(6)
      let hours = Self.number(zone.dropFirst().prefix(2), 2)
      let minutes = Self.number(zone.suffix(2), 2)
      guard let hours, let minutes, zone.hasPrefix("+") || zone.hasPrefix("-"),
        zone.dropFirst(3).hasPrefix(":"), minutes < 60, hours * 60 + minutes <= 14 * 60,
        Self.isTime(tail.dropLast(6))
      else { return nil }
    }
    time = tail
  }

  private static func isDate(_ text: Substring, isWhole: Bool) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count), !isWhole || parts.count == 3,
      let year = number(parts[0], 4), year > 0
    else { return false }
    guard parts.count > 1 else { return true }
    guard let month = number(parts[1], 2), (1...12).contains(month) else { return false }
    guard parts.count > 2 else { return true }
    guard let day = number(parts[2], 2) else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...days[month - 1]).contains(day)
  }

  /// `hh:mm:ss` with a fraction or without; 60 is a leap second.
  static func isTime(_ text: Substring) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let hour = number(parts[0], 2), let minute = number(parts[1], 2),
      hour < 24, minute < 60
    else { return false }
    let seconds = parts[2].split(separator: ".", omittingEmptySubsequences: false)
    guard let second = seconds.first.flatMap({ number($0, 2) }), second <= 60 else { return false }
    guard seconds.count > 1 else { return true }
    return seconds.count == 2 && !seconds[1].isEmpty
      && seconds[1].utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Exactly so many digits.
  private static func number(_ text: Substring, _ digits: Int) -> Int? {
    guard text.utf8.count == digits, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return Int(text)
  }
}
