import FHIR
import Primitives
import Testing

@Suite struct JSONTreeTests {
  @Test func writesCompactJSON() {
    let tree: JSONTree = [
      "a": ["b", true, 3, .null, .number("1.10")], "q": "\"\\\n\u{1}é/", "r": .raw([0x7B, 0x7D]),
    ]
    #expect(
      String(decoding: tree.serialized(), as: UTF8.self)
        == #"{"a":["b",true,3,null,1.10],"q":"\"\\\n\u0001é/","r":{}}"#)
  }

  @Test func equalityIsThatOfTheText() {
    #expect(JSONTree.number("1.10") != .number("1.1"))
    #expect(JSONTree.object([("a", 1), ("b", 2)]) != .object([("b", 2), ("a", 1)]))
    #expect(JSONTree.string("é") != .string("e\u{301}"))
    #expect(JSONTree.array(["a"]) == .array([.string("a")]))
  }

  @Test func randomTreesSurviveWritingAndReading() throws {
    let seed = FuzzRandom.printedSeed(for: "JSONTree round trip")
    var random = FuzzRandom(seed: seed)
    for _ in 0..<400 {
      let tree = Self.tree(depth: 5, &random)
      let parsed = try JSONDocument(parsing: tree.serialized())
      #expect(JSONTree(parsed.root) == tree, "seed \(seed)")
      #expect(JSONComparison.differences(parsed.root, parsed.root).isEmpty)
    }
  }

  static func tree(depth: Int, _ random: inout FuzzRandom) -> JSONTree {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
    case 0: return .string(text(&random))
    case 1:
      return .number(
        ["0", "-0", "1.10", "1E2", "-7.0e-3", "12345678901234567890"].randomElement(using: &random)
          ?? "0")
    case 2: return .bool(Bool.random(using: &random))
    case 3: return .null
    case 4: return .string("")
    case 5, 6:
      let count = Int.random(in: 0..<24, using: &random)
      return .object((0..<count).map { ("\($0)" + text(&random), tree(depth: depth - 2, &random)) })
    default:
      let count = Int.random(in: 0..<6, using: &random)
      return .array((0..<count).map { _ in tree(depth: depth - 1, &random) })
    }
  }

  private static func text(_ random: inout FuzzRandom) -> String {
    let scalars: [Unicode.Scalar] = [
      "a", "Z", "\"", "\\", "/", "\n", "\0", "\u{1F}", " ", "\u{7F}", "é", "€", "\u{FFFF}", "😀",
    ]
    var text = ""
    for _ in 0..<Int.random(in: 0..<20, using: &random) {
      text.unicodeScalars.append(scalars.randomElement(using: &random) ?? "a")
    }
    return text
  }
}

@Suite struct CanonicalJSONTests {
  private func canonical(_ text: String, omitting names: Set<String> = []) throws -> String {
    let root = try JSONDocument(parsing: Array(text.utf8)).root
    return String(
      decoding: try CanonicalJSON.serialize(root, omitting: names.contains), as: UTF8.self)
  }

  /// The order of the example in RFC 8785 section 3.2.3: by UTF-16, so that U+1F600 is before U+FB33.
  @Test func sortsByUTF16() throws {
    let text = #"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#
    #expect(
      try canonical(text)
        == "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{F6}\":7,\"\u{20AC}\":1,\"\u{1F600}\":5,\"\u{FB33}\":3}"
    )
  }

  @Test func escapesAsLittleAsItMay() throws {
    #expect(
      try canonical(#"["\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/\b\f\t\u001f"]"#)
        == #"["€$\u000f\nA'B\"\\\\\"/\b\f\t\u001f"]"#)
  }

  @Test func omitsNamesOfTheOutermostObjectOnly() throws {
    #expect(
      try canonical(
        #"{ "id":"x", "b": {"id" : [ true,null ]}, "meta":{} }"#, omitting: ["id", "meta"])
        == #"{"b":{"id":[true,null]}}"#)
  }

  @Test func takesIntegersOnly() throws {
    #expect(try canonical("[0,-0,-12,9007199254740991]") == "[0,0,-12,9007199254740991]")
    for number in ["1.0", "1.5", "1e2", "1E2", "9007199254740992", "-9007199254740992", "1e999"] {
      let error = #expect(throws: PeerChartError.self) { try canonical("{\"v\":[\(number)]}") }
      #expect(error?.code == .invalid)
      #expect(error?.place == "$.v[0]")
    }
  }

  @Test func treesAreCheckedFirst() throws {
    let tree: JSONTree = ["b": 1, "a": .raw(Array(" [ 2 ]".utf8))]
    #expect(
      String(decoding: try CanonicalJSON.serialize(tree), as: UTF8.self) == #"{"a":[2],"b":1}"#)
    #expect(throws: PeerChartError.self) {
      try CanonicalJSON.serialize(.object([("a", 1), ("a", 2)]))
    }
    #expect(throws: PeerChartError.self) { try CanonicalJSON.serialize(.raw([0x7B])) }
  }
}
