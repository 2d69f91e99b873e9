import Primitives

/// One alternative of a number parameter, and the number of a quantity: a prefix and a decimal.
struct NumberCondition: Hashable {
  let prefix: SearchPrefix
  let number: DecimalNumber

  init(parsing text: String) throws(PeerChartError) {
    let (prefix, digits) = try SearchPrefix.split(text)
    guard let number = DecimalNumber(digits) else {
      throw PeerChartError(.invalid, "not a decimal number of at most 34 digits")
    }
    self.prefix = prefix
    self.number = number
  }

  /// Without a prefix, a number stands for all that round to it: 100 for [99.5, 100.5) (R4 3.1.1.4.6).
  /// Beside other prefixes it is exact.
  func matches(_ value: NumberInterval) -> Bool {
    switch prefix {
    case .equal: isAbout(value)
    case .notEqual: !isAbout(value)
    case .greater: value.reachesAbove(number)
    case .less: value.reachesBelow(number)
    case .greaterOrEqual: value.reaches(upTo: number)
    case .lessOrEqual: value.reaches(downTo: number)
    case .startsAfter: value.isAbove(number)
    case .endsBefore: value.isBelow(number)
    case .approximately:
      value.reaches(upTo: number.approximateRange.low)
        && value.reaches(downTo: number.approximateRange.high)
    }
  }

  private func isAbout(_ value: NumberInterval) -> Bool {
    value.isWithin(number.impliedRange.low, number.impliedRange.high)
  }

  /// Between which numbers every single number that matches lies, both included; nil where that
  /// is not bounded.
  var envelope: (low: DecimalNumber, high: DecimalNumber)? {
    switch prefix {
    case .equal: number.impliedRange
    case .approximately: number.approximateRange
    default: nil
    }
  }
}

/// One alternative of a quantity parameter: `[prefix]number`, with `|system|code` or `||unit`.
struct QuantityCondition: Hashable {
  let number: NumberCondition
  let system: String?
  /// The code; without a system, the code or the unit as it is written for people (R4 3.1.1.4.11).
  let unit: String?

  init(parsing text: EscapedText) throws(PeerChartError) {
    let parts = text.split(at: "|").map(\.unescaped)
    guard parts.count == 1 || parts.count == 3 else {
      throw PeerChartError(.invalid, "a quantity is a number, number|system|code or number||unit")
    }
    number = try NumberCondition(parsing: parts[0])
    system = parts.count == 3 && !parts[1].isEmpty ? parts[1] : nil
    unit = parts.count == 3 ? parts[2] : nil
    guard unit?.isEmpty != true else {
      throw PeerChartError(.invalid, "a quantity with bars needs a unit behind them")
    }
  }

  func matches(_ value: QuantityValue) -> Bool {
    if let unit {
      if let system {
        guard value.system?.isIdentical(to: system) ?? false,
          value.code?.isIdentical(to: unit) ?? false
        else { return false }
      } else if !(value.code?.isIdentical(to: unit) ?? false),
        !(value.unit?.isIdentical(to: unit) ?? false)
      {
        return false
      }
    }
    return number.matches(value.interval)
  }
}
