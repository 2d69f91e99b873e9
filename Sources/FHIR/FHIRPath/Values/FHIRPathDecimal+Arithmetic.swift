extension FHIRPathDecimal {
  /// The sum; nil where it does not fit.
  func adding(_ other: FHIRPathDecimal) -> FHIRPathDecimal? {
    guard let (a, b, scale) = aligned(with: other) else { return nil }
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? nil : FHIRPathDecimal(mantissa: sum, scale: scale)
  }

  var negated: FHIRPathDecimal? {
    let (value, overflow) = Int128(0).subtractingReportingOverflow(mantissa)
    return overflow ? nil : FHIRPathDecimal(mantissa: value, scale: Int(scale))
  }

  func subtracting(_ other: FHIRPathDecimal) -> FHIRPathDecimal? {
    other.negated.flatMap { adding($0) }
  }

  /// The product, rounded where it has more digits than fit; nil where its whole part does not.
  func multiplied(by other: FHIRPathDecimal) -> FHIRPathDecimal? {
    let product = mantissa.magnitude.multipliedFullWidth(by: other.mantissa.magnitude)
    return Self.fitting(
      high: product.high, low: product.low, scale: Int(scale) + Int(other.scale),
      isNegative: (mantissa < 0) != (other.mantissa < 0))
  }

  /// The quotient, exact where it ends within 28 digits and otherwise rounded to them; nil for a
  /// divisor of zero and where it does not fit.
  func divided(by other: FHIRPathDecimal) -> FHIRPathDecimal? {
    let divisor = other.mantissa.magnitude
    guard divisor != 0 else { return nil }
    let dividend = mantissa.magnitude
    // Enough digits that the quotient has at least the wanted ones, and not more than fit.
    let shift = max(
      0, min(Self.maximumScale, Self.significantDigits + digits(divisor) - digits(dividend)))
    let wide = dividend.multipliedFullWidth(by: UInt128(Self.power(of: shift)))
    guard wide.high < divisor else { return nil }
    let (quotient, remainder) = divisor.dividingFullWidth(wide)
    let rounds = remainder >= divisor - remainder && remainder != 0
    let (rounded, overflow) = quotient.addingReportingOverflow(rounds ? 1 : 0)
    guard !overflow else { return nil }
    return Self.fitting(
      high: 0, low: rounded, scale: shift + Int(scale) - Int(other.scale),
      isNegative: (mantissa < 0) != (other.mantissa < 0))?.trimmed
  }

  /// The whole part of the quotient; nil for a divisor of zero and where it does not fit.
  func wholeQuotient(by other: FHIRPathDecimal) -> FHIRPathDecimal? {
    guard let (a, b, _) = aligned(with: other), b != 0 else { return nil }
    let (quotient, overflow) = a.dividedReportingOverflow(by: b)
    return overflow ? nil : FHIRPathDecimal(mantissa: quotient, scale: 0)
  }

  /// The rest of that division, with the sign of the dividend.
  func remainder(by other: FHIRPathDecimal) -> FHIRPathDecimal? {
    guard let (a, b, scale) = aligned(with: other), b != 0 else { return nil }
    let (rest, overflow) = a.remainderReportingOverflow(dividingBy: b)
    return overflow ? nil : FHIRPathDecimal(mantissa: rest, scale: scale)
  }

  private func digits(_ magnitude: UInt128) -> Int {
    var count = 1
    var rest = magnitude / 10
    while rest > 0 {
      count += 1
      rest /= 10
    }
    return count
  }

  private func aligned(with other: FHIRPathDecimal) -> (a: Int128, b: Int128, scale: Int)? {
    if scale == other.scale { return (mantissa, other.mantissa, Int(scale)) }
    let common = Int(max(scale, other.scale))
    let (a, overflowA) = mantissa.multipliedReportingOverflow(
      by: Self.power(of: common - Int(scale)))
    let (b, overflowB) = other.mantissa.multipliedReportingOverflow(
      by: Self.power(of: common - Int(other.scale)))
    if !overflowA && !overflowB { return (a, b, common) }
    // Zeros at the end of a fraction may be all that is in the way.
    let (x, y) = (trimmed, other.trimmed)
    return x.scale < scale || y.scale < other.scale ? x.aligned(with: y) : nil
  }

  /// A number of up to 256 bits, rounded until it and its scale fit.
  private static func fitting(
    high: UInt128, low: UInt128, scale: Int, isNegative: Bool
  ) -> FHIRPathDecimal? {
    var magnitude = low
    var scale = scale
    if high > 0 || low > UInt128(Int128.max) {
      // The smallest power of ten that brings the number into one word.
      guard
        let drop = (1...maximumScale).first(where: { UInt128(power(of: $0)) > high &* 4 })
      else { return nil }
      let divisor = UInt128(power(of: drop))
      guard high < divisor else { return nil }
      let (quotient, rest) = divisor.dividingFullWidth((high, low))
      magnitude = quotient + (rest >= divisor - rest ? 1 : 0)
      scale -= drop
    }
    while scale > maximumScale {
      let (quotient, rest) = magnitude.quotientAndRemainder(dividingBy: 10)
      magnitude = quotient + (rest >= 5 ? 1 : 0)
      scale -= 1
    }
    guard magnitude <= UInt128(Int128.max) else { return nil }
    var value = Int128(magnitude)
    while scale < 0 {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      value = product
      scale += 1
    }
    return FHIRPathDecimal(mantissa: isNegative ? -value : value, scale: scale)
  }
}
