import FHIR
import Primitives
import Testing

@Suite struct JSONParserTests {
  @Test(arguments: [
    "{}", "[]", "0", "-0", "\"\"", "true", "false", "null", " [ ] ", "\t\r\n{}\n", "[[]]", "[{}]",
    "{\"a\":{}}", "[0e1]", "[1E+2,1e-2,-1.10,123456789012345678901234567890.5]",
    "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uD83D\\uDE00\\u0000\"]",
    "[\"\u{80}\u{7FF}\u{800}\u{FFFF}\u{10FFFF}\"]",
    "{\"\":1}", "{\"a\":1,\"b\":2,\"\\u0063\":3}", "[\"\u{7F}\"]", "[\"12345678\"]",
    "[\"1234567\\n90123456\"]",
    "[\"\\uD7FF\\uE000\"]", "[1,2,[3,[4,[],{}]],{\"x\":[]}]",
  ])
  func accepts(_ text: String) throws {
    let document = try JSONDocument(parsing: Array(text.utf8))
    #expect(document.bytes == Array(text.utf8))
  }

  @Test(arguments: [
    "", " ", "{", "[", "}", "]", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
    "{a:1}",
    "{\"a\":1 \"b\":2}", "{'a':1}", "[1]]", "{}{}", "[] x", "tru", "truE", "nul", "nulll", "NaN",
    "Infinity", "-Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x10", "1_000",
    "[1,2",
    "\"", "\"abc", "\"\\", "\"\\x\"", "\"\\u\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\uD800\"",
    "\"\\uD800x\"", "\"\\uD800\\n\"", "\"\\uD800\\uD800\"", "\"\\uDC00\"", "\"\n\"", "\"\t\"",
    "\"\0\"",
    "\"1234567\u{1}\"", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "\u{FEFF}{}", "/**/1",
    "[1]\0", "\0",
    "{\"a\":1,\"b\":{\"c\":1,\"d\":2,\"c\":3}}", "[\"a\",\n4\n,1,", "{1:1}", "{\"a\":1,,\"b\":2}",
    "[-a]", "[1.e1]",
  ])
  func refuses(_ text: String) {
    let error = #expect(throws: PeerChartError.self) { try JSONDocument(parsing: Array(text.utf8)) }
    #expect(error?.code == .malformed)
    #expect(error?.place?.contains("byte") == true)
  }
}
