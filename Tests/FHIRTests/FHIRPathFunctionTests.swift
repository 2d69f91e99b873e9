import FHIR
import Primitives
import Testing

/// The functions of FHIRPath 2.0, chapter 5, each with its corner cases.
@Suite struct FHIRPathFunctionTests {
  @Test func existence() throws {
    try FHIRPathSupport.check([
      ("name.empty()", "false"), ("{}.empty()", "true"), ("photo.exists()", "false"),
      ("name.exists(use = 'usual')", "true"), ("name.exists(use = 'old')", "false"),
      ("name.all(given.exists())", "true"), ("name.all(family.exists())", "false"),
      ("{}.all(false)", "true"), ("(true|false).allTrue()", "false"), ("{}.allTrue()", "true"),
      ("(true|false).anyTrue()", "true"), ("{}.anyTrue()", "false"),
      ("(true|false).allFalse()", "false"), ("false.allFalse()", "true"),
      ("(true|false).anyFalse()", "true"), ("{}.anyFalse()", "false"),
      ("name.given.count()", "6"), ("{}.count()", "0"), ("name.given.distinct().count()", "4"),
      ("name.use.isDistinct()", "true"), ("name.given.isDistinct()", "false"),
      ("(1|2).subsetOf(1|2|3)", "true"), ("(1|4).subsetOf(1|2|3)", "false"),
      ("{}.subsetOf(1)", "true"), ("(1|2|3).supersetOf(1|2)", "true"),
      ("(1).supersetOf({})", "true"), ("name.first().subsetOf(name)", "true"),
      ("true.not()", "false"), ("{}.not()", ""), ("'x'.not()", "false"),
    ])
  }

  @Test func filteringAndProjection() throws {
    try FHIRPathSupport.check([
      ("name.where(use = 'official').family", "Chalmers"), ("name.where({}).count()", "0"),
      ("name.where($index = 1).given.first()", "Jim"),
      ("name.select(given.first() & '/' & use)", "Peter/official|Jim/usual|Peter/maiden"),
      ("(1|2|3).select($this * 2)", "2|4|6"), ("(1|2|3).where($this > 1).select($index)", "0|1"),
      ("name.select($index)", "0|1|2"), ("name.select({})", ""),
      ("(1|'a'|2.5|true).ofType(Integer)", "1"), ("(1|'a').ofType(System.String)", "a"),
      ("(1).repeat(iif($this < 5, $this + 1, {}))", "2|3|4|5"),
      ("(1).repeat($this)", "1"), ("$this.repeat(contained).count()", "1"),
      ("(1|2|3).aggregate($this + $total, 0)", "6"),
      ("(1|2|3).aggregate(iif($total.empty(), $this, iif($this < $total, $this, $total)))", "1"),
      ("{}.aggregate($this + $total, 5)", "5"), ("(3|1).aggregate($total | $this)", "3|1"),
      ("name.trace('n').count()", "3"), ("name.trace('n', given).count()", "3"),
    ])
  }

  @Test func parts() throws {
    try FHIRPathSupport.check([
      ("(1|2|3).first()", "1"), ("(1|2|3).last()", "3"), ("(1|2|3).tail()", "2|3"),
      ("(1|2|3).skip(1)", "2|3"), ("(1|2|3).skip(9)", ""), ("(1|2|3).skip(-1)", "1|2|3"),
      ("(1|2|3).take(2)", "1|2"), ("(1|2|3).take(0)", ""), ("(1|2|3).take(-1)", ""),
      ("(1).single()", "1"), ("{}.single()", ""), ("(1|2).single()", "!invalid"),
      ("(1|2|3)[0]", "1"), ("(1|2|3)[3]", ""), ("(1|2|3)[-1]", ""), ("{}.first()", ""),
      ("{}.tail()", ""), ("(1|2|3).intersect(2|3|4)", "2|3"), ("(1|2|3).exclude(2)", "1|3"),
      ("name.given.exclude('James').count()", "4"), ("(1|1|2).count()", "2"),
      ("(1|2).union(2|3)", "1|2|3"), ("(1|2).combine(2|3)", "1|2|2|3"),
      ("name.given.first().combine(name.given.last()).count()", "2"),
      ("name.select(use.union(given.first())).count()", "6"),
    ])
  }

