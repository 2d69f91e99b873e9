import FHIR
import Primitives
import Testing

/// What a query may say, and how it is refused.
@Suite struct SearchQueryTests {
  private func fault(_ type: String, _ pairs: [(name: String, value: String)]) -> PeerChartError? {
    do throws(PeerChartError) {
      _ = try SearchQuery(type: type, parameters: pairs)
      return nil
    } catch {
      return error
    }
  }

  @Test func readsWhatIsNotACriterion() throws {
    let query = try SearchQuery(
      type: "Patient",
      parameters: SearchSupport.pairs(
        "_count=20&_sort=-_lastUpdated&_total=accurate&_format=json&_pretty=true&_cursor=abc"))
    #expect(query.count == 20)
    #expect(query.order == .newestFirst)
    #expect(query.total == .accurate)
    #expect(query.cursor == "abc")
    #expect(query.criteria.isEmpty)
    #expect(query.alternatives.isEmpty)
  }

  @Test(arguments: [
    ("Observation", "code:text", "x"), ("Observation", "code:in", "x"),
    ("Observation", "date:missing", "yes"), ("Observation", "date:exact", "2020"),
    ("Observation", "patient:Patient", "1"), ("Observation", "patient.name", "x"),
    ("Observation", "nonsense", "x"), ("Observation", "", "x"), ("Observation", "name", "x"),
    ("Observation", "code", ""), ("Observation", "code", "a,,b"), ("Observation", "code", "|"),
    ("Observation", "patient", "a b"), ("Observation", "patient", "Patient/"),
    ("Observation", "patient", "../../etc"), ("Patient", "name", "..."), ("Patient", "name", "  "),
    ("Patient", "_count", "-1"), ("Patient", "_count", "ten"), ("Patient", "_count", "99999999999"),
    ("Patient", "_sort", "name"), ("Patient", "_total", "maybe"), ("Patient", "_include", "*"),
    ("Patient", "name:", "x"), ("Patient", ":exact", "x"),
  ])
  func refuses(_ type: String, _ name: String, _ value: String) {
    let error = fault(type, [(name: name, value: value)])
    #expect(error?.code == .invalid)
    #expect(error?.place == (name.isEmpty ? "query parameter 1" : name))
  }

  @Test func refusesWhatIsTooMuch() {
    let long = String(repeating: "x", count: 10_000)
    let many = Array(repeating: "a", count: 10_000).joined(separator: ",")
    let some = Array(repeating: "a", count: 201).joined(separator: ",")
    for value in [long, many, some, many + long] {
      #expect(fault("Observation", [(name: "code", value: value)])?.code == .invalid)
    }
    let parameters = Array(repeating: (name: "code", value: "a"), count: 65)
    #expect(fault("Observation", parameters)?.code == .invalid)
    #expect(fault("Observation", [(name: "_cursor", value: long)])?.code == .invalid)
    #expect(fault("Nonsense", [])?.code == .invalid)
    let most = Array(repeating: "a", count: 200).joined(separator: ",")
    #expect(fault("Observation", [(name: "code", value: most)]) == nil)
  }

  /// A name from outside may be anything; it goes into logs only if it looks like a name.
  @Test func errorsDoNotRepeatWhatCameIn() {
    let secret = "Jane Doe 1980"
    let asName = fault("Observation", [(name: secret, value: "x")])
    #expect(asName?.place == "query parameter 1")
    for error in [asName, fault("Observation", [(name: "date", value: secret)])] {
      #expect(error.map { !"\($0)".contains("Jane") } == true)
    }
  }

  @Test func lenientLeavesOutWhatItDoesNotKnow() throws {
    let query = try SearchQuery(
      type: "Observation", parameters: SearchSupport.pairs("nonsense=1&code=x&_include=y"),
      handling: .lenient)
    #expect(query.ignored == ["nonsense", "_include"])
    #expect(query.criteria.count == 1)
    // A modifier changes the meaning of a known parameter, so it is never left out.
    #expect(throws: PeerChartError.self) {
      try SearchQuery(
        type: "Observation", parameters: SearchSupport.pairs("code:text=x"), handling: .lenient)
    }
  }

  @Test func backslashesProtectSeparators() throws {
    let resource = try SearchSupport.resource(
      #"{"resourceType":"Basic","identifier":[{"system":"a|b","value":"x\\y$z,q"}]}"#)
    #expect(try SearchSupport.matches(resource, #"identifier=a\|b|x\\y\$z\,q"#))
    #expect(try SearchSupport.matches(resource, #"identifier=x\\y\$z\,q"#))
    #expect(try SearchSupport.matches(resource, #"identifier=x\y$z\,q"#))
    #expect(try !SearchSupport.matches(resource, #"identifier=a|b|x\\y\$z\,q"#))
  }
}
