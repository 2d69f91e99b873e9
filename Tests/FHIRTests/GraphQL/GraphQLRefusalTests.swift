import FHIR
import Primitives
import Testing

/// What is no GraphQL, what FHIR does not have, and what would cost too much.
@Suite struct GraphQLRefusalTests {
  @Test(arguments: [
    "", "{", "}", "{}", "{ a: }", "{ id(", "{ id() }", "query", "query {", "{ ... }", "{ ...on }",
    "{ id @ }", "{ a { } }", "query ($) { id }", "query ($a: ) { id }", "query ($a: [code) { id }",
    "fragment on on Patient { id }", "type Query { id: ID }", "schema { query: Query }",
    "{ id(a: 01) }", "{ id(a: 1.) }", "{ id(a: .5) }", "{ id(a: 1e) }", "{ id(a: 1x) }",
    "{ id(a: -) }", #"{ id(a: "x) }"#, "{ id(a: \"\n\") }", #"{ id(a: "\x") }"#,
    #"{ id(a: "\uD800") }"#, #"{ id(a: "\u{110000}") }"#, #"{ id(a: "\u00") }"#,
    #"{ id(a: """x) }"#, "{ id ? }", "{ id } extra", "\u{1F600}", "query q($a: code = $b) { id }",
    "{ Patient(id: 1) { id }", "{ .. x }", "subscription s",
  ])
  func noGraphQL(text: String) throws {
    #expect(try GraphQLSupport.answer(text).hasPrefix("!malformed"), "\(text)")
  }

  static let senseless: [(String, String)] = [
    ("mutation { PatientCreate { id } }", "!not-supported 1:1"),
    ("subscription { Patient(id: 1) { id } }", "!not-supported 1:1"),
    ("{ __schema { types { name } } }", "!not-supported 1:3"),
    ("{ __type(name: Patient) { name } }", "!not-supported 1:3"),
    ("{ Nothing(id: 1) { id } }", "!invalid 1:3"),
    ("{ Patient { id } }", "!invalid 1:3"),
    ("{ Patient(id: 1) }", "!invalid 1:3"),
    ("{ Patient(id: 1, name: x) { id } }", "!invalid 1:18"),
    ("{ Patient(id: p1) {\n  nome { given } } }", "!invalid 2:3"),
    ("{ Patient(id: p1) { id { x } } }", "!invalid 1:21"),
    ("{ Patient(id: p1) { name } }", "!invalid 1:21"),
    ("{ Patient(id: p1) { birthDate(x: 1) } }", "!invalid 1:31"),
    ("{ Patient(id: p1) { name(nope: 1) { use } } }", "!invalid 1:26"),
    ("{ Patient(id: p1) { name(period: 1) { use } } }", "!invalid 1:26"),
    ("{ Patient(id: p1) { name(_count: -1) { use } } }", "!invalid 1:26"),
    ("{ Patient(id: p1) { name(_count: 99999999999999999999) { use } } }", "!invalid 1:26"),
    ("{ Patient(id: p1) { name(fhirpath: 1) { use } } }", "!invalid 1:26"),
    ("{ Patient(id: p1) { _name { id } } }", "!invalid 1:21"),
    ("{ Patient(id: p1) { birthDate @flatten } }", "!invalid 1:31"),
    ("{ Patient(id: p1) { name @first @slice(path: \"use\") { use } } }", "!invalid 1:33"),
    ("{ Patient(id: p1) { name @slice { use } } }", "!invalid 1:26"),
    ("{ Patient(id: p1) { name @first @first { use } } }", "!invalid 1:33"),
    ("{ Patient(id: p1) { id @deprecated } }", "!invalid 1:24"),
    ("{ Patient(id: p1) { id @include } }", "!invalid 1:24"),
    ("query @first { Patient(id: p1) { id } }", "!invalid 1:1"),
    ("{ Patient(id: p1) { ... on Nobody { id } } }", "!invalid 1:21"),
    ("{ Patient(id: p1) { ... on Condition { id } } }", "!invalid 1:21"),
    ("{ Patient(id: p1) { ...Gone } }", "!invalid 1:21"),
    (
      "{ Patient(id: p1) { ...A } } fragment A on Patient { ...B } fragment B on Patient { ...A }",
      "!invalid 1:85"
    ),
    (
      "{ Patient(id: p1) { ...A } } fragment A on Patient { id } fragment A on Patient { id }",
      "!invalid 1:59"
    ),
    ("{ Patient(id: $x) { id } }", "!invalid 1:11"),
    ("query ($x: ID!) { Patient(id: $x) { id } }", "!invalid 1:8"),
    ("query ($x: ID, $x: ID) { Patient(id: $x) { id } }", "!invalid 1:16"),
    ("query ($x: Int = \"a\") { Patient(id: $x) { id } }", "!invalid 1:8"),
    ("query a { Patient(id: p1) { id } } query a { Patient(id: p1) { id } }", "!invalid 1:36"),
    ("{ Patient(id: p1) { id } } query a { Patient(id: p1) { id } }", "!invalid 1:1"),
    ("{ Patient(id: p1) { a: id a: active } }", "!invalid 1:21"),
    ("{ Patient(id: p1) { name(use: usual) { use } name { use } } }", "!invalid 1:21"),
    ("{ Patient(id: p1, id: p1) { id } }", "!invalid 1:19"),
    ("{ PatientList(_include: x) { id } }", "!invalid 1:15"),
    ("{ PatientList(_summary: count) { id } }", "!invalid 1:15"),
    ("{ PatientList(nothing: 1) { id } }", "!invalid 1:15"),
    ("{ PatientList(name: {a: 1}) { id } }", "!invalid 1:15"),
    ("{ PatientList(name: []) { id } }", "!invalid 1:15"),
    ("{ PatientList(_reference: x) { id } }", "!invalid 1:15"),
    ("{ PatientList(cursor: \"x\") { id } }", "!invalid 1:15"),
    ("{ PatientConnection(cursor: \"x\", name: y) { count } }", "!invalid 1:34"),
    ("{ PatientConnection(name: y) { total } }", "!invalid 1:32"),
    ("{ Patient(id: p1) { ConditionList { id } } }", "!invalid 1:21"),
    ("{ Patient(id: p1) { ConditionList(_reference: code) { id } } }", "!invalid 1:35"),
    ("{ Patient(id: p1) { ConditionList(_reference: nope) { id } } }", "!invalid 1:35"),
    ("{ Patient(id: p1) { Condition(id: c1) { id } } }", "!invalid 1:21"),
    ("{ Condition(id: c1) { subject { resource(type: Nobody) { id } } } }", "!invalid 1:42"),
    ("{ Condition(id: c1) { subject { resource { onsetDateTime } } } }", "!invalid 1:44"),
    ("{ Condition(id: c1) { subject { resource(optional: 1) { id } } } }", "!invalid 1:42"),
  ]