  @Test func conversion() throws {
    try FHIRPathSupport.check([
      ("iif(true, 1, 2)", "1"), ("iif({}, 1, 2)", "2"), ("iif(false, 1)", ""),
      ("iif(true, 1, 1 + 'a')", "1"), ("name.iif(empty(), 'none', 'some')", "some"),
      ("'1'.toInteger()", "1"), ("'+5'.toInteger()", "5"), ("'1.0'.toInteger()", ""),
      ("'2147483648'.toInteger()", ""), ("true.toInteger()", "1"), ("1.5.toInteger()", ""),
      ("'1.10'.toDecimal()", "1.10"), ("1.toDecimal()", "1"), ("'x'.toDecimal()", ""),
      ("'1e3'.toDecimal()", ""), ("false.toDecimal()", "0"), ("1.toString()", "1"),
      ("1.50.toString()", "1.50"), ("true.toString()", "true"),
      ("@2015-02-04T14:34:28.123Z.toString()", "2015-02-04T14:34:28.123Z"),
      ("4.5 'mg'.toString()", "4.5 'mg'"), ("1 week.toString()", "1 week"),
      ("'True'.toBoolean()", "true"), ("'n'.toBoolean()", "false"), ("'1.0'.toBoolean()", "true"),
      ("2.toBoolean()", ""), ("1.0.toBoolean()", "true"), ("'maybe'.toBoolean()", ""),
      ("'2015-02'.toDate()", "2015-02"), ("@2015-02-04T10:00.toDate()", "2015-02-04"),
      ("'2015-02-30'.toDate()", ""),
      ("'2015-02-04T10:00:00Z'.toDateTime()", "2015-02-04T10:00:00Z"),
      ("@2015-02-04.toDateTime() is DateTime", "true"), ("'14:30'.toTime()", "14:30"),
      ("'T14:30'.toTime()", "14:30"), ("'25:00'.toTime()", ""),
      ("'4.5 \\'mg\\''.toQuantity()", "4.5 'mg'"), ("'3 days'.toQuantity()", "3 days"),
      ("'3 mg'.toQuantity()", ""), ("5.toQuantity()", "5 '1'"),
      ("1 'g'.toQuantity('mg')", "1000 'mg'"), ("1 'g'.toQuantity('s')", ""),
      ("'1'.convertsToInteger()", "true"), ("'a'.convertsToInteger()", "false"),
      ("{}.convertsToInteger()", ""), ("1.convertsToString()", "true"),
      ("'2015'.convertsToDate()", "true"), ("'x'.convertsToDateTime()", "false"),
      ("'1 day'.convertsToQuantity()", "true"), ("'1.a'.convertsToDecimal()", "false"),
      ("'yes'.convertsToBoolean()", "true"), ("'12:00'.convertsToTime()", "true"),
      ("(1|2).toInteger()", "!invalid"),
    ])
  }

