import FHIR
import Testing

@Suite struct RecordTypeTests {
  private func type(_ json: String) throws -> RecordType {
    RecordType(of: try SearchSupport.resource(json))
  }

  private func coded(_ resource: String, _ member: String, _ codes: [String], list: Bool = true)
    throws
    -> RecordType
  {
    let concepts = codes.map { "{\"coding\":[{\"code\":\"\($0)\"}]}" }.joined(separator: ",")
    return try type(
      "{\"resourceType\":\"\(resource)\",\"\(member)\":\(list ? "[\(concepts)]" : concepts)}")
  }

  @Test func namesAreThoseOfTheCommandLine() {
    #expect(
      RecordType.allCases.map(\.rawValue) == [
        "demographics", "problems", "medications", "allergies", "immunizations", "lab-results",
        "vital-signs", "progress-notes", "discharge-summaries", "radiology-reports", "insurance",
        "claims", "procedures", "encounters", "care-plans", "devices", "other",
      ])
  }

  @Test(arguments: [
    ("Patient", RecordType.demographics), ("RelatedPerson", .demographics),
    ("Condition", .problems),
    ("MedicationRequest", .medications), ("MedicationAdministration", .medications),
    ("AllergyIntolerance", .allergies), ("Immunization", .immunizations), ("Coverage", .insurance),
    ("Claim", .claims), ("ClaimResponse", .claims), ("ExplanationOfBenefit", .claims),
    ("Procedure", .procedures), ("Encounter", .encounters), ("CarePlan", .carePlans),
    ("Device", .devices), ("ImagingStudy", .radiologyReports), ("Organization", .other),
    ("Bundle", .other), ("QuestionnaireResponse", .other), ("Observation", .other),
    ("DiagnosticReport", .other), ("DocumentReference", .other),
  ])
  func byResourceType(_ name: String, _ expected: RecordType) throws {
    #expect(try type("{\"resourceType\":\"\(name)\"}") == expected)
  }

  @Test func everyResourceTypeHasOne() throws {
    for name in ResourceType.names { _ = try type("{\"resourceType\":\"\(name)\"}") }
  }

  @Test(arguments: [
    ("laboratory", RecordType.labResults), ("LAB", .labResults), ("MB", .labResults),
    ("vital-signs", .vitalSigns), ("imaging", .radiologyReports), ("procedure", .procedures),
    ("social-history", .other), ("survey", .other), ("unheard-of", .other),
  ])
  func observationsByCategory(_ code: String, _ expected: RecordType) throws {
    #expect(try coded("Observation", "category", [code]) == expected)
  }

  @Test func theFirstInTheTableDecides() throws {
    #expect(try coded("Observation", "category", ["survey", "vital-signs"]) == .vitalSigns)
    #expect(try coded("Observation", "category", ["vital-signs", "laboratory"]) == .labResults)
    #expect(try coded("Observation", "code", ["8480-6"], list: false) == .vitalSigns)
  }

  @Test func reports() throws {
    #expect(try coded("DiagnosticReport", "category", ["LAB"]) == .labResults)
    #expect(try coded("DiagnosticReport", "category", ["RAD"]) == .radiologyReports)
    #expect(try coded("DiagnosticReport", "category", ["LP29684-5"]) == .radiologyReports)
    #expect(try coded("DiagnosticReport", "category", ["34117-2"]) == .progressNotes)
    #expect(try coded("DiagnosticReport", "code", ["18748-4"], list: false) == .radiologyReports)
  }

  @Test func documents() throws {
    for name in ["DocumentReference", "Composition"] {
      #expect(try coded(name, "type", ["18842-5"], list: false) == .dischargeSummaries)
      #expect(try coded(name, "type", ["11506-3"], list: false) == .progressNotes)
      #expect(try coded(name, "type", ["18748-4"], list: false) == .radiologyReports)
      // The whole chart in one document must not be opened by a grant for notes.
      #expect(try coded(name, "type", ["34133-9"], list: false) == .other)
      #expect(try coded(name, "category", ["clinical-note"]) == .progressNotes)
    }
    let summary = """
      {"resourceType":"DocumentReference","type":{"coding":[{"code":"34133-9"}]},
      "category":[{"coding":[{"code":"clinical-note"}]}]}
      """
    #expect(try type(summary) == .other)
  }

  @Test func malformedCategoriesAreOther() throws {
    for category in [
      "\"x\"", "{}", "[null,1]", "[{\"coding\":{}}]", "[{\"coding\":[{\"code\":1}]}]",
    ] {
      let json = "{\"resourceType\":\"Observation\",\"category\":\(category)}"
      #expect(try type(json) == .other)
    }
  }

  @Test(.enabled(if: SearchSupport.hasShared, "needs shared/corpus"))
  func corpus() throws {
    var counts: [String: [RecordType: Int]] = [:]
    for resource in try SearchSupport.corpus() {
      counts[resource.type, default: [:]][RecordType(of: resource), default: 0] += 1
    }
    #expect(counts["DiagnosticReport"]?[.labResults] ?? 0 >= 527)
    #expect(counts["DiagnosticReport"]?[.progressNotes] ?? 0 >= 624)
    #expect(counts["Observation"]?[.labResults] ?? 0 >= 5023)
    #expect(counts["Observation"]?[.vitalSigns] ?? 0 >= 1858)
    #expect(counts["DocumentReference"]?[.progressNotes] ?? 0 >= 1)
    #expect(counts["DocumentReference"]?[.dischargeSummaries] ?? 0 == 2)
    #expect(counts["Composition"]?[.dischargeSummaries] == 1)
  }
}
