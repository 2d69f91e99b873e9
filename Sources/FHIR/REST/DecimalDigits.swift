/// Unsigned decimal numbers as they stand in addresses, headers and paths: digits only, no sign.
package enum DecimalDigits {
  /// The number, or nil if there is none, something else, or more than `limit`.
  package static func parse(_ digits: some Collection<UInt8>, limit: Int64 = .max) -> Int64? {
    guard !digits.isEmpty, digits.count <= 19 else { return nil }
    var value: Int64 = 0
    for digit in digits {
      guard digit >= 48, digit <= 57 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow2) = product.addingReportingOverflow(Int64(digit - 48))
      if overflow || overflow2 { return nil }
      value = sum
    }
    return value <= limit ? value : nil
  }
}