  @Test func strings() throws {
    try FHIRPathSupport.check([
      ("'abcdefg'.indexOf('bc')", "1"), ("'abcdefg'.indexOf('x')", "-1"),
      ("'abc'.indexOf('')", "0"), ("{}.indexOf('a')", ""), ("'a'.indexOf({})", ""),
      ("'äbäb'.indexOf('b')", "1"), ("'abab'.lastIndexOf('ab')", "2"),
      ("'abcdefg'.substring(3)", "defg"), ("'abcdefg'.substring(1, 2)", "bc"),
      ("'abcdefg'.substring(6, 2)", "g"), ("'abcdefg'.substring(7, 1)", ""),
      ("'abc'.substring(-1)", ""), ("'abc'.substring(0, -1)", ""), ("'abc'.substring(1, {})", "bc"),
      ("'abc'.startsWith('ab')", "true"), ("'abc'.startsWith('')", "true"),
      ("'abc'.startsWith('bc')", "false"), ("'abc'.endsWith('bc')", "true"),
      ("'abc'.endsWith('abcd')", "false"), ("'abc'.contains('b')", "true"),
      ("'aaab'.contains('aab')", "true"), ("'abc'.contains('d')", "false"),
      ("{}.contains('b')", ""), ("'aBc'.upper()", "ABC"), ("'AbC'.lower()", "abc"),
      ("'abcdefg'.replace('cde', '123')", "ab123fg"), ("'abcdefg'.replace('cde', '')", "abfg"),
      ("'abc'.replace('', 'x')", "xaxbxcx"), ("'aaa'.replace('aa', 'b')", "ba"),
      ("'abc'.length()", "3"), ("'é😀'.length()", "2"), ("''.length()", "0"),
      ("'abc'.toChars()", "a|b|c"), ("'a,b,,c'.split(',')", "a|b||c"), ("'ab'.split('')", "a|b"),
      ("('a'|'b'|'c').join(',')", "a,b,c"), ("('a'|'b').join()", "ab"), ("{}.join(',')", ""),
      ("'  a b\\t'.trim()", "a b"), ("'a' + 'b'", "ab"), ("'a' + {}", ""), ("'a' & {}", "a"),
      ("{} & {}", ""), ("1 & 'a'", "1a"), ("name.given.length()", "!invalid"),
    ])
  }

  @Test func math() throws {
    try FHIRPathSupport.check([
      ("(-5).abs()", "5"), ("(-5.5).abs()", "5.5"), ("(-5.5 'mg').abs()", "5.5 'mg'"),
      ("1.1.ceiling()", "2"), ("(-1.1).ceiling()", "-1"), ("1.9.floor()", "1"),
      ("(-2.1).floor()", "-3"), ("(-1.56).truncate()", "-1"), ("101.truncate()", "101"),
      ("3.14159.round(3)", "3.142"), ("1.5.round()", "2"), ("(-1.5).round()", "-2"),
      ("2.4.round()", "2"), ("1.round(2)", "1"), ("1.5.round(-1)", "!invalid"),
      ("81.sqrt()", "9"), ("(-1).sqrt()", ""), ("2.25.sqrt()", "1.5"), ("0.sqrt()", "0"),
      ("2.sqrt().round(10)", "1.4142135624"), ("0.exp()", "1.0"),
      ("1.exp().round(10)", "2.7182818285"),
      ("(-1).exp().round(10)", "0.3678794412"), ("1.ln()", "0"),
      ("10.ln().round(10)", "2.3025850930"),
      ("0.ln()", ""), ("16.log(2)", "4"), ("100.0.log(10.0)", "2"), ("2.log(1)", ""),
      ("2.power(3)", "8"), ("2.5.power(2)", "6.25"), ("(-1).power(0.5)", ""),
      ("2.power(-1)", "0.5"),
      ("2.power(100)", ""), ("4.power(0.5)", "2"), ("2.power(0.3).round(8)", "1.23114441"),
      ("1000.exp()", ""), ("{}.abs()", ""), ("'a'.abs()", "!invalid"),
    ])
  }

  @Test func timeComesFromOutside() throws {
    try FHIRPathSupport.check([
      ("now()", "2020-09-13T12:26:40.123Z"), ("today()", "2020-09-13"),
      ("timeOfDay()", "12:26:40.123"), ("now() = now()", "true"), ("today() > @2020-09-12", "true"),
    ])
    let east = FHIRPathEnvironment(now: FHIRPathSupport.now, zoneMinutes: 13 * 60)
    try FHIRPathSupport.check(
      [("now()", "2020-09-14T01:26:40.123+13:00"), ("today()", "2020-09-14")], environment: east)
  }

  @Test func tracesAreHanded() throws {
    let seen = Seen()
    let environment = FHIRPathEnvironment(tracer: { seen.note($0, $1.count) })
    try FHIRPathSupport.check(
      [("name.trace('all').given.trace('given', $this & '!').count()", "6")],
      environment: environment)
    #expect(seen.notes == ["all 3", "given 6"])
  }
}

/// What a tracer was told; used by one test, on one thread.
private final class Seen: @unchecked Sendable {
  private(set) var notes: [String] = []

  func note(_ name: String, _ count: Int) { notes.append("\(name) \(count)") }
}
