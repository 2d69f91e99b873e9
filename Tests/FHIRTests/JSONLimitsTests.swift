import FHIR
import Primitives
import Testing

@Suite struct JSONLimitsTests {
  @Test(arguments: ["[", "{\"a\":", "[{\"a\":"])
  func depthTenThousandIsAnError(_ opening: String) {
    let text = Array(String(repeating: opening, count: 10_000).utf8)
    let error = #expect(throws: PeerChartError.self) { try JSONDocument(parsing: text) }
    #expect(error?.code == .tooLarge)
    // Asking for more than the program can bear does not help.
    let wide = JSONLimits(maximumDepth: .max, maximumNodes: .max)
    #expect(throws: PeerChartError.self) { try JSONDocument(parsing: text, limits: wide) }
  }

  @Test func depthAtTheLimitIsTaken() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    _ = try JSONDocument(parsing: nested(128))
    #expect(throws: PeerChartError.self) { try JSONDocument(parsing: nested(129)) }
  }

  @Test func sizeAndCountAreBounded() throws {
    let text = Array("[1,2,3]".utf8)
    _ = try JSONDocument(parsing: text, limits: JSONLimits(maximumBytes: 7, maximumNodes: 4))
    for limits in [JSONLimits(maximumBytes: 6), JSONLimits(maximumNodes: 3)] {
      let error = #expect(throws: PeerChartError.self) {
        try JSONDocument(parsing: text, limits: limits)
      }
      #expect(error?.code == .tooLarge)
    }
    for limits in [JSONLimits(maximumBytes: -1), JSONLimits(maximumNodes: -5)] {
      #expect(throws: PeerChartError.self) { try JSONDocument(parsing: text, limits: limits) }
    }
  }

  @Test func aLongTruncatedTextIsAnError() {
    var text = [UInt8](repeating: 0x61, count: 200_000_000)
    text[0] = 0x5B
    text[1] = 0x22
    let tooLong = #expect(throws: PeerChartError.self) { try JSONDocument(parsing: text) }
    #expect(tooLong?.code == .tooLarge)
    let cut = #expect(throws: PeerChartError.self) {
      try JSONDocument(parsing: text, limits: JSONLimits(maximumBytes: 1 << 30))
    }
    #expect(cut?.code == .malformed)
    #expect(cut?.place == "$[0], byte 200000000")
  }

  /// Quadratic comparison of names would take hours here.
  @Test func anObjectOfManyMembersIsTakenAndItsDuplicateFound() throws {
    let count = 300_000
    let members = (0..<count).map { "\"name\($0)\":\($0)" }.joined(separator: ",")
    let document = try JSONDocument(parsing: Array("{\(members)}".utf8))
    #expect(document.root.count == count)
    #expect(document.root["name299999"]?.numberLiteral == "299999")
    for again in ["name7", "\\u006eame299999"] {
      let error = #expect(throws: PeerChartError.self) {
        try JSONDocument(parsing: Array("{\(members),\"\(again)\":0}".utf8))
      }
      #expect(error?.reason == "a member name stands twice in one object")
    }
  }

  /// Around the number of members at which the way of comparing changes.
  @Test func duplicatesAreFoundAtEverySizeAndPlace() {
    for count in 2...40 {
      for first in 0..<count - 1 {
        for second in first + 1..<count {
          let names = (0..<count).map { $0 == second ? "n\(first)" : "n\($0)" }
          let text = "{" + names.map { "\"\($0)\":[]" }.joined(separator: ",") + "}"
          #expect(throws: PeerChartError.self) { try JSONDocument(parsing: Array(text.utf8)) }
        }
      }
    }
  }
}
