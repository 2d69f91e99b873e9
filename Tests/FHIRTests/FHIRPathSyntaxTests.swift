import FHIR
import Primitives
import Testing

/// The grammar: what binds tighter than what, literals, and where an error is said to be.
@Suite struct FHIRPathSyntaxTests {
  @Test func operatorsBindByTheirLevels() throws {
    try FHIRPathSupport.check([
      ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("10 - 2 - 3", "5"), ("8 div 2 div 2", "2"),
      ("7 mod 4 * 2", "6"), ("-7 + 2", "-5"), ("- 7.abs()", "-7"), ("(-7).abs()", "7"),
      ("1 + 2 & '3'", "33"), ("1 | 2 = 1 | 2", "true"), ("1 < 2 = true", "true"),
      ("1 in 1 | 2", "true"), ("(1 | 2) contains 2 and true", "true"),
      ("true or false and false", "true"), ("false implies false and false", "true"),
      ("true xor true or true", "true"), ("1 is Integer and 1.0 is Decimal", "true"),
      ("1 + 1 is Integer", "true"), ("(1|2|3)[1] + 1", "3"), ("name[0].given[1]", "James"),
      ("3 > 2 | 1", "!invalid"), ("3 > (2 | 2)", "true"), ("'a' is String = true", "true"),
      ("true and false or true", "true"), ("+3", "3"), ("--3", "3"),
    ])
  }

  @Test func literalsSayWhatTheyAre() throws {
    try FHIRPathSupport.check([
      ("{}", ""), ("true", "true"), ("1.50", "1.50"), ("'it\\'s'", "it's"),
      (#"'\n\t\u0041\u00e9\ud83d\ude00\/\`\"'"#, "\n\tAé😀/`\""), ("\"double\"", "double"),
      ("@2015", "2015"), ("@2015-02", "2015-02"), ("@2015-02-04", "2015-02-04"),
      ("@2015-02-04T14:34:28Z", "2015-02-04T14:34:28Z"), ("@2015T", "2015"),
      ("@2015-02-04T14", "2015-02-04T14"), ("@T14:34:28.123", "14:34:28.123"),
      ("@2015-02-04T14:34:28.12+09:00", "2015-02-04T14:34:28.12+09:00"),
      ("@2015.is(Date)", "true"), ("@2015T.is(DateTime)", "true"), ("@T14.is(Time)", "true"),
      ("4 'mg'", "4 'mg'"), ("1 year", "1 year"), ("3.5 days", "3.5 days"),
      ("4 'mg' is Quantity", "true"), ("name.`given`.count()", "6"),
      ("1 // a comment\n + 2", "3"), ("1 /* and\n another */ + 2", "3"),
      ("2147483648 is Decimal", "true"),
    ])
  }

  @Test func keywordsAreNamesBehindADot() throws {
    let json = #"{"resourceType":"Basic","is":"a","contains":"b","div":"c","as":"d","in":"e"}"#
    try FHIRPathSupport.check(
      [
        ("Basic.is", "a"), ("Basic.contains", "b"), ("Basic.div", "c"), ("Basic.as", "d"),
        ("Basic.in", "e"), ("is & as", "ad"), ("contains", "b"), ("`div`", "c"),
        ("'b' in contains", "true"), ("contains contains 'b'", "true"),
      ], on: json)
  }

  @Test(arguments: [
    ("", 1), ("1 +", 4), ("(1", 3), ("name.", 6), ("name..given", 6), ("1 2", 3), ("a[1", 4),
    ("'open", 1), ("a = 'é' §", 9), ("f(1,)", 1), ("where()", 1), ("name.where(1, 2)", 6),
    ("@2015-13", 1), ("@2015-02-30", 1), ("$that", 1), ("%", 1), ("'\\u12'", 1), ("/* a", 1),
    ("name.first(1)", 6), ("x is", 5), ("ofType()", 8), ("'\\ud800'", 1), ("a.checkModifiers()", 3),
    ("a.matches('(')", 11), ("a.matches('(?=x)')", 11), ("a.matches('(a)\\\\1')", 11),
  ])
  func errorsSayWhere(_ expression: String, _ character: Int) throws {
    let error = #expect(throws: PeerChartError.self) { _ = try FHIRPath(expression) }
    #expect(error?.place == "character \(character)", "\(expression)")
  }

  @Test func errorsOfEvaluationSayWhere() throws {
    let item = try FHIRPathSupport.item(FHIRPathSupport.patient)
    let table = [
      ("name.given + 'x'", 12), ("true and name", 10), ("1 < 'a'", 3), ("%nothing", 1),
      ("name.given.length()", 12), ("now()", 1), ("iif(name.given, 1)", 10), ("'a'[name]", 5),
      ("(1|2).single()", 7), ("@2015 + 1 'a'", 7), ("1 + true", 3), ("-'a'", 1),
    ]
    for (expression, character) in table {
      let path = try FHIRPath(expression)
      let error = #expect(throws: PeerChartError.self) { _ = try path.evaluate(on: item) }
      #expect(error?.place == "character \(character)", "\(expression)")
      #expect(error?.code == .invalid)
    }
  }

  @Test func sizeAndDepthAreBounded() throws {
    for text in [
      String(repeating: "(", count: 100_000), String(repeating: "-", count: 10_000) + "1",
      "1" + String(repeating: "+1", count: 5000), "a" + String(repeating: ".a", count: 20_000),
      String(repeating: "not(", count: 3000), String(repeating: "a[", count: 3000),
      "a is a" + String(repeating: ".a", count: 10_000), String(repeating: "x", count: 100_000),
      "'" + String(repeating: "y", count: 70_000) + "'", String(repeating: "9", count: 100),
      "1|" + String(repeating: "(1)|", count: 4000) + "1",
    ] {
      let error = #expect(throws: PeerChartError.self) { _ = try FHIRPath(text) }
      #expect([.tooLarge, .malformed].contains(error?.code))
    }
    let deep = String(repeating: "(", count: 100) + "1" + String(repeating: ")", count: 100)
    #expect(throws: Never.self) { _ = try FHIRPath(deep) }
    let long = "1" + String(repeating: "+1", count: 100)
    #expect(try FHIRPathSupport.result(long) == "101")
  }
}
