extension FHIRPathDecimal {
  /// How a number is made whole.
  enum Rounding {
    case down
    case up
    case towardsZero
    /// Half away from zero, as FHIRPath's examples have it.
    case nearest
  }

  /// The number with at most `places` digits behind the point; nil where it does not fit.
  func rounded(_ rounding: Rounding, places: Int = 0) -> FHIRPathDecimal? {
    guard places < Int(scale) else { return self }
    let divisor = Self.power(of: Int(scale) - places)
    let (quotient, rest) = mantissa.quotientAndRemainder(dividingBy: divisor)
    let step: Int128 =
      switch rounding {
      case .down: rest < 0 ? -1 : 0
      case .up: rest > 0 ? 1 : 0
      case .towardsZero: 0
      case .nearest:
        rest.magnitude >= (divisor - Int128(rest.magnitude)).magnitude ? rest.signum() : 0
      }
    return FHIRPathDecimal(mantissa: quotient + step, scale: places)
  }

  var absolute: FHIRPathDecimal? { mantissa < 0 ? negated : self }

  /// The square root to as many digits as fit; nil for a negative number.
  var squareRoot: FHIRPathDecimal? {
    guard mantissa >= 0 else { return nil }
    var magnitude = mantissa.magnitude
    var scale = Int(self.scale)
    if scale % 2 == 1 {
      guard magnitude <= UInt128.max / 10 else { return nil }
      magnitude *= 10
      scale += 1
    }
    while magnitude != 0, magnitude <= UInt128.max / 10_000, scale <= Self.maximumScale * 2 - 2 {
      magnitude *= 100
      scale += 2
    }
    guard magnitude > 0 else { return .zero }
    var root = UInt128(1) << UInt128((129 - magnitude.leadingZeroBitCount) / 2)
    while true {
      let next = (root + magnitude / root) / 2
      if next >= root { break }
      root = next
    }
    // The nearer of the two neighbours.
    if magnitude - root * root > root { root += 1 }
    return FHIRPathDecimal(mantissa: Int128(root), scale: scale / 2).trimmed
  }

  /// e to the power of the number, with the 15 digits of a double.
  var exponential: FHIRPathDecimal? { Self.from(Self.exponential(of: double)) }

  /// The natural logarithm, with the 15 digits of a double; nil where there is none.
  var naturalLogarithm: FHIRPathDecimal? {
    mantissa > 0 ? Self.from(Self.logarithm(of: double)) : nil
  }

  /// The logarithm to a base; exact powers give whole numbers.
  func logarithm(base: FHIRPathDecimal) -> FHIRPathDecimal? {
    guard mantissa > 0, base.mantissa > 0, base.double != 1 else { return nil }
    let value = Self.logarithm(of: double) / Self.logarithm(of: base.double)
    let whole = value.rounded()
    // Both logarithms are a little off; where the power of the whole number is exact, it is meant.
    if abs(value - whole) < 1e-9, let exponent = Int32(exactly: whole),
      let power = base.power(exponent), power == self
    {
      return FHIRPathDecimal(exponent)
    }
    return Self.from(value)
  }

  /// A whole power, exact as far as the digits reach; nil where it does not fit.
  func power(_ exponent: Int32) -> FHIRPathDecimal? {
    var result = FHIRPathDecimal(1)
    var base = self
    var rest = exponent.magnitude
    while rest > 0 {
      if rest & 1 == 1 {
        guard let product = result.multiplied(by: base) else { return nil }
        result = product
      }
      rest >>= 1
      if rest > 0 {
        guard let square = base.multiplied(by: base) else { return nil }
        base = square
      }
    }
    return exponent < 0 ? FHIRPathDecimal(1).divided(by: result) : result
  }

  /// Any power; nil where there is none, as of a negative number to a fraction.
  func power(_ exponent: FHIRPathDecimal) -> FHIRPathDecimal? {
    if let whole = exponent.integer { return power(whole) }
    guard mantissa > 0 else { return mantissa == 0 && exponent.mantissa > 0 ? .zero : nil }
    if exponent == FHIRPathDecimal(mantissa: 5, scale: 1) { return squareRoot }
    return Self.from(Self.exponential(of: exponent.double * Self.logarithm(of: double)))
  }

  private var double: Double {
    Double(description) ?? 0
  }

  private static func from(_ value: Double) -> FHIRPathDecimal? {
    guard value.isFinite else { return nil }
    if abs(value) < 1e-30 { return .zero }
    return FHIRPathDecimal(literal: value.description.utf8)
  }

  private static let naturalLogarithmOfTwo = 0.693147180559945309

  // The C library is not asked, so that every platform gives the same digits.
  private static func exponential(of x: Double) -> Double {
    guard x < 200 else { return .infinity }
    guard x > -200 else { return 0 }
    let halvings = (x / naturalLogarithmOfTwo).rounded()
    let rest = x - halvings * naturalLogarithmOfTwo
    var term = 1.0
    var sum = 1.0
    for n in 1..<24 {
      term *= rest / Double(n)
      sum += term
    }
    return Double(sign: .plus, exponent: Int(halvings), significand: sum)
  }

  private static func logarithm(of x: Double) -> Double {
    guard x > 0, x.isFinite else { return .nan }
    var exponent = Double(x.exponent)
    var significand = x.significand
    if significand > 1.4142135623730951 {
      significand /= 2
      exponent += 1
    }
    let ratio = (significand - 1) / (significand + 1)
    let square = ratio * ratio
    var power = ratio
    var sum = 0.0
    for n in 0..<28 {
      sum += power / Double(2 * n + 1)
      power *= square
    }
    return 2 * sum + exponent * naturalLogarithmOfTwo
  }
}
