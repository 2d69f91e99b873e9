import Foundation
import Identity
import Primitives
import Testing

@Suite("Codes of an authenticator app")
struct TOTPTests {
  /// The secret of RFC 4226 appendix D and RFC 6238 appendix B.
  private let secret: TOTPSecret

  init() throws {
    secret = try #require(TOTPSecret(key: Redacted(Array("12345678901234567890".utf8))))
  }

  private func at(_ seconds: Int64) -> Instant {
    Instant(millisecondsSinceEpoch: seconds * 1000)
  }

  @Test(
    "RFC 6238 appendix B, the last six of eight digits",
    arguments: [
      (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"),
      (1_234_567_890, "005924"), (2_000_000_000, "279037"), (20_000_000_000, "353130"),
    ] as [(Int64, String)])
  func vectors(seconds: Int64, code: String) {
    #expect(secret.step(matching: code, at: at(seconds), after: nil) == seconds / 30)
  }

  @Test("RFC 4226 appendix D")
  func counters() {
    let codes = [
      "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
      "520489",
    ]
    for (step, code) in codes.enumerated() {
      #expect(secret.step(matching: code, at: at(Int64(step) * 30), after: nil) == Int64(step))
    }
  }

  @Test("one step each way, and each once")
  func window() {
    let now = at(59)
    // Steps 0 to 3 around step 1.
    #expect(secret.step(matching: "755224", at: now, after: nil) == 0)
    #expect(secret.step(matching: "359152", at: now, after: nil) == 2)
    #expect(secret.step(matching: "969429", at: now, after: nil) == nil)
    #expect(secret.step(matching: "287082", at: now, after: 0) == 1)
    #expect(secret.step(matching: "287082", at: now, after: 1) == nil)
    #expect(secret.step(matching: "755224", at: now, after: 1) == nil)
    #expect(secret.step(matching: "359152", at: now, after: 1) == 2)
  }

  @Test("typed with blanks, and no otherwise")
  func typed() {
    #expect(secret.step(matching: "287 082", at: at(59), after: nil) == 1)
    #expect(secret.step(matching: " 287082 ", at: at(59), after: nil) == 1)
    for bad in ["", "28708", "2870820", "28708a", "287-082", "２８７０８２", "287082\n"] {
      #expect(secret.step(matching: bad, at: at(59), after: nil) == nil)
    }
    let long = String(repeating: " ", count: 1 << 16) + "287082"
    #expect(secret.step(matching: long, at: at(59), after: nil) == nil)
  }

  @Test("a guess hits three codes in a million")
  func guesses() {
    let hits = (0..<1_000_000).filter {
      let text = String($0)
      let code = String(repeating: "0", count: 6 - text.count) + text
      return $0 % 97 == 0 && secret.step(matching: code, at: at(1_234_567_890), after: nil) != nil
    }
    #expect(hits.count <= 3)
  }

  @Test("any clock")
  func clocks() {
    for milliseconds in [Int64.min, -1, 0, .max] {
      let now = Instant(millisecondsSinceEpoch: milliseconds)
      #expect(secret.step(matching: "000000", at: now, after: .max) == nil)
    }
  }

  @Test("the key URI that apps read")
  func uri() {
    #expect(
      secret.keyURI(issuer: "Clínica: Sur", account: "ana@example.org").exposed
        == "otpauth://totp/Cl%C3%ADnica%20%20Sur:ana%40example.org"
        + "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Cl%C3%ADnica%20%20Sur"
        + "&algorithm=SHA1&digits=6&period=30")
    #expect(secret.manualEntry.exposed == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")
  }

  @Test("fresh ones differ, are stored and stay secret")
  func stored() throws {
    let fresh = TOTPSecret(random: SystemRandom())
    #expect(fresh != TOTPSecret(random: SystemRandom()))
    let data = try JSONEncoder().encode([fresh])
    #expect(try JSONDecoder().decode([TOTPSecret].self, from: data) == [fresh])
    for bad in [#"[""]"#, #"["AAAA"]"#, #"["!"]"#] {
      #expect(throws: PeerChartError.self) {
        try JSONDecoder().decode([TOTPSecret].self, from: Data(bad.utf8))
      }
    }
    #expect(TOTPSecret(key: Redacted([])) == nil)
    var dumped = "\(secret)"
    dump(secret, to: &dumped)
    #expect(!dumped.contains("49"))
  }
}
