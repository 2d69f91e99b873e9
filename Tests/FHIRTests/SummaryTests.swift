import FHIR
import Foundation
import Primitives
import Testing

/// The rules by which a summary is put together, on charts made for the purpose.
@Suite struct SummaryTests {
  private typealias Support = DocumentSupport

  private func made(
    _ records: [Resource], shared: [Resource] = [], patient: Resource? = nil
  ) throws -> MadeDocument {
    let made = try MadeDocument(
      Support.summary(patient ?? Support.patient(), records, shared: shared).bundle())
    #expect(made.dangling == [])
    return made
  }

  private static let final = #""status":"final""#
  private static func category(_ code: String) -> String {
    #""category":["# + DocumentSupport.concept(code, "http://x") + "]"
  }
  private static func status(_ name: String, _ code: String) -> String {
    #""\#(name)":"# + DocumentSupport.concept(code, "http://x")
  }
  private static func code(_ code: String, _ system: String = "http://loinc.org") -> String {
    #""code":"# + DocumentSupport.concept(code, system)
  }

  @Test func anEmptyChartSaysThatNothingIsKnown() throws {
    let made = try made([])
    #expect(made.sections == ["11450-4", "48765-2", "10160-0"])
    for section in made.sections {
      #expect(made.emptyReason(section) == "unavailable" && made.listed(section).isEmpty)
      #expect(made.narrative(section).contains("There is no information about"))
    }
    #expect(made.errors.isEmpty, "\(made.errors)")
    #expect(made.root["type"]?.isString("document") == true)
    #expect(
      made.root["identifier"]?["value"]?.isString("urn:uuid:\(Support.frame.id)") == true)
    #expect(made.root["timestamp"]?.isString(Support.frame.date.description) == true)
    #expect(made.composition?["confidentiality"]?.isString("N") == true)
    #expect(made.text.contains("Samplewood &lt;&amp;&gt; family"))
    #expect(made.entries.count == 4)
  }

  /// Each case: type, members, and the LOINC code of the section it belongs into; nil for none.
  @Test(arguments: [
    ("Condition", code("1"), "11450-4"),
    ("Condition", code("1") + "," + status("clinicalStatus", "active"), "11450-4"),
    ("Condition", code("1") + "," + status("clinicalStatus", "recurrence"), "11450-4"),
    ("Condition", code("1") + "," + status("clinicalStatus", "relapse"), "11450-4"),
    ("Condition", code("1") + "," + status("clinicalStatus", "remission"), "11348-0"),
    ("Condition", code("1") + "," + status("clinicalStatus", "inactive"), "11348-0"),
    ("Condition", code("1") + #","abatementString":"when young""#, "11348-0"),
    ("Condition", code("1") + "," + status("verificationStatus", "refuted"), nil),
    ("Condition", code("1") + "," + status("verificationStatus", "entered-in-error"), nil),
    ("Condition", code("1") + "," + category("disability-status"), "47420-5"),
    ("Condition", code("d4500", "http://hl7.org/fhir/sid/icf"), "47420-5"),
    ("AllergyIntolerance", code("1"), "48765-2"),
    ("AllergyIntolerance", status("clinicalStatus", "resolved"), "48765-2"),
    ("AllergyIntolerance", status("verificationStatus", "refuted"), nil),
    ("MedicationRequest", #""status":"active","intent":"order""#, "10160-0"),
    ("MedicationRequest", #""status":"on-hold","intent":"plan""#, "10160-0"),
    ("MedicationRequest", #""status":"completed","intent":"order""#, nil),
    ("MedicationRequest", #""status":"stopped","intent":"order""#, nil),
    ("MedicationRequest", #""status":"active","intent":"proposal""#, nil),
    ("MedicationRequest", #""status":"active","intent":"order","doNotPerform":true"#, nil),
    ("MedicationStatement", #""status":"active""#, "10160-0"),
    ("MedicationStatement", #""status":"not-taken""#, nil),
    ("Immunization", #""status":"completed""#, "11369-6"),
    ("Immunization", #""status":"not-done""#, nil),
    ("Procedure", #""status":"completed""#, "47519-4"),
    ("Procedure", #""status":"not-done""#, nil),
    ("DeviceUseStatement", #""status":"completed""#, "46264-8"),
    ("DeviceUseStatement", #""status":"entered-in-error""#, nil),
    ("Observation", final + "," + category("laboratory"), "30954-2"),
    ("Observation", final + "," + category("imaging"), "30954-2"),
    ("Observation", final + "," + category("vital-signs"), "8716-3"),
    ("Observation", final + "," + category("social-history"), "29762-2"),
    ("Observation", final + "," + category("survey"), nil),
    ("Observation", final + "," + code("82810-3"), "10162-6"),
    ("Observation", final + "," + code("11778-8") + "," + category("laboratory"), "10162-6"),
    ("Observation", final + "," + code("72166-2"), "29762-2"),
    ("Observation", #""status":"entered-in-error","# + category("laboratory"), nil),
    ("Observation", #""status":"registered","# + category("laboratory"), nil),
    ("DiagnosticReport", final + "," + category("LAB"), "30954-2"),
    ("DiagnosticReport", final + "," + category("34117-2"), nil),
    ("DiagnosticReport", #""status":"cancelled","# + category("LAB"), nil),
    ("CarePlan", #""status":"active","intent":"plan""#, "18776-5"),
    ("CarePlan", #""status":"completed","intent":"plan""#, nil),
    ("Flag", #""status":"active""#, "104605-1"),
    ("Flag", #""status":"inactive""#, nil),
    ("Consent", #""status":"active","# + status("scope", "adr"), "42348-3"),
    ("Consent", #""status":"active","# + status("scope", "patient-privacy"), nil),
    ("Consent", #""status":"rejected","# + status("scope", "adr"), nil),
    ("DocumentReference", #""status":"current","# + status("type", "42348-3"), "42348-3"),
    ("DocumentReference", #""status":"current","# + status("type", "81338-6"), "81338-6"),
    ("DocumentReference", #""status":"current","# + status("type", "34117-2"), nil),
    ("DocumentReference", #""status":"superseded","# + status("type", "42348-3"), nil),
    ("Encounter", #""status":"finished""#, nil), ("Claim", #""status":"active""#, nil),
  ])
  func aRecordBelongsIntoOneSection(_ type: String, _ members: String, _ section: String?) throws {
    let record = try Support.record(type, "r", members)
    let made = try made([record])
    let holding = made.sections.filter { made.listed($0).contains("\(type)/r") }
    #expect(holding == (section.map { [$0] } ?? []))
    #expect((made.resource("\(type)/r") != nil) == (section != nil))
    // Nothing of somebody else, though this patient has a part in it.
    let other = try Support.record(
      type, "r", members + #","performer":[{"reference":"Patient/p"}]"#, patient: "Patient/q")
    #expect(try self.made([other]).resource("\(type)/r") == nil)
  }

  @Test func aListThatSaysNoneIsBelievedWhereNothingElseIs() throws {
    func list(_ id: String, _ reason: String, _ date: String, _ more: String = "") throws
      -> Resource
    {
      try Support.record(
        "List", id,
        #""status":"current","mode":"working","date":"\#(date)","code":"#
          + Support.concept("48765-2", "http://loinc.org")
          + #","emptyReason":"# + Support.concept(reason, "http://x") + more)
    }
    let lists = [
      try list("old", "notasked", "2019-01-01"), try list("new", "nilknown", "2024-01-01"),
      try list("odd", "whatever", "2025-01-01"),
      try list("full", "nilknown", "2026-01-01", #","entry":[{"item":{"display":"x"}}]"#),
    ]
    for order in [lists, lists.reversed()] {
      let summary = try Support.summary(Support.patient(), order)
      let made = try MadeDocument(summary.bundle())
      #expect(made.emptyReason("48765-2") == "nilknown")
      #expect(made.narrative("48765-2").contains("2024-01-01"))
      #expect(made.emptyReason("11450-4") == "unavailable")
      #expect(Set(summary.sources.map(\.id)) == ["p", "new"])
    }
    let allergy = try Support.record("AllergyIntolerance", "a", Self.code("1"))
    let contradicted = try made(lists + [allergy])
    #expect(contradicted.emptyReason("48765-2") == nil)
    #expect(contradicted.listed("48765-2") == ["AllergyIntolerance/a"])
  }

  @Test func aStatementOfNoneStandsUnlessSomethingContradictsIt() throws {
    let snomed = "http://snomed.info/sct"
    let none = try Support.record("AllergyIntolerance", "none", Self.code("716186003", snomed))
    let real = try Support.record("AllergyIntolerance", "real", Self.code("91936005", snomed))
    let past = try Support.record(
      "AllergyIntolerance", "past",
      Self.code("300916003", snomed) + "," + Self.status("clinicalStatus", "resolved"))
    #expect(try made([none]).listed("48765-2") == ["AllergyIntolerance/none"])
    #expect(
      try made([past, none]).listed("48765-2")
        == ["AllergyIntolerance/past", "AllergyIntolerance/none"])
    #expect(
      try made([none, past, real]).listed("48765-2")
        == ["AllergyIntolerance/real", "AllergyIntolerance/past"])
    // No known drug allergy says nothing of food.
    let drugs = try Support.record("AllergyIntolerance", "drugs", Self.code("409137002", snomed))
    #expect(try made([drugs, real]).listed("48765-2").count == 2)
  }

  @Test func sectionsListTheNewestAndSayWhatTheyLeaveOut() throws {
    let problems = try (0..<130).map { number in
      try Support.record(
        "Condition", "c\(number)",
        Self.code("\(number)") + #","onsetDateTime":"\#(1890 + number)""#)
    }
    let made = try made(problems.shuffled())
    #expect(made.listed("11450-4") == (30..<130).reversed().map { "Condition/c\($0)" })
    #expect(made.narrative("11450-4").contains("30 more records are left out"))
    #expect(made.narrative("11450-4").contains("at most 100"))
    #expect(made.resource("Condition/c29") == nil)
  }

  @Test func ofATestOnlyTheNewestResultIsListed() throws {
    func result(_ id: String, _ code: String, _ date: String) throws -> Resource {
      try Support.record(
        "Observation", id,
        Self.final + "," + Self.category("laboratory") + "," + Self.code(code)
          + #","effectiveDateTime":"\#(date)","valueQuantity":{"value":1.10,"unit":"mg"}"#)
    }
    let records = [
      try result("a1", "718-7", "2020-01-01"), try result("a3", "718-7", "2024-01-01"),
      try result("a2", "718-7", "2023-12-31T23:00:00-05:00"), try result("b", "4548-4", "2019"),
    ]
    for order in [records, records.reversed()] {
      let made = try made(order)
      #expect(made.listed("30954-2") == ["Observation/a2", "Observation/b"])
      #expect(made.narrative("30954-2").contains("2 more records are left out"))
      #expect(made.narrative("30954-2").contains("1.10 mg"))
    }
  }

  @Test func whatRecordsReferToComesAlongWhereItMay() throws {
    let request = try Support.record(
      "MedicationRequest", "m",
      #""status":"active","intent":"order","medicationReference":{"reference":"Medication/x"},"#
        + #""requester":{"reference":"Practitioner/d/_history/3"},"#
        + #""encounter":{"reference":"Encounter/e"},"recorder":{"reference":"Practitioner/gone","display":"Dr. Gone"},"#
        + #""performer":{"reference":"https://other.example/fhir/Organization/o"},"#
        + #""basedOn":[{"reference":"urn:uuid:0c5d6f2e-1f7b-4b6e-8d3a-0a1b2c3d4e5f"}],"#
        + #""dosageInstruction":[{"text":"1 daily"}]"#)
    let shared = [
      try Support.resource(
        #"{"resourceType":"Medication","id":"x","code":{"text":"Samplamine 5 mg"}}"#),
      try Support.resource(
        #"{"resourceType":"Practitioner","id":"d","name":[{"family":"Doe"}]}"#),
      try Support.resource(
        #"{"resourceType":"Encounter","id":"e","subject":{"reference":"Patient/p"}}"#),
    ]
    let made = try made([request], shared: shared)
    let stored = try #require(made.resource("MedicationRequest/m"))
    #expect(stored["medicationReference"]?["reference"]?.isString("Medication/x") == true)
    #expect(stored["requester"]?["reference"]?.isString("Practitioner/d") == true)
    #expect(
      stored["encounter"].map { JSONTree($0) } == .some(.object([("type", "Encounter")])))
    #expect(
      stored["recorder"].map { JSONTree($0) } == .some(.object([("display", "Dr. Gone")])))
    #expect(stored["performer"]?["reference"]?.string?.hasPrefix("https://other") == true)
    #expect(
      stored["basedOn"]?[0].map { JSONTree($0) }
        == .some(.object([("display", "not part of this document")])))
    #expect(made.narrative("10160-0").contains("<td>Samplamine 5 mg</td>"))
    #expect(made.narrative("10160-0").contains("<td>1 daily</td>"))
    #expect(made.resource("Encounter/e") == nil)
    // The same without what it refers to: the names are gone with the records.
    let alone = try self.made([request])
    #expect(!alone.text.contains("Samplamine") && alone.resource("Medication/x") == nil)
    #expect(
      alone.resource("MedicationRequest/m")?["medicationReference"].map { JSONTree($0) }
        == .some(.object([("type", "Medication")])))
  }

  /// Results of a report come along, though the section lists newer ones.
  @Test func aReportKeepsItsResults() throws {
    let results = try ["2020", "2024"].map { year in
      try Support.record(
        "Observation", "o\(year)",
        Self.final + "," + Self.category("laboratory") + "," + Self.code("718-7")
          + #","effectiveDateTime":"\#(year)""#)
    }
    let report = try Support.record(
      "DiagnosticReport", "r",
      Self.final + "," + Self.category("LAB")
        + #","result":[{"reference":"Observation/o2020"},{"reference":"Observation/q"}]"#)
    let stranger = try Support.record("Observation", "q", Self.final, patient: "Patient/q")
    let made = try made(results + [report], shared: [stranger])
    #expect(made.listed("30954-2") == ["Observation/o2024", "DiagnosticReport/r"])
    #expect(made.resource("Observation/o2020") != nil && made.resource("Observation/q") == nil)
  }

  @Test func aDeviceOfThePatientIsListedByItsUse() throws {
    let implant = try Support.record(
      "Device", "implant",
      #""status":"active","deviceName":[{"name":"Pacemaker","type":"user-friendly-name"}]"#)
    let stated = try Support.record("Device", "stated", #""status":"active""#)
    let use = try Support.record(
      "DeviceUseStatement", "use", #""status":"active","device":{"reference":"Device/stated"}"#)
    let made = try made([implant, stated, use])
    let listed = made.listed("46264-8")
    #expect(listed.count == 2 && listed.contains("DeviceUseStatement/use"))
    let url = try #require(listed.first { $0.hasPrefix("urn:uuid:") })
    let entry = made.entries.first { $0["fullUrl"]?.isString(url) ?? false }
    #expect(entry?["resource"]?["resourceType"]?.isString("DeviceUseStatement") == true)
    #expect(
      entry?["resource"]?["device"]?["reference"]?.isString(
        "\(Support.frame.base)/Device/implant") == true)
    #expect(made.resource("Device/implant") != nil && made.resource("Device/stated") != nil)
    #expect(made.narrative("46264-8").contains("Pacemaker"))
    #expect(made.errors.isEmpty, "\(made.errors)")
  }

  @Test(arguments: [
    ("", true, true), (#","birthDate":"1984","name":[{"use":"old"}]"#, true, false),
    (#","name":[{"text":"Rowan"},{"family":"Wood"}]"#, false, true),
    (#","_birthDate":{"extension":[{"url":"http://x","valueCode":"y"}]}"#, true, false),
  ])
  func whatThePatientLacksIsSaidToBeUnknown(
    _ members: String, _ name: Bool, _ birthDate: Bool
  ) throws {
    let made = try made([], patient: Support.patient(members))
    let patient = try #require(made.resource("Patient/p"))
    #expect((patient["name"]?[0]?["_text"] != nil) == name)
    let added = patient["_birthDate"]?["extension"]?[0]?["valueCode"]?.isString("unknown") == true
    #expect(added == birthDate)
    #expect(made.errors.isEmpty, "\(made.errors)")
  }

  /// Whatever stands in a record, the narrative stays XHTML that shows it as text.
  @Test func textOfRecordsCannotBecomeMarkup() throws {
    let texts = [
      "<script>alert(1)</script>", "]]>", "&lt;b>", "\"'", "a\\u0000b\\u001f", "\\ufffe\\uffff",
      "\\ud83d\\ude00", "<!--", "<?x ?>", String(repeating: "é", count: 5000), "\\t\\r\\n",
    ]
    let records = try texts.enumerated().map { number, text in
      let escaped = text.replacingOccurrences(of: "\"", with: "\\\"")
      return try Support.record("Condition", "c\(number)", #""code":{"text":"\#(escaped)"}"#)
    }
    let made = try made(
      records, patient: Support.patient(#","birthDate":"<i>","name":[{"family":"</div>&"}]"#))
    let narrative = made.narrative("11450-4")
    #expect(narrative.contains("&lt;script&gt;") && !narrative.contains("<script"))
    #expect(!narrative.unicodeScalars.contains { $0.value < 0x20 })
    #expect(narrative.unicodeScalars.count < 4000)
    let errors = made.errors.filter { $0.expression.hasSuffix("text.div") || $0.key == "txt-1" }
    #expect(errors.isEmpty, "\(errors)")
    // XML refuses whatever is no well-formed narrative.
    for section in made.composition?["section"]?.elements.map({ $0 }) ?? [] {
      let object = JSONTree.object([
        ("resourceType", "Basic"), ("text", section["text"].map { JSONTree($0) } ?? .null),
        ("code", ["text": "x"]),
      ])
      let basic = try JSONDocument(parsing: object.serialized()).root
      #expect(throws: Never.self) { _ = try FHIRXML.xml(from: basic) }
    }
  }

  @Test func sensitiveContentMakesTheDocumentRestricted() throws {
    let hiv = try Support.record(
      "Condition", "h", Self.code("86406008", "http://snomed.info/sct"))
    #expect(try made([hiv]).composition?["confidentiality"]?.isString("R") == true)
  }

  /// An attachment is a link out of the document, so it has to work there.
  @Test func addressesOfAttachmentsAreAbsolute() throws {
    let document = try Support.record(
      "DocumentReference", "d",
      #""status":"current","# + Self.status("type", "42348-3")
        + #","content":[{"attachment":{"url":"Binary/b"}},{"attachment":{"url":"https://x.example/y"}}]"#
    )
    let content = try made([document]).resource("DocumentReference/d")?["content"]
    #expect(
      content?[0]?["attachment"]?["url"]?.isString("\(Support.frame.base)/Binary/b") == true)
    #expect(content?[1]?["attachment"]?["url"]?.isString("https://x.example/y") == true)
  }

  /// Records of any shape: there is a document, or an error, and never a trap.
  @Test func damagedRecordsAreSurvived() throws {
    let seed = FuzzRandom.printedSeed(for: "damaged records in a summary")
    var random = FuzzRandom(seed: seed)
    let values = ["null", "[]", "{}", "1", "true", #""x""#, #"[null]"#, #"[{}]"#, #"{"x":[[]]}"#]
    let names = [
      "code", "category", "status", "clinicalStatus", "verificationStatus", "component", "reaction",
      "valueQuantity", "onsetPeriod", "effectiveTiming", "dosageInstruction", "result", "type",
      "medicationReference", "deviceName", "protocolApplied", "referenceRange", "emptyReason",
      "contained", "name", "identifier", "meta", "device", "interpretation", "period", "scope",
    ]
    for _ in 0..<400 {
      let type = InternationalPatientSummary.types.randomElement(using: &random) ?? "Condition"
      var members = [#""x":1"#]
      for name in names where Bool.random(using: &random) {
        members.append(#""\#(name)":\#(values.randomElement(using: &random) ?? "1")"#)
      }
      guard
        let record = try? Support.record(type, "r", members.joined(separator: ",")),
        let patient = try? Support.resource(
          #"{"resourceType":"Patient","id":"p","name":\#(values.randomElement(using: &random) ?? "1")}"#
        )
      else { continue }
      let bundle = try Support.summary(patient, [record]).bundle()
      #expect(throws: Never.self, "seed \(seed)") { _ = try JSONDocument(parsing: bundle) }
    }
  }
}
