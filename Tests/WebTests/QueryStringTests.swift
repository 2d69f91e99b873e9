import FHIR
import Primitives
import Testing

@Suite("Queries and forms")
struct QueryStringTests {
  @Test("Pairs come decoded, in their order, repeated ones too")
  func parsing() throws {
    let query = try QueryString(parsing: "name=M%C3%BCller+Lu&date=ge2024&date=lt2025&flag&e=&&x==")
    #expect(query.pairs.map(\.0) == ["name", "date", "date", "flag", "e", "x"])
    #expect(query.pairs.map(\.1) == ["Müller Lu", "ge2024", "lt2025", "", "", "="])
    #expect(query.values("date") == ["ge2024", "lt2025"])
  }

  @Test(
    "What cannot be decoded is refused at its place, never repaired",
    arguments: ["a=%", "a=%4", "a=%4g", "a=%ff", "a=%c0%80", "a=%ed%a0%80", "a=%00", "=1", "%zz=1"])
  func refusals(text: String) {
    #expect {
      try QueryString(parsing: "ok=1&" + text)
    } throws: { error in
      let error = error as? PeerChartError
      return error?.code == .malformed && error?.place == "query parameter 2"
    }
  }

  @Test("The number of pairs is bounded")
  func bound() throws {
    let most = Array(repeating: "a=1", count: QueryString.maximumPairs).joined(separator: "&")
    #expect(try QueryString(parsing: most).pairs.count == QueryString.maximumPairs)
    #expect {
      try QueryString(parsing: most + "&a=1")
    } throws: { ($0 as? PeerChartError)?.code == .invalid }
  }

  @Test(
    "What is encoded decodes to itself and has no character that means something in JSON or URLs")
  func roundTrip() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededRandom(seed: seed)
    for _ in 0..<3000 {
      let pairs = (0..<3).map { _ in
        (
          "n" + random.urlText(upTo: 8).filter { $0 != "\u{0}" },
          random.urlText(upTo: 12).filter { $0 != "\u{0}" }
        )
      }
      let encoded = QueryString(pairs).encoded
      let safe = encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
      #expect(safe, "seed \(seed)")
      let decoded = try QueryString(parsing: encoded)
      #expect(decoded.pairs.map(\.0) == pairs.map(\.0), "seed \(seed)")
      #expect(decoded.pairs.map(\.1) == pairs.map(\.1), "seed \(seed)")
    }
  }

  @Test("Random bytes give pairs or an error")
  func hostile() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededRandom(seed: seed)
    var refused = 0
    for _ in 0..<5000 {
      let text = String(decoding: random.bytes(upTo: 40), as: UTF8.self) + random.urlText(upTo: 20)
      do {
        let query = try QueryString(parsing: text)
        #expect(query.pairs.allSatisfy { !$0.0.isEmpty && !$0.1.contains("\u{0}") }, "seed \(seed)")
      } catch { refused += 1 }
    }
    #expect(refused > 100 && refused < 5000, "seed \(seed)")
  }

  @Test("A combining mark hides no separator")
  func combining() throws {
    let query = try QueryString(parsing: "a=\u{301}1&\u{301}b=2")
    #expect(query.pairs.map(\.0) == ["a", "\u{301}b"])
    #expect(query.pairs.map(\.1) == ["\u{301}1", "2"])
  }

  @Test("A plus is a space in queries only")
  func plus() throws {
    #expect(try PercentCoding.decode("a+b", place: "path") == "a+b")
    #expect(try PercentCoding.decode("a+b%2B", plusIsSpace: true, place: "query") == "a b+")
  }
}
