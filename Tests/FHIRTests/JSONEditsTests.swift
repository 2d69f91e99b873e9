import FHIR
import Testing

@Suite struct JSONEditsTests {
  private let text = Array("0123456789".utf8)

  private func apply(_ build: (inout ByteEdits) -> Void, within window: Range<Int>? = nil) -> String
  {
    var edits = ByteEdits()
    build(&edits)
    return String(decoding: edits.applied(to: text, within: window ?? 0..<10), as: UTF8.self)
  }

  @Test func appliesEditsInTheOrderOfTheText() {
    #expect(apply { _ in } == "0123456789")
    #expect(
      apply {
        $0.replace(7..<9, with: Array("xyz".utf8))
        $0.insert(Array("b".utf8), at: 2)
        $0.insert(Array("c".utf8), at: 2)
        $0.remove(2..<4)
        $0.insert(Array("!".utf8), at: 10)
      } == "01bc456xyz9!")
  }

  @Test func keepsToItsWindow() {
    #expect(apply({ $0.replace(3..<4, with: [0x78]) }, within: 2..<6) == "2x45")
    #expect(apply({ $0.replace(8..<9, with: [0x78]) }, within: 2..<6) == "2345")
    #expect(apply({ $0.replace(0..<3, with: [0x78]) }, within: 2..<6) == "2345")
    #expect(apply({ $0.remove(5..<8) }, within: 2..<600) == "23489")
  }

  @Test func theFirstOfTwoOverlappingEditsCounts() {
    #expect(
      apply {
        $0.replace(2..<6, with: [0x78])
        $0.replace(4..<8, with: [0x79])
      } == "01x6789")
  }

  @Test func comparisonSeesWhatMatters() throws {
    func differences(_ a: String, _ b: String) throws -> [String] {
      JSONComparison.differences(
        try JSONDocument(parsing: Array(a.utf8)).root, try JSONDocument(parsing: Array(b.utf8)).root
      )
    }
    #expect(try differences(#"{"a":[1,"\u0041"]}"#, #" { "a" : [ 1, "A" ] } "#) == [])
    #expect(try differences(#"{"a":1.10}"#, #"{"a":1.1}"#) == ["$.a"])
    #expect(try differences(#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#) == ["$"])
    #expect(try differences(#"{"a":1,"b":2}"#, #"{"a":1,"c":3}"#) == ["$.b", "$.c"])
    #expect(try differences(#"{"a":[1,2,3]}"#, #"{"a":[1,3]}"#) == ["$.a[1]", "$.a"])
    #expect(try differences(#"{"a":{"x":true}}"#, #"{"a":{"x":false}}"#) == ["$.a.x"])
    #expect(try differences(#"{"a":"1"}"#, #"{"a":1}"#) == ["$.a"])
    #expect(try differences(#"["e\u0301"]"#, #"["é"]"#) == ["$[0]"])
  }
}
