import Identity
import Primitives
import Testing

/// What somebody holds to be let in cannot be guessed.
@Suite struct SecretStrengthTests {
  @Test func aThousandTokensHave256BitsEachAndNoneTwice() throws {
    var texts: Set<String> = []
    var ones = [Int](repeating: 0, count: 256)
    for _ in 0..<1_000 {
      let text = BearerToken(random: SystemRandom()).text.exposed
      texts.insert(text)
      let bytes = try #require(Base64URL.decode(String(text.dropFirst("pct_".count))))
      #expect(bytes.count == 32)
      for bit in 0..<256 where bytes[bit / 8] >> UInt8(bit % 8) & 1 == 1 { ones[bit] += 1 }
    }
    #expect(texts.count == 1_000)
    // Each bit is set about half of the time: 500 ± 8 standard deviations of 16.
    #expect(ones.allSatisfy { (372...628).contains($0) }, "\(ones)")
  }
}
