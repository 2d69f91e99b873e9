import FHIR
import Primitives
import Testing

/// Which terms a query asks the index for.
@Suite struct SearchPlanningTests {
  private func lists(_ type: String, _ query: String) throws -> [Set<String>] {
    try SearchQuery(type: type, parameters: SearchSupport.pairs(query)).alternatives.map {
      Set($0.map(\.value))
    }
  }

  @Test func eachFormOfATokenIsOneTerm() throws {
    for form in ["A", "s|A", "|A"] {
      #expect(try lists("Observation", "code=" + form) == [["a"]])
    }
    #expect(try lists("Observation", "code=s|").isEmpty)
    #expect(try lists("Observation", "code:not=a&code:missing=true&code:text=a").isEmpty)
    #expect(try lists("AllergyIntolerance", "category=s|food") == [["food"]])
    #expect(try lists("Patient", "identifier:of-type=s|MR|V1") == [["v1"]])
  }

  /// Parameters that read the same element share its terms; one that reads several asks for all.
  @Test func termsBelongToElements() throws {
    func terms(_ query: String, of type: String = "Observation") throws -> [Set<IndexTerm>] {
      try SearchQuery(type: type, parameters: SearchSupport.pairs(query)).alternatives.map(Set.init)
    }
    func term(_ element: String, _ value: String) -> IndexTerm {
      IndexTerm(parameter: element, value: value)
    }
    #expect(try terms("patient=1") == [[term("subject", "1")]])
    #expect(try terms("subject=Patient/1") == [[term("subject", "1")]])
    #expect(try terms("combo-code=x") == [[term("code", "x"), term("component.code", "x")]])
    #expect(try terms("family=Smith", of: "Patient") == [[term("name", "smith")]])
    #expect(try terms("address-city=Berlin", of: "Patient") == [[term("address", "berli")]])
    #expect(try terms("phone=555", of: "Patient") == [[term("telecom", "555")]])
    #expect(
      try terms("subject:identifier=s|V") == [[term("subject:identifier", "v")]])
    // The components of a composite are lists of their own.
    #expect(
      try terms("code-value-concept=s|a$b")
        == [[term("code", "a")], [term("valueCodeableConcept", "b")]])
    #expect(try terms("component-code-value-quantity=a$gt5") == [[term("component.code", "a")]])
  }

  @Test func whatNearlyEveryRecordHasIsNoTerm() throws {
    #expect(try lists("Observation", "status=final").isEmpty)
    #expect(try lists("Observation", "status=final,amended").isEmpty)
    #expect(try lists("Observation", "status=amended") == [["amended"]])
    #expect(try lists("Observation", "_id=a&_lastUpdated=2020&_profile=http://x").isEmpty)
  }

  @Test func whatIsNotInTheIndexIsGivenOtherwise() throws {
    func query(_ text: String) throws -> SearchQuery {
      try SearchQuery(type: "Patient", parameters: SearchSupport.pairs(text))
    }
    #expect(try query("_id=a,b&_id=b,c").ids == ["b"])
    #expect(try query("name=x").ids == nil)
    let bounds = try #require(
      try query("_lastUpdated=ge2024-01-01&_lastUpdated=lt2025").lastUpdated)
    #expect(bounds.from?.description == "2024-01-01T00:00:00.000Z")
    #expect(bounds.until?.description == "2025-01-01T00:00:00.000Z")
    #expect(try query("_lastUpdated=ne2024").lastUpdated == nil)
  }

  @Test func referencesAreIndexedByTheirID() throws {
    #expect(try lists("Observation", "patient=1") == [["1"]])
    #expect(try lists("Task", "subject=1") == [["1"]])
    #expect(try lists("Task", "subject=Patient/1") == [["1"]])
    #expect(
      try lists("Observation", "subject=http://a.org/fhir/Patient/1")
        == [["http://a.org/fhir/Patient/1"]])
    #expect(
      try lists("CarePlan", "instantiates-canonical=http://a.org/x\\|1")
        == [["http://a.org/x", "http://a.org/x|1"]])
    #expect(
      try lists("CarePlan", "instantiates-canonical=http://a.org/x|1")
        == [["http://a.org/x", "http://a.org/x|1"]])
  }

  @Test func datesBecomeTheCoarsestTermsThatCover() throws {
    let march = ["2020-03", "2020-03~", "2020~~", "*"]
    #expect(try lists("Observation", "date=2020-03") == [Set(march)])
    #expect(
      try lists("Observation", "date=2020-03-05")
        == [["2020-03-05", "2020-03~", "2020~~", "*"]])
    #expect(try lists("Observation", "date=2020") == [["2020", "2020~", "2020~~", "*"]])
    #expect(
      try lists("Observation", "date=ge2020-01-31&date=le2020-03-01") == [
        [
          "2020-01-31", "2020-02", "2020-03-01", "2020-01~", "2020-02~", "2020-03~", "2020~~", "*",
        ]
      ])
    #expect(try lists("Observation", "date=ge2020").isEmpty)
    #expect(try lists("Observation", "date=ne2020").isEmpty)
    // Several values: one may be after, another before.
    #expect(try lists("MedicationRequest", "date=ge2020-01&date=lt2020-03").isEmpty)
    // Whole years inside; more than that is rounded out to months, to years, then given up.
    let some = try #require(lists("Observation", "date=ge2016-02-28&date=lt2019-02").first)
    let later: Set<String> = some.filter { !$0.hasPrefix("2016-") && !$0.hasSuffix("~~") }
    #expect(later == ["2017", "2017~", "2018", "2018~", "2019-01", "2019-01~", "*"])
    let months = try lists("Observation", "date=ge2010-01-02&date=le2021-11-29")
    #expect(
      months.first?.contains("2010-01") == true && months.first?.contains("2010-01-02") == false)
    let years = try lists("Observation", "date=ge1980-02-03&date=le2020-11-05")
    #expect(years.first?.contains("1980") == true && years.first?.contains("1980-02") == false)
    #expect(try lists("Observation", "date=ge1970&date=le2020").isEmpty)
    #expect(try lists("Observation", "date=ge0001&date=le9999").isEmpty)
  }

  @Test func stringsUseTheirFirstLetters() throws {
    #expect(try lists("Patient", "name=Alexander") == [["alexa"]])
    #expect(try lists("Patient", "name=Al,Bor") == [["al", "bo"]])
    #expect(try lists("Patient", "name=A").isEmpty)
    #expect(try lists("Patient", "name:exact=Álex") == [["al"]])
    #expect(try lists("Patient", "name:contains=x").isEmpty)
  }

  @Test func numbersUseTheirFirstDigits() throws {
    func probability(_ value: String) throws -> [Set<String>] {
      try lists("RiskAssessment", "probability=" + value)
    }
    #expect(try probability("0.5") == [Set((45...55).map { "-1:\($0)" } + ["*"])])
    #expect(try probability("100") == [["*", "1:99", "2:10"]])
    #expect(try probability("-100.0") == [["*", "n1:99", "n2:10"]])
    #expect(try probability("0").isEmpty)
    #expect(try probability("gt100").isEmpty)
  }

  @Test func urisUseTheirWholeAndTheirRoot() throws {
    #expect(try lists("ValueSet", "url=http://a.org/x/y") == [["http://a.org/x/y"]])
    #expect(try lists("ValueSet", "url:below=http://a.org/x") == [["<http://a.org"]])
    #expect(
      try lists("ValueSet", "url:above=http://a.org/x/y") == [
        [
          "http:", "http:/", "http://", "http", "http://a.org", "http://a.org/", "http://a.org/x",
          "http://a.org/x/", "http://a.org/x/y",
        ]
      ])
    #expect(try lists("ValueSet", "url:below=http://").isEmpty)
  }

  @Test func termsOfAResource() throws {
    let resource = try SearchSupport.resource(
      """
      {"resourceType":"Patient","id":"a","name":[{"family":"Li","given":["Weiwei"]}],"active":true,
      "birthDate":"1980-02-03","identifier":[{"system":"s","value":"V"},{"system":"t","value":"V"}],
      "gender":"other","generalPractitioner":[{"reference":"Organization/o","identifier":{"value":"N"}}]}
      """)
    #expect(
      indexTerms(of: resource).map { "\($0.parameter) \($0.value)" } == [
        "_type Patient", "name li", "name we", "name weiwe", "birthDate 1980",
        "birthDate 1980-02", "birthDate 1980-02-03", "identifier v", "gender other",
        "generalPractitioner o", "generalPractitioner:identifier n",
      ])
  }

  /// The number of terms stays bounded however long a period is.
  @Test(arguments: [
    ("2020-01-01", "2020-01-07", 9), ("2020-01-01", "2020-02-09", 3),
    ("2020-01-01", "2022-12-31", 39), ("2020-01-01", "2024-12-31", 5),
    ("1800-01-01", "1999-12-31", 1), ("0001-01-01", "9999-12-31", 1),
  ])
  func termsOfPeriods(_ start: String, _ end: String, _ count: Int) throws {
    let resource = try SearchSupport.resource(
      """
      {"resourceType":"Encounter","period":{"start":"\(start)","end":"\(end)"}}
      """)
    #expect(indexTerms(of: resource).filter { $0.parameter == "period" }.count == count)
  }

  /// A birth date that is only a year touches every day of it, but is not indexed by each.
  @Test func aYearIsNotIndexedByDays() throws {
    let resource = try SearchSupport.resource(#"{"resourceType":"Patient","birthDate":"1980"}"#)
    #expect(indexTerms(of: resource).filter { $0.parameter == "birthDate" }.count == 13)
  }

  @Test func everyTypeCanBeSearched() {
    for type in ResourceType.names {
      let names = SearchParameterTable.standard.parameters(of: type).map(\.name)
      #expect(names.starts(with: ["_id", "_lastUpdated", "_profile"]), "\(type)")
      #expect(Set(names).count == names.count, "\(type) has a parameter twice")
    }
  }
}