  @Test(arguments: senseless)
  func whatFHIRDoesNotHave(query: String, refusal: String) throws {
    #expect(try GraphQLSupport.answer(query) == refusal, "\(query)")
  }

  /// A request may not multiply itself: by depth, aliases, fragments within fragments, or answers.
  @Test func whatMultipliesItselfIsRefused() throws {
    func deep(_ levels: Int) -> String {
      "{ Patient(id: p1) " + String(repeating: "{ extension ", count: levels) + "{ url }"
        + String(repeating: " }", count: levels) + " }"
    }
    #expect(try GraphQLSupport.answer(deep(5)).hasPrefix("{"))
    #expect(try GraphQLSupport.answer(deep(40)).hasPrefix("!too-large"))
    #expect(try GraphQLSupport.answer(deep(20_000)).hasPrefix("!too-large"))
    #expect(
      try GraphQLSupport.answer("{ a(b: " + String(repeating: "[", count: 5_000) + ") }")
        .hasPrefix("!too-large"))
    #expect(
      try GraphQLSupport.answer("query (a: " + String(repeating: "[", count: 5_000))
        .hasPrefix("!malformed"))
    let aliases = (0..<3_000).map { "a\($0): id" }.joined(separator: " ")
    #expect(try GraphQLSupport.answer("{ Patient(id: p1) { \(aliases) } }").hasPrefix("!too-large"))
    // Twenty fragments, each of which brings the next one twice: a million selections in a few lines.
    let bomb =
      (0..<20).map { level in
        "fragment F\(level) on Element { a: extension { ...F\(level + 1) } b: extension { ...F\(level + 1) } }"
      }.joined() + "fragment F20 on Element { id }"
    #expect(
      try GraphQLSupport.answer("{ Patient(id: p1) { name { ...F0 } } } \(bomb)")
        .hasPrefix("!too-large"))
    let chain = (0..<500).map { "fragment F\($0) on Patient { ...F\($0 + 1) }" }.joined()
    #expect(
      try GraphQLSupport.answer(
        "{ Patient(id: p1) { ...F0 } } \(chain) fragment F500 on Patient { id }"
      )
      .hasPrefix("!too-large"))
    #expect(
      try GraphQLSupport.answer(String(repeating: " ", count: 70_000)).hasPrefix("!too-large"))
    var limits = GraphQLLimits()
    limits.questions = 3
    let reads = (0..<4).map { "a\($0): Patient(id: p1) { id }" }.joined(separator: " ")
    #expect(try GraphQLSupport.answer("{ \(reads) }", limits: limits) == "!too-costly")
    limits = GraphQLLimits()
    limits.values = 10
    #expect(
      try GraphQLSupport.answer("{ PatientList { name { given family use } } }", limits: limits)
        == "!too-costly")
    limits = GraphQLLimits()
    limits.answerBytes = 10
    #expect(
      try GraphQLSupport.answer("{ PatientList { name { family } } }", limits: limits)
        == "!too-costly")
    limits = GraphQLLimits()
    limits.pathSteps = 50
    #expect(
      try GraphQLSupport.answer(
        #"{ Patient(id: p1) { id name(fhirpath: "repeat(children()).count() > 1000") { use } } }"#,
        limits: limits) == #"{"Patient":{"id":"p1","name":null}} !too-large Patient/name"#)
  }

  /// Types within types: what a reference to anything may be is checked in bounded time.
  @Test func whatMayBeOfAnyTypeIsCheckedInBounds() throws {
    var query = "{ id }"
    for _ in 0..<7 { query = "{ ... on Basic { subject { resource \(query) } } nothing }" }
    let answer = try GraphQLSupport.answer("{ Basic(id: b) { subject { resource \(query) } } }")
    #expect(answer.hasPrefix("!invalid") || answer.hasPrefix("!too-large"))
  }

  @Test func bodiesAreRead() throws {
    func outcome(_ json: String) -> String {
      do {
        _ = try GraphQLRequest(json: Array(json.utf8))
        return "ok"
      } catch let error as PeerChartError {
        return error.code.rawValue
      } catch {
        return (error as? GraphQLFault)?.error.code.rawValue ?? "foreign"
      }
    }
    for (json, expected) in [
      (#"{"query":"{ Patient(id: 1) { id } }"}"#, "ok"),
      (
        #"{"query":"query q { Patient(id: 1) { id } }","operationName":"q","variables":null}"#, "ok"
      ),
      (#"{"query":"{","variables":{}}"#, "malformed"), ("{}", "invalid"), ("[]", "invalid"),
      (#"{"query":1}"#, "invalid"), ("{", "malformed"), ("", "malformed"),
      (#"{"query":"{ id }","operationName":1}"#, "invalid"),
      (#"{"query":"{ id }","variables":"x"}"#, "invalid"),
      (#"{"query":"{ id }","query":"{ id }"}"#, "malformed"),
      (#"{"query":"\#(String(repeating: " ", count: 200_000))"}"#, "too-large"),
    ] {
      #expect(outcome(json) == expected, "\(json.prefix(80))")
    }
  }

  @Test func errorsSayNothingOfRecords() throws {
    let request = try GraphQLRequest(
      query:
        #"{ Patient(id: p1) { name @slice(path: "family") @flatten { use @singleton } id: birthDate } ConditionList { subject { resource(type: Patient) { name @flatten { family given @singleton } } } } }"#
    )
    try request.check(on: nil)
    let answer = try request.answer(
      about: nil, from: GraphQLSupport.shelf(), at: FHIRPathSupport.now)
    let errors = try #require(try JSONDocument(parsing: answer.bytes).root["errors"])
    let text = String(decoding: errors.raw, as: UTF8.self)
    #expect(!answer.faults.isEmpty && text.contains("OperationOutcome"))
    for word in ["Chalmers", "Windsor", "Peter", "1974", "official"] {
      #expect(!text.contains(word), "\(word)")
    }
  }
}
