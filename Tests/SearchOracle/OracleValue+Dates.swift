import Foundation

/// Dates by Foundation's calendar, and the prefixes by the drawings of R4 3.1.1.3.3.
extension OracleValue {
  typealias Span = (from: Double, to: Double)

  private static let calendar: Calendar = {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .current
    return calendar
  }()

  /// A choice that is text for people (`scheduledString`) is no date, whatever it says.
  static func date(of item: OracleItem) -> Span? {
    item.type == "String" ? nil : interval(item.value)
  }

  static func interval(_ value: OracleJSON) -> Span? {
    if let text = value.text { return span(text) }
    if let events = value["event"] {
      let spans = events.each.compactMap(\.text).compactMap(span)
      return spans.isEmpty
        ? nil : (spans.map(\.from).min() ?? 0, spans.map(\.to).max() ?? 0)
    }
    if let bounds = value["repeat"]?["boundsPeriod"] { return interval(bounds) }
    let start = value["start"]?.text.flatMap(span)
    let end = value["end"]?.text.flatMap(span)
    if start == nil && end == nil { return nil }
    let from = start?.from ?? -.infinity
    let to = end?.to ?? .infinity
    if let start, let end, from >= to { return (end.from, start.to) }
    return (from, to)
  }

  /// Milliseconds from and up to, by the digits that are there.
  static func span(_ text: String) -> Span? {
    var rest = Substring(text)
    var zone = 0.0
    if text.contains("T") {
      if rest.hasSuffix("Z") {
        rest = rest.dropLast()
      } else if let sign = rest.lastIndex(where: { $0 == "+" || $0 == "-" }),
        sign > text.firstIndex(of: "T") ?? text.startIndex
      {
        let parts = rest[rest.index(after: sign)...].split(separator: ":").compactMap { Double($0) }
        guard parts.count == 2 else { return nil }
        zone = (parts[0] * 60 + parts[1]) * 60_000 * (rest[sign] == "-" ? -1 : 1)
        rest = rest[..<sign]
      }
    }
    let numbers = rest.split(whereSeparator: { "-T:.".contains($0) }).map(String.init)
    let units: [Calendar.Component] = [.year, .month, .day, .hour, .minute, .second]
    var components = DateComponents()
    for (unit, number) in zip(units, numbers) { components.setValue(Int(number), for: unit) }
    guard numbers.count <= 7, components.isValidDate(in: calendar),
      let start = calendar.date(from: components)
    else { return nil }
    var from = start.timeIntervalSince1970 * 1000 - zone
    guard numbers.count < 7 else {
      let digits = numbers[6].prefix(3)
      let width = pow(10, Double(3 - digits.count))
      from += (Double(digits) ?? 0) * width
      return (from.rounded(), from.rounded() + width)
    }
    guard let next = calendar.date(byAdding: units[numbers.count - 1], value: 1, to: start) else {
      return nil
    }
    return (from, next.timeIntervalSince1970 * 1000 - zone)
  }

  static func date(_ value: Span, _ wanted: String) -> Bool {
    let prefix = String(wanted.prefix { $0.isLetter && $0 != "T" })
    guard let search = span(String(wanted.dropFirst(prefix.count))) else { return false }
    let inside = value.from >= search.from && value.to <= search.to
    let reachesAbove = value.to > search.to
    let reachesBelow = value.from < search.from
    switch prefix {
    case "", "eq": return inside
    case "ne": return !inside
    case "gt": return reachesAbove
    case "lt": return reachesBelow
    case "ge": return reachesAbove || inside
    case "le": return reachesBelow || inside
    case "sa": return value.from >= search.to
    case "eb": return value.to <= search.from
    default:
      let margin = max(search.to - search.from, 86_400_000)
      return value.from < search.to + margin && value.to > search.from - margin
    }
  }
}
