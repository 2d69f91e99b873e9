import FHIR
import Testing

@Suite struct JSONValueTests {
  private func parse(_ text: String) throws -> JSONValue {
    try JSONDocument(parsing: Array(text.utf8)).root
  }

  @Test func membersAreFoundByTheirText() throws {
    let root = try parse(#"{"a":1.10,"\u0062":{"c":[true,false,null]},"é":"x\ty","":2E+2}"#)
    #expect(root.kind == .object)
    #expect(root["a"]?.numberLiteral == "1.10")
    #expect(root["b"]?["c"]?[1]?.bool == false)
    #expect(root["b"]?["c"]?[0]?.bool == true)
    #expect(root["b"]?["c"]?[2]?.kind == .null)
    #expect(root["é"]?.string == "x\ty")
    // Same to Swift's String, not the same bytes.
    #expect(root["e\u{301}"] == nil)
    #expect(root[""]?.numberLiteral == "2E+2")
    #expect(root["c"] == nil)
    #expect(root.members.map(\.name) == ["a", "b", "é", ""])
  }

  @Test func asksForWhatIsNotThereGiveNil() throws {
    let root = try parse(#"{"n":1,"s":"t","l":[1,[2],3]}"#)
    #expect(root[0] == nil && root["n"]?["x"] == nil && root["s"]?[0] == nil)
    #expect(root["n"]?.string == nil && root["s"]?.numberLiteral == nil && root["s"]?.bool == nil)
    #expect(root["l"]?[-1] == nil && root["l"]?[3] == nil && root["l"]?[Int.max] == nil)
    #expect(root["l"]?[2]?.numberLiteral == "3" && root["l"]?[1]?[0]?.numberLiteral == "2")
    #expect(Array(try #require(root["n"]).elements).isEmpty)
    #expect(Array(try #require(root["l"]).members).isEmpty)
    #expect(Array(root.elements).isEmpty)
  }

  @Test func escapesAreDecoded() throws {
    let root = try parse(#"["\"\\\/\b\f\n\r\t\u0041\ud83d\ude00\u00e9\u0000"]"#)
    #expect(root[0]?.string == "\"\\/\u{8}\u{C}\n\r\tA\u{1F600}\u{E9}\u{0}")
    #expect(root[0]?.isString("\"\\/\u{8}\u{C}\n\r\tA\u{1F600}\u{E9}\u{0}") == true)
    #expect(root[0]?.isString("x") == false)
  }

  @Test func rangesCoverTheTextOfEachValue() throws {
    let root = try parse(#" { "a" : [ 1 , "b" ] } "#)
    #expect(root.range == 1..<22)
    #expect(String(decoding: try #require(root["a"]).raw, as: UTF8.self) == #"[ 1 , "b" ]"#)
    #expect(root["a"]?[1]?.range == 15..<18)
  }

  @Test func pointersNameThePlaceOfEachValue() throws {
    let root = try parse(
      #"{"resourceType":"Bundle","entry":[{},{"resource":{"a b":[[1],2],"code":{}}}],"x":[]}"#)
    let resource = root["entry"]?[1]?["resource"]
    #expect(root.pointer == "Bundle")
    #expect(resource?["code"]?.pointer == "Bundle.entry[1].resource.code")
    #expect(resource?["a b"]?[0]?[0]?.pointer == "Bundle.entry[1].resource.?[0][0]")
    #expect(resource?["a b"]?[1]?.pointer == "Bundle.entry[1].resource.?[1]")
    #expect(root["x"]?.pointer == "Bundle.x")
    #expect(try parse(#"[0,{"v":1}]"#)[1]?["v"]?.pointer == "$[1].v")
  }
}
