import FHIR

/// What lies in each chart of the scene: a record of several types, with words by which an answer shows that
/// it holds the record.
enum AccessCharts {
  static func bundle(_ chart: String) -> [UInt8] {
    let entries = records(chart).map { #"{"resource":\#($0)}"# }.joined(separator: ",")
    return Sample.json(#"{"resourceType":"Bundle","type":"collection","entry":[\#(entries)]}"#)
  }

  /// The word that stands in one record and nowhere else.
  static func mark(_ record: String, _ chart: String) -> String { "mark-\(record)-\(chart)." }

  private static func records(_ chart: String) -> [String] {
    func mark(_ record: String) -> String { Self.mark(record, chart) }
    let subject = #""subject":{"reference":"Patient/\#(chart)"}"#
    return [
      #"{"resourceType":"Patient","id":"\#(chart)","identifier":[{"system":"urn:example:mrn","value":"MRN-\#(chart)"}],"name":[{"family":"\#(mark("patient"))","given":["Made"]}],"birthDate":"2016-02-03"}"#,
      #"{"resourceType":"Observation","id":"lab-\#(chart)","meta":{"tag":[{"system":"urn:example:tag","code":"\#(mark("tag"))"}]},"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"718-7"}],"text":"\#(mark("lab"))"},\#(subject),"effectiveDateTime":"2026-02-01"}"#,
      #"{"resourceType":"MedicationRequest","id":"drug-\#(chart)","status":"active","intent":"order","medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"197361"}],"text":"\#(mark("drug"))"},\#(subject),"authoredOn":"2026-01-10"}"#,
      #"{"resourceType":"Coverage","id":"cover-\#(chart)","status":"active","beneficiary":{"reference":"Patient/\#(chart)"},"payor":[{"display":"\#(mark("cover"))"}]}"#,
      #"{"resourceType":"DocumentReference","id":"note-\#(chart)","status":"current","type":{"coding":[{"system":"http://loinc.org","code":"11506-3"}],"text":"\#(mark("note"))"},\#(subject),"date":"2026-01-10T10:00:00Z","content":[{"attachment":{"contentType":"text/plain","data":"eA=="}}]}"#,
      #"{"resourceType":"Composition","id":"paper-\#(chart)","status":"final","type":{"coding":[{"system":"http://loinc.org","code":"11506-3"}]},\#(subject),"date":"2026-01-10T10:00:00Z","author":[{"display":"Somebody"}],"title":"\#(mark("paper"))"}"#,
      #"{"resourceType":"Group","id":"group-\#(chart)","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/\#(chart)"}}]}"#,
    ]
  }

  /// What a record counts as, by the table of record types.
  static func type(_ record: String) throws -> RecordType {
    let found = try records("p").map { try Resource(parsing: Sample.json($0)) }
      .first { $0.id == "\(record)-p" || record == "patient" && $0.type == "Patient" }
    return found.map { RecordType(of: $0) } ?? .other
  }

  static let subscription = Sample.json(
    #"{"resourceType":"Subscription","status":"requested","reason":"A test","criteria":"urn:peerchart:subscription-topic:resource-changed","_criteria":{"extension":[{"url":"http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-filter-criteria","valueString":"Observation?patient=p-none"}]},"channel":{"type":"rest-hook","endpoint":"https://example.org/hook","payload":"application/fhir+json","_payload":{"extension":[{"url":"http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content","valueCode":"id-only"}]}}}"#
  )

  static func observation(_ id: String?, of chart: String) -> String {
    let id = id.map { #""id":"\#($0)","# } ?? ""
    return
      #"{"resourceType":"Observation",\#(id)"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"text":"written"},"subject":{"reference":"Patient/\#(chart)"}}"#
  }
}
