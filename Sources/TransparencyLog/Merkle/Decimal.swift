/// Unsigned decimal numbers as the C2SP formats write them.
enum Decimal {
  /// Parses ASCII digits without leading zeroes; nil for anything else and for overflow.
  static func parse(_ digits: some Collection<UInt8>) -> UInt64? {
    guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else {
      return nil
    }
    var value: UInt64 = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = tens.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      if overflow || overflow2 { return nil }
      value = sum
    }
    return value
  }
}
