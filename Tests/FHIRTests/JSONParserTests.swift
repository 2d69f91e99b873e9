import FHIR
import Primitives
import Testing

@Suite struct JSONParserTests {
  @Test(arguments: [
    "{}", "[]", "0", "-0", "\"\"", "true", "false", "null", " [ ] ", "\t\r\n{}\n", "[[]]", "[{}]",
    "{\"a\":{}}", "[0e1]", "[1E+2,1e-2,-1.10,123456789012345678901234567890.5]",
    "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uD83D\\uDE00\\u0000\"]",
    "[\"\u{80}\u{7FF}\u{800}\u{FFFF}\u{10FFFF}\"]", "{\"\":1}", "{\"a\":1,\"b\":2,\"\\u0063\":3}",
    "[\"\u{7F}\"]", "[\"12345678\"]", "[\"1234567\\n90123456\"]", "[\"\\uD7FF\\uE000\"]",
    "[1,2,[3,[4,[],{}]],{\"x\":[]}]", "{\"a\":{\"a\":{\"a\":1}}}",
  ])
  func accepts(_ text: String) throws {
    let document = try JSONDocument(parsing: Array(text.utf8))
    #expect(document.bytes == Array(text.utf8))
  }

  @Test(arguments: [
    "", " ", "{", "[", "}", "]", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
    "{a:1}", "{\"a\":1 \"b\":2}", "{'a':1}", "[1]]", "{}{}", "[] x", "tru", "truE", "nul", "nulll",
    "NaN", "Infinity", "-Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x10",
    "1_000", "[1,2", "\"", "\"abc", "\"\\", "\"\\x\"", "\"\\u\"", "\"\\u12\"", "\"\\u12G4\"",
    "\"\\uD800\"", "\"\\uD800x\"", "\"\\uD800\\n\"", "\"\\uD800\\uD800\"", "\"\\uDC00\"", "\"\n\"",
    "\"\t\"", "\"\0\"", "\"1234567\u{1}\"", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}",
    "\u{FEFF}{}", "/**/1", "[1]\0", "\0", "{\"a\":1,\"b\":{\"c\":1,\"d\":2,\"c\":3}}",
    "[\"a\",\n4\n,1,", "{1:1}", "{\"a\":1,,\"b\":2}", "[-a]", "[1.e1]", "[1]\u{A0}", "[\u{2028}1]",
  ])
  func refuses(_ text: String) {
    let error = #expect(throws: PeerChartError.self) {
      try JSONDocument(parsing: Array(text.utf8))
    }
    #expect(error?.code == .malformed)
    #expect(error?.place?.contains("byte") == true)
  }

  /// Ill-formed UTF-8 (Unicode 15, table 3-7): each inside a string and long enough for eight-byte
  /// steps.
  @Test(
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x20], [0xE0, 0x80, 0x80],
      [0xE0, 0x9F, 0xBF], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
      [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
      [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98], [0xFE], [0xFF],
    ] as [[UInt8]])
  func refusesInvalidUTF8(_ bytes: [UInt8]) {
    for lead in ["", "1234567", "12345678", "\u{E9}"] {
      let text = Array("[\"\(lead)".utf8) + bytes + Array("\"]        ".utf8)
      let error = #expect(throws: PeerChartError.self) { try JSONDocument(parsing: text) }
      #expect(error?.reason == "bytes that are not UTF-8")
    }
  }

  @Test func everyPrefixOfATextIsRefused() throws {
    let text = Array(#"{"a":[1.5e3,"x\u00e9é\ud83d\ude00",true,null,{"b":false}]}"#.utf8)
    _ = try JSONDocument(parsing: text)
    for length in 0..<text.count {
      let error = #expect(throws: PeerChartError.self) {
        try JSONDocument(parsing: Array(text[..<length]))
      }
      #expect(error?.code == .malformed)
    }
  }

  @Test(arguments: [
    (
      #"{"resourceType":"Bundle","entry":[{},{"resource":{"code":tru}}]}"#,
      "Bundle.entry[1].resource.code, byte 57"
    ),
    (#"{"a":[0,1,2,{"b":01}]}"#, "$.a[3].b, byte 18"),
    (#"{"resourceType":"Jane","name":?}"#, "$.name, byte 30"),
    (#"{"Jane Doe":{"ok":?}}"#, "$.?.ok, byte 18"),
    (#"[[],[1,"#, "$[1][1], byte 7"),
    (#"{"a":1,"b":2,"a":3}"#, "$.a, byte 13"),
    ("", "byte 0"),
    ("[] []", "byte 3"),
  ])
  func namesThePlace(_ text: String, _ place: String) {
    let error = #expect(throws: PeerChartError.self) {
      try JSONDocument(parsing: Array(text.utf8))
    }
    #expect(error?.place == place)
  }
}
