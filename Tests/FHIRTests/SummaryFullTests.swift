import FHIR
import Foundation
import Primitives
import Testing

/// One summary with every section.
@Suite struct SummaryFullTests {
  private typealias Support = DocumentSupport

  private static func loinc(_ code: String) -> String {
    DocumentSupport.concept(code, "http://loinc.org")
  }

  private static func coded(_ system: String, _ code: String) -> String {
    DocumentSupport.concept(code, "http://terminology.hl7.org/CodeSystem/" + system)
  }

  private static func category(_ code: String) -> String {
    #""category":["# + coded("observation-category", code) + "],"
  }

  /// A record for each section, by the section's code.
  private static let chart: [(section: String, type: String, members: String)] = [
    (
      "11450-4", "Condition",
      #""clinicalStatus":\#(coded("condition-clinical", "active")),"code":\#(DocumentSupport.concept("38341003"))"#
    ),
    (
      "48765-2", "AllergyIntolerance",
      #""clinicalStatus":\#(coded("allergyintolerance-clinical", "active")),"criticality":"high","#
        + #""code":{"text":"Peanut"},"reaction":[{"manifestation":[{"text":"Hives"}],"severity":"severe"}]"#
    ),
    (
      "10160-0", "MedicationRequest",
      #""status":"active","intent":"order","medicationReference":{"reference":"Medication/m"},"#
        + #""authoredOn":"2026-01-10","dosageInstruction":[{"timing":{"repeat":{"frequency":2,"period":1,"periodUnit":"d"}},"#
        + #""asNeededBoolean":true,"doseAndRate":[{"doseQuantity":{"value":1.50,"unit":"mg"}}]}]"#
    ),
    (
      "11369-6", "Immunization",
      #""status":"completed","vaccineCode":{"text":"Tetanus"},"occurrenceDateTime":"2024-05","#
        + #""lotNumber":"L-7","protocolApplied":[{"doseNumberPositiveInt":3}]"#
    ),
    (
      "30954-2", "Observation",
      #""status":"final",\#(category("laboratory"))"code":\#(loinc("718-7")),"effectiveDateTime":"2026-02-01","#
        + #""valueQuantity":{"comparator":">","value":14.10,"unit":"g/dL"},"#
        + #""referenceRange":[{"low":{"value":12,"unit":"g/dL"},"high":{"value":16.0,"unit":"g/dL"}}]"#
    ),
    (
      "47519-4", "Procedure",
      #""status":"completed","code":{"text":"Appendectomy"},"performedPeriod":{"start":"2001-02-03","end":"2001-02-03"}"#
    ),
    (
      "46264-8", "DeviceUseStatement",
      #""status":"active","device":{"display":"Hearing aid"},"timingDateTime":"2019""#
    ),
    (
      "104605-1", "Flag",
      #""status":"active","code":{"text":"Falls"},"period":{"start":"2025-11-02"}"#
    ),
    (
      "8716-3", "Observation",
      #""status":"final",\#(category("vital-signs"))"code":\#(loinc("85354-9")),"effectiveDateTime":"2026-02-02","#
        + #""component":[{"code":{"text":"Systolic"},"valueQuantity":{"value":120,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},"#
        + #"{"code":{"text":"Diastolic"},"dataAbsentReason":{"text":"not heard"}}]"#
    ),
    (
      "11348-0", "Condition",
      #""clinicalStatus":\#(coded("condition-clinical", "resolved")),"code":{"text":"Measles"},"#
        + #""onsetDateTime":"1990","abatementDateTime":"1990-03""#
    ),
    (
      "10162-6", "Observation",
      #""status":"final","code":\#(loinc("82810-3")),"effectiveDateTime":"2026-01-01","#
        + #""valueCodeableConcept":{"text":"Not pregnant"}"#
    ),
    (
      "29762-2", "Observation",
      #""status":"final","code":\#(loinc("72166-2")),"valueCodeableConcept":{"text":"Never smoked"}"#
    ),
    (
      "47420-5", "Condition",
      #""category":[{"coding":[{"system":"http://example.org/c","code":"functional-status"}]}],"code":{"text":"Walks with a stick"}"#
    ),
    (
      "18776-5", "CarePlan",
      #""status":"active","intent":"plan","title":"Physiotherapy","period":{"end":"2026-09-01"}"#
    ),
    (
      "42348-3", "Consent",
      #""status":"active","scope":\#(coded("consentscope", "adr")),"category":[\#(coded("consentcategorycodes", "dnr"))],"#
        + #""policyRule":{"text":"none"}"#
    ),
    (
      "81338-6", "DocumentReference",
      #""status":"current","type":\#(loinc("81338-6")),"description":"What matters to me","#
        + #""content":[{"attachment":{"contentType":"text/plain","data":"aGk="}}]"#
    ),
  ]

  @Test func everySectionIsThereAndReadable() async throws {
    let records = try Self.chart.enumerated().map { number, record in
      try Support.record(record.type, "r\(number)", record.members)
    }
    let medication = try Support.resource(
      #"{"resourceType":"Medication","id":"m","code":{"text":"Samplamine"}}"#)
    let made = try MadeDocument(
      Support.summary(Support.patient(), records, shared: [medication]).bundle())
    #expect(made.dangling == [])
    #expect(made.errors.isEmpty, "\(made.errors)")
    #expect(made.sections.count == 16 && Set(made.sections) == Set(Self.chart.map(\.section)))
    for (number, record) in Self.chart.enumerated() {
      #expect(made.listed(record.section) == ["\(record.type)/r\(number)"])
    }
    for (section, row) in [
      ("11450-4", "<td>38341003</td><td>active</td><td></td><td></td>"),
      ("48765-2", "<td>Peanut</td><td>active</td><td>high</td><td>Hives (severe)</td><td></td>"),
      (
        "10160-0",
        "<td>Samplamine</td><td>active</td><td>1.50 mg, 2 in 1 d, as needed</td><td>2026-01-10</td>"
      ),
      ("11369-6", "<td>Tetanus</td><td>2024-05</td><td>3</td><td>L-7</td>"),
      (
        "30954-2",
        "<td>718-7</td><td>&gt;14.10 g/dL</td><td>12 g/dL – 16.0 g/dL</td><td>final</td><td>2026-02-01</td>"
      ),
      ("47519-4", "<td>Appendectomy</td><td>completed</td><td>2001-02-03</td>"),
      ("46264-8", "<td>Hearing aid</td><td>active</td><td>2019</td>"),
      ("104605-1", "<td>Falls</td><td>from 2025-11-02</td>"),
      ("8716-3", "<td>Systolic: 120 mmHg; Diastolic: no value: not heard</td>"),
      ("11348-0", "<td>Measles</td><td>resolved</td><td>1990</td><td>1990-03</td>"),
      ("10162-6", "<td>Not pregnant</td>"), ("29762-2", "<td>Never smoked</td>"),
      ("47420-5", "<td>Walks with a stick</td>"),
      ("18776-5", "<td>Physiotherapy</td><td>active</td><td>until 2026-09-01</td>"),
      ("42348-3", "<td>dnr</td><td>active</td>"), ("81338-6", "<td>What matters to me</td>"),
    ] {
      #expect(made.narrative(section).contains(row), "\(made.narrative(section))")
    }
    let overview = made.composition?["text"]?["div"]?.string ?? ""
    #expect(overview.contains("<td>Wood</td><td>1984-02-29</td>"))
    if DocumentChecker.isAvailable {
      #expect(try await DocumentChecker.faults([("full", made.bytes)]) == nil)
    }
  }
}
