import FHIR
import Testing

/// What results are sorted by (R4 3.1.1.5.1).
@Suite struct SearchSortTests {
  private func keys(_ type: String, _ sort: String) throws -> [SearchSortKey] {
    try SearchQuery(type: type, parameters: [(name: "_sort", value: sort)]).options.sort
  }

  /// Ids in the order of a key; equal ones stay as they came.
  private func order(_ sort: String, _ lines: [String]) throws -> [String] {
    let resources = try lines.map(SearchSupport.resource)
    let keys = try keys(resources[0].type, sort)
    let values = resources.map { resource in keys.map { $0.value(of: resource) } }
    return resources.indices.sorted { a, b in
      for (number, key) in keys.enumerated() {
        if let isFirst = key.precedes(values[a][number], values[b][number]) { return isFirst }
      }
      return a < b
    }.compactMap { resources[$0].id }
  }

  @Test func datesAndMissingOnes() throws {
    let lines = [
      #"{"resourceType":"Observation","id":"none"}"#,
      #"{"resourceType":"Observation","id":"march","effectiveDateTime":"2020-03-05"}"#,
      #"{"resourceType":"Observation","id":"span","effectivePeriod":{"start":"2020-01-01","end":"2021-01-01"}}"#,
      #"{"resourceType":"Observation","id":"open","effectivePeriod":{"end":"2019-01-01"}}"#,
      #"{"resourceType":"Observation","id":"june","effectiveDateTime":"2020-06-01T10:00:00Z"}"#,
    ]
    #expect(try order("date", lines) == ["open", "span", "march", "june", "none"])
    #expect(try order("-date", lines) == ["span", "june", "march", "open", "none"])
  }

  @Test func ofSeveralValuesTheSmallestOrTheGreatest() throws {
    let lines = [
      #"{"resourceType":"Patient","id":"1","name":[{"family":"Berg"},{"family":"Zorn"}]}"#,
      #"{"resourceType":"Patient","id":"2","name":[{"family":"Clark"}]}"#,
      #"{"resourceType":"Patient","id":"3","name":[{"family":"clark"}],"birthDate":"1980"}"#,
      #"{"resourceType":"Patient","id":"4","name":[{"family":"Ångström"}]}"#,
    ]
    #expect(try order("family", lines) == ["4", "1", "2", "3"])
    #expect(try order("-family", lines) == ["1", "2", "3", "4"])
    #expect(try order("-family,birthdate", lines) == ["1", "3", "2", "4"])
  }

  @Test func numbersByTheirValue() throws {
    let lines = ["9", "10", "1e1", "-2", "0.5", "1E+2", "9.99"].enumerated().map {
      #"{"resourceType":"Observation","id":"\#($0)","valueQuantity":{"value":\#($1)}}"#
    }
    #expect(try order("value-quantity", lines) == ["3", "4", "0", "6", "1", "2", "5"])
  }

  /// A cursor keeps the value of the last row; it must come back as it was.
  @Test func valuesSurviveACursor() throws {
    let resource = try SearchSupport.resource(
      """
      {"resourceType":"Observation","effectiveDateTime":"2020-03-05","valueQuantity":{"value":-1.50e-7},
      "code":{"coding":[{"code":"ü|x"}]},"subject":{"reference":"Patient/1"}}
      """)
    for key in try keys("Observation", "date,value-quantity,code,subject") {
      let value = try #require(key.value(of: resource))
      #expect(SearchSortValue(encoded: value.encoded) == value)
    }
    for broken in ["", "x", "t", "t1.5", "nx", "n", "z1"] {
      #expect(SearchSortValue(encoded: broken) == nil)
    }
    #expect(try keys("Observation", "status")[0].value(of: resource) == nil)
  }
}
