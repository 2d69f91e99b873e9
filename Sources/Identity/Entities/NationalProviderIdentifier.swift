/// A National Provider Identifier (45 CFR 162.406): ten digits, of which the last checks the others.
public struct NationalProviderIdentifier: Hashable, Sendable, CustomStringConvertible {
  /// The ten digits.
  public let description: String

  /// Nil for what is no identifier: other than ten digits, the first neither 1 nor 2, or a check digit that
  /// does not fit (the Luhn formula over `80840` and the ten digits).
  public init?(_ text: some StringProtocol) {
    let digits = text.utf8.map { Int($0) - 0x30 }
    guard digits.count == 10, digits.allSatisfy((0...9).contains), digits[0] == 1 || digits[0] == 2
    else { return nil }
    var sum = 0
    for (place, digit) in ([8, 0, 8, 4, 0] + digits).reversed().enumerated() {
      let weighted = place % 2 == 0 ? digit : digit * 2
      sum += weighted > 9 ? weighted - 9 : weighted
    }
    guard sum % 10 == 0 else { return nil }
    description = String(text)
  }
}
