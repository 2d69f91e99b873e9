import FHIR
import Testing

/// Which terms a query asks the index for.
@Suite struct SearchPlanningTests {
  private func lists(_ type: String, _ query: String) throws -> [Set<String>] {
    try SearchQuery(type: type, parameters: SearchSupport.pairs(query)).alternatives.map {
      Set($0.map(\.value))
    }
  }

  @Test func eachFormOfATokenIsOneTerm() throws {
    #expect(try lists("Observation", "code=A") == [["a"]])
    #expect(try lists("Observation", "code=s|A") == [["s|a"]])
    #expect(try lists("Observation", "code=|A") == [["|a"]])
    #expect(try lists("Observation", "code=s|").isEmpty)
    #expect(try lists("Observation", "code:not=a&code:missing=true").isEmpty)
    #expect(try lists("AllergyIntolerance", "category=s|food") == [["s|food", "food"]])
  }

  @Test func referencesNameTheirTypes() throws {
    #expect(try lists("Observation", "patient=1") == [["Patient/1"]])
    #expect(
      try lists("Observation", "subject=1")
        == [["Device/1", "Group/1", "Location/1", "Patient/1"]])
    #expect(try lists("Task", "subject=1").isEmpty)
    #expect(try lists("Task", "subject=Patient/1") == [["Patient/1"]])
  }

  @Test func datesBecomeTheCoarsestTermsThatCover() throws {
    #expect(try lists("Observation", "date=2020") == [["2020", "2020~", "*"]])
    #expect(try lists("Observation", "date=2020-03") == [["2020-03", "2020-03~", "2020~", "*"]])
    #expect(
      try lists("Observation", "date=2020-03-05") == [["2020-03-05", "2020-03~", "2020~", "*"]])
    #expect(
      try lists("Observation", "date=ge2020-01-31&date=le2020-03-01") == [
        [
          "2020-01-31", "2020-02", "2020-03-01", "2020-01~", "2020-02~", "2020-03~", "2020~", "*",
        ]
      ])
    #expect(try lists("Observation", "date=ge2020").isEmpty)
    #expect(try lists("Observation", "date=ne2020").isEmpty)
    // Several values: one may be after, another before.
    #expect(try lists("MedicationRequest", "date=ge2020-01&date=lt2020-03").isEmpty)
    // Rounded out to years, then given up.
    let decades = try lists("Observation", "date=ge1970-02-03&date=le2020-11-05")
    #expect(decades.first?.contains("1970") == true && decades.first?.count == 103)
    #expect(try lists("Observation", "date=ge1700&date=le2020").isEmpty)
    #expect(try lists("Observation", "date=ge0001&date=le9999").isEmpty)
  }

  @Test func stringsUseTheirFirstLetters() throws {
    #expect(try lists("Patient", "name=Alexander") == [["alexan"]])
    #expect(try lists("Patient", "name=Al,Bo") == [["al", "bo"]])
    #expect(try lists("Patient", "name:exact=Álex") == [["=alex"]])
    #expect(try lists("Patient", "name:contains=x").isEmpty)
  }

  @Test func termsOfAResource() throws {
    let resource = try SearchSupport.resource(
      """
      {"resourceType":"Patient","id":"a","name":[{"family":"Li","given":["Wei"]}],
      "birthDate":"1980-02","identifier":[{"system":"s","value":"V"},{"system":"s","value":"V"}]}
      """)
    #expect(
      indexTerms(of: resource).map { "\($0.parameter) \($0.value)" } == [
        "_type Patient", "_id a", "identifier v", "identifier s|v", "name =li", "name l", "name li",
        "name =wei", "name w", "name we", "name wei", "name =wei li", "name wei l", "name wei li",
        "birthdate 1980", "birthdate 1980-02",
      ] + (1...29).map { "birthdate 1980-02-" + ($0 < 10 ? "0" : "") + "\($0)" })
  }

  /// The number of terms stays bounded however long a period is.
  @Test(arguments: [
    ("2020-01-01", "2020-02-09", 43), ("2020-01-01", "2020-03-01", 4),
    ("2020-01-01", "2024-12-31", 5),
    ("1800-01-01", "1999-12-31", 1), ("0001-01-01", "9999-12-31", 1),
  ])
  func termsOfPeriods(_ start: String, _ end: String, _ count: Int) throws {
    let resource = try SearchSupport.resource(
      """
      {"resourceType":"Encounter","period":{"start":"\(start)","end":"\(end)"}}
      """)
    #expect(indexTerms(of: resource).filter { $0.parameter == "date" }.count == count)
  }

  /// A birth date that is only a year touches every day of it, but is not indexed by each.
  @Test func aYearIsNotIndexedByDays() throws {
    let resource = try SearchSupport.resource(#"{"resourceType":"Patient","birthDate":"1980"}"#)
    #expect(indexTerms(of: resource).filter { $0.parameter == "birthdate" }.count == 13)
  }

  @Test func everyTypeCanBeSearched() {
    for type in ResourceType.names {
      let names = SearchParameterTable.standard.parameters(of: type).map(\.name)
      #expect(names.starts(with: ["_id", "_lastUpdated"]), "\(type)")
      #expect(Set(names).count == names.count, "\(type) has a parameter twice")
    }
  }
}
