import FHIR
import Primitives
import Testing

/// Expressions and data that mean harm cost what the budget allows and no more.
@Suite struct FHIRPathHostileTests {
  @Test func regularExpressions() throws {
    try FHIRPathSupport.check([
      ("'abc'.matches('b')", "true"), ("'abc'.matches('^b')", "false"),
      ("'abc'.matches('^abc$')", "true"),
      ("'abc'.matchesFull('b')", "false"), ("'abc'.matchesFull('a.c')", "true"),
      ("'a\\nc'.matches('a.c')", "true"), ("'12345'.matches('^[0-9]{5}$')", "true"),
      ("'1234'.matches('^[0-9]{5}$')", "false"), ("'aab'.matches('^(a|b)+$')", "true"),
      ("'x-1'.matches('^[\\\\w-]+$')", "true"), ("'é'.matches('^\\\\p{L}$')", "true"),
      ("'é'.matches('^\\\\w$')", "false"), ("'a b'.matches('\\\\bb\\\\b')", "true"),
      ("'A'.matches('[^a-z]')", "true"), ("''.matches('^$')", "true"),
      ("'ab'.matches('^(?:ab)?$')", "true"),
      ("'aaa'.matches('^a{2,3}$')", "true"), ("'a'.matches('^a{2,}$')", "false"),
      ("'a]'.matches('^[]a]+$')", "true"),
      ("'-'.matches('^[a-]$')", "true"), ("'a{'.matches('a{')", "true"),
      ("'\\u00e9'.matches('\\\\u00e9')", "true"),
      ("'.'.matches('^\\\\.$')", "true"), ("{}.matches('a')", ""), ("'a'.matches({})", ""),
      ("'xyz'.matches('x' & 'y')", "true"), ("'a'.matches('(' & ')')", "true"),
      ("'a'.matches('[' & 'b')", "!malformed"),
      (
        "'11/30/1972'.replaceMatches('\\\\b(?<month>\\\\d{1,2})/(?<day>\\\\d{1,2})/(?<year>\\\\d{2,4})\\\\b', '${day}-${month}-${year}')",
        "30-11-1972"
      ),
      ("'abc'.replaceMatches('b', '[$0]')", "a[b]c"), ("'aXbX'.replaceMatches('X', '')", "ab"),
      ("'abc'.replaceMatches('', '-')", "-a-b-c-"), ("'aaa'.replaceMatches('a*?', 'x')", "xaxaxax"),
      ("'ab'.replaceMatches('(a)(b)', '$2$1')", "ba"),
      ("'a.b.c'.replaceMatches('\\\\..*', '')", "a"),
      ("'abcd'.replaceMatches('ab|abcd', 'x')", "xcd"),
      ("'abcd'.replaceMatches('(?:ab|abcd)$', 'x')", "x"),
      ("'aab'.replaceMatches('a+', 'x')", "xb"), ("'a1'.replaceMatches('[0-9]', '\\\\$1')", "a$1"),
    ])
  }

