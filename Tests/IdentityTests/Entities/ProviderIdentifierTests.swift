import Identity
import Testing

@Suite("National Provider Identifiers")
struct ProviderIdentifierTests {
  @Test("The check digit is the one of the standard: one of ten fits, and it is Luhn's")
  func checkDigits() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<500 {
      let start =
        "1"
        + String(Int.random(in: 0..<100_000_000, using: &random) + 100_000_000)
        .dropFirst()
      let fitting = (0...9).filter { NationalProviderIdentifier("\(start)\($0)") != nil }
      #expect(fitting.count == 1, "\(start)")
      // 24 is what the prefix 80840 adds (CMS, "Requirements for NPI and NPI Check Digit").
      let sum = start.reversed().enumerated().reduce(24) { sum, digit in
        let value = digit.element.wholeNumberValue ?? 0
        let doubled = digit.offset % 2 == 0 ? value * 2 : value
        return sum + doubled / 10 + doubled % 10
      }
      #expect(fitting == [(10 - sum % 10) % 10], "\(start)")
    }
    // The example of CMS's description of the check digit.
    #expect(NationalProviderIdentifier("1234567893")?.description == "1234567893")
    for text in [
      "", "123456789", "12345678933", "1234567890", "3234567893", "12345 7893", "１234567893",
    ] {
      #expect(NationalProviderIdentifier(text) == nil, "\(text)")
    }
  }
}
