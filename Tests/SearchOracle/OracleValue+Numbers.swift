import Foundation

/// Numbers by Foundation's decimals, and their prefixes by the drawings of R4 3.1.1.3.3.
extension OracleValue {
  struct Range {
    var low: Decimal?
    var high: Decimal?
    /// Whether an end is left out (`<5`).
    var isOpen = false
  }

  static func range(_ item: OracleItem, _ kind: String) -> Range? {
    if let number = item.value.number {
      return kind == "number" ? Range(low: number, high: number) : nil
    }
    if item.value["low"] != nil || item.value["high"] != nil {
      let low = item.value["low"]?["value"]?.number
      let high = item.value["high"]?["value"]?.number
      if low == nil && high == nil { return nil }
      if let low, let high { return Range(low: min(low, high), high: max(low, high)) }
      return Range(low: low, high: high)
    }
    guard let number = item.value["value"]?.number else { return nil }
    switch item.value["comparator"]?.text {
    case "<": return Range(high: number, isOpen: true)
    case "<=": return Range(high: number)
    case ">": return Range(low: number, isOpen: true)
    case ">=": return Range(low: number)
    default: return Range(low: number, high: number)
    }
  }

  static func quantity(_ item: OracleItem, _ wanted: String) -> Bool {
    let parts = SearchOracle.split(wanted, "|").map(SearchOracle.unescaped)
    guard let range = range(item, "quantity"), number(range, parts[0]) else { return false }
    guard parts.count == 3 else { return true }
    let unit = item.value["low"] ?? item.value["high"] ?? item.value
    let code = unit["currency"]?.text ?? unit["code"]?.text
    let system = unit["currency"] == nil ? unit["system"]?.text : "urn:iso:std:iso:4217"
    if parts[1].isEmpty { return code == parts[2] || unit["unit"]?.text == parts[2] }
    return code == parts[2] && system == parts[1]
  }

  static func number(_ value: Range, _ wanted: String) -> Bool {
    let prefix = String(wanted.prefix { $0.isLetter })
    let digits = String(wanted.dropFirst(prefix.count))
    guard let number = Decimal(string: digits) else { return false }
    func above(_ other: Decimal) -> Bool { value.high.map { $0 > other } ?? true }
    func below(_ other: Decimal) -> Bool { value.low.map { $0 < other } ?? true }
    let highIsIt = value.high == number && !value.isOpen
    let lowIsIt = value.low == number && !value.isOpen
    let half = half(digits)
    let isAbout =
      value.low.map { $0 >= number - half } ?? false
      && value.high.map { $0 < number + half } ?? false
    switch prefix {
    case "", "eq": return isAbout
    case "ne": return !isAbout
    case "gt": return above(number)
    case "lt": return below(number)
    case "ge": return above(number) || highIsIt
    case "le": return below(number) || lowIsIt
    case "sa": return value.low.map { $0 > number || value.isOpen && $0 == number } ?? false
    case "eb": return value.high.map { $0 < number || value.isOpen && $0 == number } ?? false
    default:
      let margin = abs(number) / 10
      let (low, high) = (number - margin, number + margin)
      return (above(low) || value.high == low && !value.isOpen)
        && (below(high) || value.low == high && !value.isOpen)
    }
  }

  /// Half a unit of the last digit that is written.
  private static func half(_ digits: String) -> Decimal {
    let parts = digits.lowercased().components(separatedBy: "e")
    let places = parts[0].components(separatedBy: ".").dropFirst().first?.count ?? 0
    let power = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) - places
    var half = Decimal(5)
    for _ in 0..<abs(power) { half = power > 0 ? half * 10 : half / 10 }
    return half / (power > 0 ? 100 : 10)
  }
}