  @Test func noPatternTakesMoreThanLinearTime() throws {
    let text = String(repeating: "a", count: 3000)
    for pattern in [
      "^(a+)+$", "(a|a)*b", "(a|aa)+$", "(.*)*x", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a?){100}a{100}b",
      "(((a*)*)*)*b", "a*a*a*a*a*a*b", "(?:a{0,30}){0,30}b",
    ] {
      for ending in ["", "!"] {
        let found = try FHIRPathSupport.result("'\(text)\(ending)'.matches('\(pattern)')")
        #expect(["true", "false"].contains(found), "\(pattern)")
      }
    }
    // What would be longer than the limits is refused, and what costs too much is stopped.
    for pattern in [
      "(a{1000}){1000}", "((((a{50}){50}){50}){50}){50}",
      String(repeating: "(", count: 60) + String(repeating: ")", count: 60), "a{9999999999}",
      "[" + (0..<300).map { "\\\\u\(String(0x1000 + 2 * $0, radix: 16))" }.joined() + "]",
    ] {
      #expect(try FHIRPathSupport.result("'a'.matches('\(pattern)')") == "!too-large", "\(pattern)")
    }
    let slow = try FHIRPath("'\(text)'.matches('(?:a?){1500}b')")
    let item = try FHIRPathSupport.item(FHIRPathSupport.patient)
    let error = #expect(throws: PeerChartError.self) {
      _ = try slow.evaluate(on: item, budget: FHIRPathBudget(steps: 100_000))
    }
    #expect(error?.code == .tooLarge)
  }

  @Test(arguments: [
    "(1|2|3|4|5|6|7|8|9).repeat($this + 1)", "(1).repeat($this * 2 | $this + 1).count()",
    "('a').repeat($this & $this)", "(0).repeat($this + 1)",
    "descendants().select(%resource.descendants()).select(%resource.descendants()).count()",
    "name.select(%resource.name).select(%resource.name).select(%resource.name).select(%resource.name).select(%resource.name).select(%resource.name).select(%resource.name).select(%resource.name).select(%resource.name).select(%resource.name).count()",
    "('abcdefghij' & 'abcdefghij').toChars().aggregate($total & $total & $this & $total & $total & $total & $total & $total & $total & $total, 'xxxxxxxxxx')",
    "'aaaaaaaaaa'.replace('', 'bbbbbbbbbbbbbbbbbbbb').replace('', 'bbbbbbbbbbbbbbbbbbbb').replace('', 'bbbbbbbbbbbbbbbbbbbb').replace('', 'bbbbbbbbbbbbbbbbbbbbbbbbb').replace('', 'bbbbbbbbbbbbbbbbb')",
    "('a'|'b'|'c'|'d'|'e').aggregate($total.combine($total).combine($total).combine($total).combine($total).combine($total).combine($total).combine(1|2|3|4|5|6|7|8|9), 1).select(%resource.descendants()).count()",
  ])
  func growthStops(_ expression: String) throws {
    #expect(try FHIRPathSupport.result(expression) == "!too-large")
  }

  @Test func oneBudgetServesManyEvaluations() throws {
    let item = try FHIRPathSupport.item(FHIRPathSupport.patient)
    let path = try FHIRPath("name.given.count()")
    let budget = FHIRPathBudget(steps: 100)
    var evaluated = 0
    #expect(throws: PeerChartError.self) {
      for _ in 0..<100 {
        _ = try path.evaluate(on: item, budget: budget)
        evaluated += 1
      }
    }
    #expect(evaluated > 2 && evaluated < 50)
    #expect(budget.stepsLeft == 0)
  }

  @Test func dataOfTheWrongShapeIsNoTrap() throws {
    let json =
      #"{"resourceType":"Observation","status":[],"_status":[{"id":"x"},null,3],"code":{"coding":{"system":1}},"valueQuantity":"x","component":[[{"a":1}],null,7,"s",{"valueQuantity":{"value":1e9999}}],"effectiveDateTime":"2020-99-99","id":"a","subject":{"reference":7},"contained":[3,{"resourceType":"Nothing"},{"resourceType":5}],"text":{"div":4},"valueDecimal":1e-40,"valueInteger":99999999999999999999999999999999999999999999}"#
    for expression in [
      "descendants().count()", "children().count()", "status", "code.coding.system = 'x'",
      "value > 3 'mg'", "component.value", "component.value.value + 1", "effective < today()",
      "subject.resolve()", "contained.id", "contained.ofType(Patient)", "text.div.htmlChecks()",
      "value", "value.toString()", "descendants().isDistinct()", "descendants().distinct().count()",
      "descendants() = descendants()", "descendants() ~ descendants()",
      "descendants().select(toString())", "descendants().select(hasValue())",
      "descendants().where($this is Quantity)", "descendants().resolve()",
    ] {
      _ = try FHIRPathSupport.result(expression, on: json)
    }
    #expect(try FHIRPathSupport.result("status.count()", on: json) == "1")
    #expect(try FHIRPathSupport.result("effective.toDate()", on: json) == "")
  }
}
