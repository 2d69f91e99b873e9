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
        "_count=20&_sort=-_lastUpdated,family&_total=accurate&_format=json&_pretty=true&_cursor=abc"
          + "&_summary=data&_elements=name,birthDate&_contained=false&_type=Patient"))
    #expect(query.count == 20)
    #expect(query.options.sort.map(\.parameter.name) == ["_lastUpdated", "family"])
    #expect(query.options.sort.map(\.isDescending) == [true, false])
    #expect(query.total == .accurate)
    #expect(query.cursor == "abc")
    #expect(query.options.summary == .data)
    #expect(query.options.elements == ["name", "birthDate"])
    #expect(query.criteria.isEmpty && query.conditions.isEmpty)
    #expect(query.alternatives.isEmpty)
  }

  @Test(arguments: [
    ("Observation", "code:in", "x"), ("Observation", "code:not-in", "x"),
    ("Observation", "code:above", "x"), ("Observation", "code:below", "x"),
    ("Observation", "subject:below", "x"), ("Observation", "code:exact", "x"),
    ("Observation", "code:of-type", "a|b|c"), ("Patient", "identifier:of-type", "a|b"),
    ("Patient", "identifier:of-type", "|b|c"), ("Patient", "name:text", "x"),
    ("Patient", "name:below", "x"), ("ValueSet", "url:exact", "http://a"),
    ("Observation", "date:missing", "yes"), ("Observation", "date:exact", "2020"),
    ("Observation", "patient:Device", "1"), ("Observation", "patient:Patient", "Group/1"),
    ("Observation", "subject:Medication", "1"), ("Observation", "subject:Nonsense", "1"),
    ("Observation", "nonsense", "x"), ("Observation", "", "x"), ("Observation", "name", "x"),
    ("Observation", "code", ""), ("Observation", "code", "a,,b"), ("Observation", "code", "|"),
    ("Observation", "patient", "a b"), ("Observation", "patient", "Patient/"),
    ("Observation", "patient", "../../etc"), ("Patient", "name", "..."), ("Patient", "name", "  "),
    ("Patient", "name:", "x"), ("Patient", ":exact", "x"), ("Patient", "name:exact:exact", "x"),
    // Prefixes where they do not belong, and numbers that are none.
    ("RiskAssessment", "probability", "xx5"), ("RiskAssessment", "probability", "5mg"),
    ("RiskAssessment", "probability", "5."), ("RiskAssessment", "probability", ".5"),
    ("RiskAssessment", "probability", "1e"), ("RiskAssessment", "probability", "1e99999"),
    ("RiskAssessment", "probability", "0x10"), ("RiskAssessment", "probability", "nan"),
    ("RiskAssessment", "probability", "--1"), ("RiskAssessment", "probability", "+1"),
    ("RiskAssessment", "probability", "gt"), ("RiskAssessment", "probability", "１"),
    ("RiskAssessment", "probability", "99999999999999999999999999999999999"),
    ("Observation", "value-quantity", "5||"), ("Observation", "value-quantity", "5|mg"),
    ("Observation", "value-quantity", "|s|mg"), ("Observation", "value-quantity", "5|a|b|c"),
    ("Observation", "code-value-quantity", "x"), ("Observation", "code-value-quantity", "x$"),
    ("Observation", "code-value-quantity", "x$5$6"), ("Observation", "code-value-quantity", "x$a"),
    ("Observation", "code-value-quantity:exact", "x$5"),
    ("Location", "near", "1"), ("Location", "near", "91|0"), ("Location", "near", "0|181"),
    ("Location", "near", "0|0|-1|km"), ("Location", "near", "0|0|1|furlong"),
    ("Location", "near", "nan|0"), ("Location", "near", "0|0|inf"),
    ("Location", "near", "1|2|3|km|5"),
    // What is not offered.
    ("Patient", "_text", "x"), ("Patient", "_content", "x"), ("Patient", "_filter", "name eq x"),
    ("Patient", "_query", "x"), ("Patient", "_contained", "true"), ("Patient", "_type", "Group"),
    ("Patient", "_list", "$current-allergies"), ("Patient", "_list", ""),
    // The form of the answer.
    ("Patient", "_count", "-1"), ("Patient", "_count", "ten"), ("Patient", "_count", "99999999999"),
    ("Patient", "_sort", "nonsense"), ("Patient", "_sort", ""), ("Patient", "_sort", "name,"),
    ("Observation", "_sort", "code-value-quantity"), ("Location", "_sort", "near"),
    ("Patient", "_total", "maybe"), ("Patient", "_summary", "yes"), ("Patient", "_elements", ""),
    ("Patient", "_elements", "name,"), ("Patient", "_elements", "a.b"),
    ("Patient", "_include", "x"), ("Patient", "_include", "Patient"),
    ("Patient", "_include", "Patient:name"), ("Patient", "_include", "Patient:link:Observation"),
    ("Patient", "_include", "Patient:link:Nonsense"), ("Patient", "_include", "Nonsense:x"),
    ("Patient", "_include", "a:b:c:d"), ("Patient", "_revinclude", "*"),
    ("Patient", "_include:recurse", "Patient:link"),
    // Chains.
    ("Observation", "code.text", "x"), ("Observation", "patient.nonsense", "x"),
    ("Observation", "patient.", "x"), ("Observation", "patient:Group.name", "x"),
    ("Observation", "patient.birthdate", "2020-02-30"), ("Observation", "patient..name", "x"),
    ("Observation", "patient.link.link.link.link.name", "x"),
    ("Task", "focus.focus.code", "x"),
    ("Patient", "_has", "x"), ("Patient", "_has:", "x"), ("Patient", "_has:Observation", "x"),
    ("Patient", "_has:Observation:patient", "x"), ("Patient", "_has:Observation:patient:", "x"),
    ("Patient", "_has:Nonsense:patient:code", "x"), ("Patient", "_has:Observation:code:code", "x"),
    ("Patient", "_has:Observation:patient:nonsense", "x"),
    ("Patient", "_has:Observation:patient:date", "2020-13"),
  ])
  func refuses(_ type: String, _ name: String, _ value: String) {
    let error = fault(type, [(name: name, value: value)])
    #expect(error?.code == .invalid)
    #expect(error?.place == (name.isEmpty ? "query parameter 1" : name), "\(name)=\(value)")
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
      type: "Observation", parameters: SearchSupport.pairs("nonsense=1&code=x&_sneeze=y&a.b=c"),
      handling: .lenient)
    #expect(query.ignored == ["nonsense", "_sneeze", "a.b"])
    #expect(query.used.map(\.name) == ["code"])
    #expect(query.criteria.count == 1)
    // A modifier changes the meaning of a known parameter, so it is never left out; nor is what
    // would answer another question.
    for pair in [
      "code:in=x", "_filter=x", "patient.nonsense=x", "_has:Observation:x:y=z", "date=x",
    ] {
      #expect(throws: PeerChartError.self) {
        try SearchQuery(
          type: "Observation", parameters: SearchSupport.pairs(pair), handling: .lenient)
      }
    }
  }

  @Test func searchesOverSeveralTypes() throws {
    let some = try SearchQuery.queries(
      parameters: SearchSupport.pairs("_type=Patient,Observation&_lastUpdated=ge2020"))
    #expect(some.map(\.resourceType) == ["Patient", "Observation"])
    #expect(some.allSatisfy { $0.criteria.count == 1 })
    #expect(try SearchQuery.queries(parameters: []).count == ResourceType.names.count)
    for pair in ["_type=", "_type=Patient,Nonsense", "_type=Patient,Patient", "name=x"] {
      #expect(throws: PeerChartError.self) {
        try SearchQuery.queries(parameters: SearchSupport.pairs(pair))
      }
    }
    let mine = try SearchQuery.queries(
      parameters: SearchSupport.pairs("_type=Observation,Medication"),
      in: CompartmentMembership(.patient, id: "1"))
    #expect(mine.map(\.resourceType) == ["Observation"])
    #expect(CompartmentMembership(.patient, id: "../x") == nil)
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
