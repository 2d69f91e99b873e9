/// A decimal number exactly as written: a whole number times a power of ten. No binary fractions, so
/// that 0.1 is 0.1 and the last digit that stands there says how precise the number is meant.
struct DecimalNumber: Hashable, Sendable {
  /// More digits than FHIR asks for (18), few enough that a factor of a hundred cannot overflow.
  private static let maximumDigits = 34
  private static let exponents = -9999...9999

  /// With the sign; at most 37 digits.
  let significand: Int128
  /// The power of ten by which the significand is multiplied: the place of the last digit.
  let exponent: Int

  private init(_ significand: Int128, _ exponent: Int) {
    self.significand = significand
    self.exponent = exponent
  }

  /// Reads `-12.50e-3`, as JSON writes numbers; leading zeros are let pass. Nil for anything else, and
  /// for more digits or a greater power of ten than are kept.
  init?(_ text: some StringProtocol) {
    var rest = text.utf8[...]
    let isNegative = rest.first == 0x2D
    if isNegative { rest.removeFirst() }
    var significand: Int128 = 0
    var digits = 0
    var exponent = 0
    func isDigit(_ byte: UInt8?) -> Bool { byte.map { $0 >= 0x30 && $0 <= 0x39 } ?? false }
    guard isDigit(rest.first) else { return nil }
    var isFraction = false
    while let byte = rest.first {
      if byte == 0x2E, !isFraction {
        isFraction = true
        rest.removeFirst()
        guard isDigit(rest.first) else { return nil }
        continue
      }
      guard isDigit(byte) else { break }
      rest.removeFirst()
      if digits > 0 || byte != 0x30 { digits += 1 }
      guard digits <= Self.maximumDigits else { return nil }
      significand = significand * 10 + Int128(byte - 0x30)
      if isFraction { exponent -= 1 }
      guard Self.exponents.contains(exponent) else { return nil }
    }
    if let mark = rest.first {
      guard mark | 0x20 == 0x65 else { return nil }
      rest.removeFirst()
      let isMinus = rest.first == 0x2D
      if isMinus || rest.first == 0x2B { rest.removeFirst() }
      guard !rest.isEmpty, rest.count <= 5 else { return nil }
      var power = 0
      for byte in rest {
        guard isDigit(byte) else { return nil }
        power = power * 10 + Int(byte - 0x30)
      }
      exponent += isMinus ? -power : power
      guard Self.exponents.contains(exponent) else { return nil }
    }
    self.init(isNegative ? -significand : significand, exponent)
  }

  /// How far below and above the number, written so, reaches: half a unit of its last digit. Of a number
  /// written with zeros left out, a tenth of that: R4 3.1.1.4.6 says that 1e2 means [95, 105).
  var impliedRange: (low: DecimalNumber, high: DecimalNumber) {
    let places = exponent > 0 ? 2 : 1
    let fine = significand * (exponent > 0 ? 100 : 10)
    return (
      DecimalNumber(fine - 5, exponent - places), DecimalNumber(fine + 5, exponent - places)
    )
  }

  /// A tenth of the number below it and above it (R4 3.1.1.3.3, `ap`).
  var approximateRange: (low: DecimalNumber, high: DecimalNumber) {
    let nine = DecimalNumber(significand * 9, exponent - 1)
    let eleven = DecimalNumber(significand * 11, exponent - 1)
    return significand < 0 ? (eleven, nine) : (nine, eleven)
  }

  /// The digits without sign, and how many they are.
  private var magnitude: (digits: UInt128, count: Int) {
    var count = 0
    var rest = significand.magnitude
    while rest > 0 {
      rest /= 10
      count += 1
    }
    return (significand.magnitude, count)
  }

  /// The power of ten of the first digit, and the first two digits (10 to 99); nil for zero.
  var leading: (power: Int, digits: Int)? {
    let (all, count) = magnitude
    guard count > 0 else { return nil }
    var digits = all
    for _ in 0..<max(0, count - 2) { digits /= 10 }
    if count == 1 { digits *= 10 }
    return (exponent + count - 1, Int(digits))
  }
}

extension DecimalNumber: Comparable {
  static func < (a: Self, b: Self) -> Bool { a.order(to: b) < 0 }

  /// Whether both are the same number, however written: 1.0 and 1.00.
  func isEqual(to other: DecimalNumber) -> Bool { order(to: other) == 0 }

  /// Negative, 0 or positive as the number is less than, equal to or greater than the other.
  private func order(to other: DecimalNumber) -> Int {
    let (sign, otherSign) = (significand.signum(), other.significand.signum())
    guard sign == otherSign else { return sign < otherSign ? -1 : 1 }
    guard sign != 0 else { return 0 }
    let (x, xCount) = magnitude
    let (y, yCount) = other.magnitude
    let power = xCount + exponent
    let otherPower = yCount + other.exponent
    guard power == otherPower else { return (power < otherPower ? -1 : 1) * Int(sign) }
    // Equal powers: the one with fewer digits is filled up to as many as the other has.
    let a = Self.filled(x, by: yCount - xCount)
    let b = Self.filled(y, by: xCount - yCount)
    return (a == b ? 0 : a < b ? -1 : 1) * Int(sign)
  }

  private static func filled(_ digits: UInt128, by places: Int) -> UInt128 {
    var digits = digits
    for _ in 0..<max(0, places) { digits *= 10 }
    return digits
  }
}
