import Crypto
import Foundation
import Identity
import Primitives
import Testing

@Suite("Statements about organizations")
struct AccreditationTests {
  private static let now = Instant(millisecondsSinceEpoch: 1_772_355_600_000)
  private static let year: Int64 = 366 * 86_400

  private static func npi() throws -> NationalProviderIdentifier {
    // The example of CMS's description of the check digit.
    try #require(NationalProviderIdentifier("1234567893"))
  }

  private static func node(_ byte: UInt8) throws -> NodeID {
    try #require(NodeID(bytes: Array(repeating: byte, count: 32)))
  }

  private struct Board {
    let key = Curve25519.Signing.PrivateKey()
    var accreditor: Accreditor { Accreditor(name: "Board", key: key.publicKey) }

    func statement(lifetime: Int64 = year, at time: Instant = now) throws -> String {
      try AccreditationStatement(
        organization: "Exampleville General", npi: npi(), node: node(7), lifetime: lifetime,
        at: time
      ).signed(by: key, named: "Board")
    }
  }

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
    #expect(try Self.npi().description == "1234567893")
    for text in [
      "", "123456789", "12345678933", "1234567890", "3234567893", "12345 7893", "１234567893",
    ] {
      #expect(NationalProviderIdentifier(text) == nil, "\(text)")
    }
  }

  @Test func aStatementHoldsForWhoTakesTheAccreditorsWord() throws {
    let board = Board()
    let text = try board.statement()
    let (statement, accreditor) = try AccreditationStatement.verify(
      text, by: [Board().accreditor, board.accreditor], at: Self.now.adding(seconds: 3600))
    #expect(accreditor == board.accreditor)
    #expect(try statement.node == Self.node(7) && statement.npi == Self.npi())
    #expect(statement.organization == "Exampleville General")
    #expect(try AccreditationStatement.unverified(text) == statement)
    let read = try Accreditor(parsing: board.accreditor.json)
    #expect(read == board.accreditor && read.id == board.accreditor.id)
  }

  @Test func nobodyElsesWordCounts() throws {
    let (board, other) = (Board(), Board())
    let text = try board.statement()
    #expect(throws: PeerChartError.self) {
      try AccreditationStatement.verify(text, by: [other.accreditor], at: Self.now)
    }
    // Another's key under the right name.
    let forged = try other.statement()
    let parts = forged.split(separator: ".")
    let header = text.split(separator: ".")[0]
    #expect(throws: PeerChartError.self) {
      try AccreditationStatement.verify(
        "\(header).\(parts[1]).\(parts[2])", by: [board.accreditor], at: Self.now)
    }
    for time in [Self.now.adding(seconds: -3600), Self.now.adding(seconds: Self.year + 3600)] {
      #expect(throws: PeerChartError.self) {
        try AccreditationStatement.verify(text, by: [board.accreditor], at: time)
      }
    }
    for lifetime in [0, -1, 4 * Self.year] {
      #expect(throws: PeerChartError.self) { try board.statement(lifetime: lifetime) }
    }
  }

  @Test func everyChangedCharacterIsNoticed() throws {
    let board = Board()
    let text = Array(try board.statement().utf8)
    for place in text.indices {
      var changed = text
      changed[place] = changed[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      #expect(throws: PeerChartError.self, "character \(place)") {
        try AccreditationStatement.verify(
          String(decoding: changed, as: UTF8.self), by: [board.accreditor], at: Self.now)
      }
    }
    for text in ["", "..", "a.b.c", String(repeating: "A", count: 5000)] {
      #expect(throws: PeerChartError.self) { try AccreditationStatement.unverified(text) }
    }
  }

  @Test(
    "An accreditor's file is read strictly",
    arguments: [
      "", "{}", "[]", #"{"name":"x"}"#, #"{"name":"","key":{}}"#,
      #"{"name":"x","key":{"kty":"OKP","crv":"Ed25519","x":"AA"}}"#,
      #"{"name":"x","key":{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}}"#,
    ])
  func files(text: String) {
    #expect(throws: PeerChartError.self) { try Accreditor(parsing: Array(text.utf8)) }
  }
}
