/// A decimal number: an integer of up to 38 digits and how many of them stand behind the point. There
/// is no binary rounding; what does not fit is rounded to 28 digits, or reported.
public struct FHIRPathDecimal: Sendable {
  // Two words and not one Int128, whose alignment would make each item of a collection a third longer.
  private let high: Int64
  private let low: UInt64
  /// Digits behind the point, 0 to 38.
  let scale: UInt8

  static let maximumScale = 38
  /// FHIRPath asks for 28 digits of precision (2.0, 4.1.4).
  static let significantDigits = 28

  init(mantissa: Int128, scale: Int) {
    high = Int64(truncatingIfNeeded: mantissa >> 64)
    low = UInt64(truncatingIfNeeded: mantissa)
    self.scale = UInt8(max(0, min(scale, Self.maximumScale)))
  }

  init(_ integer: Int32) { self.init(mantissa: Int128(integer), scale: 0) }

  /// The number without its point.
  var mantissa: Int128 { Int128(high) << 64 | Int128(low) }

  /// Reads a number literal of JSON or FHIRPath; nil where it has more digits than fit.
  init?(literal: some Collection<UInt8>) {
    var mantissa: Int128 = 0
    var scale = 0
    var isNegative = false
    var seenPoint = false
    var seenDigit = false
    var exponent = 0
    var iterator = literal.makeIterator()
    var next = iterator.next()
    if next == 0x2D || next == 0x2B {
      isNegative = next == 0x2D
      next = iterator.next()
    }
    reading: while let byte = next {
      switch byte {
      case 0x30...0x39:
        let (product, overflow) = mantissa.multipliedReportingOverflow(by: 10)
        let (sum, overflow2) = product.addingReportingOverflow(Int128(byte - 0x30))
        guard !overflow, !overflow2 else { return nil }
        mantissa = sum
        seenDigit = true
        if seenPoint { scale += 1 }
      case 0x2E where !seenPoint && seenDigit: seenPoint = true
      case 0x45, 0x65:
        var digits: [UInt8] = []
        while let digit = iterator.next() { digits.append(digit) }
        guard digits.count <= 4, let value = Int(String(decoding: digits, as: UTF8.self)) else {
          return nil
        }
        exponent = value
        break reading
      default: return nil
      }
      next = iterator.next()
    }
    guard seenDigit else { return nil }
    scale -= exponent
    while scale < 0 {
      let (product, overflow) = mantissa.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      mantissa = product
      scale += 1
    }
    while scale > Self.maximumScale {
      guard mantissa % 10 == 0 else { return nil }
      mantissa /= 10
      scale -= 1
    }
    self.init(mantissa: isNegative ? -mantissa : mantissa, scale: scale)
  }

  /// Reads text such as `-1.50`; nil for anything else.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8.prefix(65))
    guard bytes.count <= 64, let last = bytes.last, (0x30...0x39).contains(last) else {
      return nil
    }
    self.init(literal: bytes)
  }

  static let zero = FHIRPathDecimal(mantissa: 0, scale: 0)

  var isZero: Bool { mantissa == 0 }

  /// The same number without zeros at the end of the fraction.
  var trimmed: FHIRPathDecimal {
    var mantissa = self.mantissa
    var scale = Int(self.scale)
    while scale > 0, mantissa % 10 == 0 {
      mantissa /= 10
      scale -= 1
    }
    return FHIRPathDecimal(mantissa: mantissa, scale: scale)
  }

  /// The integer that the number is; nil where it has a fraction or does not fit.
  var integer: Int32? {
    let trimmed = self.trimmed
    return trimmed.scale == 0 ? Int32(exactly: trimmed.mantissa) : nil
  }

  /// 10 to a power of 0 to 38.
  static func power(of exponent: Int) -> Int128 {
    let exponent = max(0, min(exponent, maximumScale))
    return powers[exponent]
  }

  private static let powers: [Int128] = {
    var all: [Int128] = [1]
    for _ in 0..<maximumScale { all.append((all.last ?? 1) &* 10) }
    return all
  }()
}

extension FHIRPathDecimal: Comparable {
  public static func == (a: Self, b: Self) -> Bool { a.order(b) == 0 }

  public static func < (a: Self, b: Self) -> Bool { a.order(b) < 0 }

  /// Less than, equal to or greater than 0, as the number is compared with the other.
  func order(_ other: FHIRPathDecimal) -> Int {
    let a = mantissa
    let b = other.mantissa
    if scale == other.scale { return a == b ? 0 : a < b ? -1 : 1 }
    if a.signum() != b.signum() { return a < b ? -1 : 1 }
    // The whole parts first, then the fractions, each of which fits.
    let pa = Self.power(of: Int(scale))
    let pb = Self.power(of: Int(other.scale))
    let (wa, fa) = a.quotientAndRemainder(dividingBy: pa)
    let (wb, fb) = b.quotientAndRemainder(dividingBy: pb)
    if wa != wb { return wa < wb ? -1 : 1 }
    let common = max(scale, other.scale)
    let x = fa * Self.power(of: Int(common - scale))
    let y = fb * Self.power(of: Int(common - other.scale))
    return x == y ? 0 : x < y ? -1 : 1
  }
}

extension FHIRPathDecimal: CustomStringConvertible {
  /// With all its digits: `1.50` stays `1.50`.
  public var description: String {
    var digits = String(mantissa.magnitude)
    let scale = Int(self.scale)
    if scale > 0 {
      if digits.utf8.count <= scale {
        digits = String(repeating: "0", count: scale + 1 - digits.utf8.count) + digits
      }
      digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -scale))
    }
    return mantissa < 0 ? "-" + digits : digits
  }
}
