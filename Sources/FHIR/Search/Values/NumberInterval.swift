/// A number in a resource, or a range of them: what number and quantity parameters compare.
struct NumberInterval: Hashable, Sendable {
  /// Nil where there is no lower or upper end.
  let low: DecimalNumber?
  let high: DecimalNumber?
  /// Whether an end is not part of it: `<5` is everything below 5.
  var isOpen = false

  init(_ number: DecimalNumber) {
    low = number
    high = number
  }

  private init(low: DecimalNumber?, high: DecimalNumber?, isOpen: Bool) {
    self.low = low
    self.high = high
    self.isOpen = isOpen
  }

  /// A JSON number.
  init?(number: JSONValue) {
    guard let value = number.numberLiteral.flatMap({ DecimalNumber($0) }) else { return nil }
    self.init(value)
  }

  /// A Quantity, of which a comparator makes a range without end.
  init?(quantity: JSONValue) {
    guard let number = quantity["value"]?.numberLiteral.flatMap({ DecimalNumber($0) }) else {
      return nil
    }
    switch quantity["comparator"]?.string {
    case "<": self.init(low: nil, high: number, isOpen: true)
    case "<=": self.init(low: nil, high: number, isOpen: false)
    case ">": self.init(low: number, high: nil, isOpen: true)
    case ">=": self.init(low: number, high: nil, isOpen: false)
    default: self.init(number)
    }
  }

  /// A Range, open where an end is missing; nil where both are. One the wrong way round counts as what
  /// lies between its ends.
  init?(range: JSONValue) {
    let low = range["low"]?["value"]?.numberLiteral.flatMap { DecimalNumber($0) }
    let high = range["high"]?["value"]?.numberLiteral.flatMap { DecimalNumber($0) }
    if low == nil && high == nil { return nil }
    if let low, let high, high < low {
      self.init(low: high, high: low, isOpen: false)
    } else {
      self.init(low: low, high: high, isOpen: false)
    }
  }

  /// The one number, where it is one.
  var number: DecimalNumber? {
    guard let low, let high, low.isEqual(to: high) else { return nil }
    return low
  }

  func reachesAbove(_ number: DecimalNumber) -> Bool { high.map { $0 > number } ?? true }

  func reachesBelow(_ number: DecimalNumber) -> Bool { low.map { $0 < number } ?? true }

  /// Whether the number itself, or one above it, is within.
  func reaches(upTo number: DecimalNumber) -> Bool {
    high.map { $0 > number || $0.isEqual(to: number) && !isOpen } ?? true
  }

  /// Whether the number itself, or one below it, is within.
  func reaches(downTo number: DecimalNumber) -> Bool {
    low.map { $0 < number || $0.isEqual(to: number) && !isOpen } ?? true
  }

  /// Whether all of it is above a number.
  func isAbove(_ number: DecimalNumber) -> Bool {
    low.map { $0 > number || $0.isEqual(to: number) && isOpen } ?? false
  }

  /// Whether all of it is below a number.
  func isBelow(_ number: DecimalNumber) -> Bool {
    high.map { $0 < number || $0.isEqual(to: number) && isOpen } ?? false
  }

  /// Whether all of it is from `low` on and before `high`.
  func isWithin(_ low: DecimalNumber, _ high: DecimalNumber) -> Bool {
    guard let own = self.low, let top = self.high else { return false }
    return !(own < low) && top < high
  }
}
