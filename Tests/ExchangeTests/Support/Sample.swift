/// Made-up resources, as the bytes that a client would send.
enum Sample {
  static func patient(_ id: String, family: String = "Samplewood", birth: String = "1984-02-29")
    -> [UInt8]
  {
    json(
      """
      {"resourceType":"Patient","id":"\(id)",
       "identifier":[{"system":"urn:example:mrn","value":"MRN-\(id)"}],
       "name":[{"family":"\(family)","given":["Rowan"]}],"birthDate":"\(birth)"}
      """)
  }

  /// - Parameter code: LOINC.
  static func observation(
    _ id: String? = nil, of patient: String, category: String = "laboratory",
    code: String = "718-7", value: String = "14.10", date: String = "2026-02-01",
    extra: String = ""
  ) -> [UInt8] {
    json(
      """
      {"resourceType":"Observation",\(idMember(id))"status":"final",
       "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category",
         "code":"\(category)"}]}],
       "code":{"coding":[{"system":"http://loinc.org","code":"\(code)"}]},
       "subject":{"reference":"Patient/\(patient)"},"effectiveDateTime":"\(date)",
       \(extra)"valueQuantity":{"value":\(value),"unit":"g/dL"}}
      """)
  }

  static func medication(_ id: String? = nil, of patient: String, code: String = "197361")
    -> [UInt8]
  {
    json(
      """
      {"resourceType":"MedicationRequest",\(idMember(id))"status":"active","intent":"order",
       "medicationCodeableConcept":{"coding":[
         {"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"\(code)"}]},
       "subject":{"reference":"Patient/\(patient)"},"authoredOn":"2026-01-10"}
      """)
  }

  static func allergy(_ id: String? = nil, of patient: String) -> [UInt8] {
    json(
      """
      {"resourceType":"AllergyIntolerance",\(idMember(id))
       "patient":{"reference":"Patient/\(patient)"},
       "code":{"coding":[{"system":"http://snomed.info/sct","code":"91936005"}]}}
      """)
  }

  /// - Parameters:
  ///   - code: SNOMED CT.
  ///   - security: a code of v3-ActCode in `meta.security`.
  static func condition(
    _ id: String? = nil, of patient: String, code: String = "38341003", security: String? = nil
  ) -> [UInt8] {
    let meta = security.map {
      """
      "meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode",
        "code":"\($0)"}]},
      """
    }
    return json(
      """
      {"resourceType":"Condition",\(idMember(id))\(meta ?? "")
       "code":{"coding":[{"system":"http://snomed.info/sct","code":"\(code)"}]},
       "subject":{"reference":"Patient/\(patient)"},"onsetDateTime":"2020-05-05"}
      """)
  }

  static func practitioner(_ id: String, npi: String) -> [UInt8] {
    json(
      """
      {"resourceType":"Practitioner","id":"\(id)",
       "identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"\(npi)"}]}
      """)
  }

  /// A transaction or batch of (method, url, resource, extra members of the request).
  static func bundle(_ type: String, _ entries: [Entry]) -> [UInt8] {
    let texts = entries.map { entry in
      let url = entry.fullUrl.map { "\"fullUrl\":\"\($0)\"," } ?? ""
      let resource = entry.resource.map { "\"resource\":\(String(decoding: $0, as: UTF8.self))," }
      return """
        {\(url)\(resource ?? "")
         "request":{"method":"\(entry.method)","url":"\(entry.url)"\(entry.request)}}
        """
    }
    return json(
      """
      {"resourceType":"Bundle","type":"\(type)","entry":[\(texts.joined(separator: ","))]}
      """)
  }

  struct Entry {
    var method = "POST"
    var url: String
    var resource: [UInt8]?
    var fullUrl: String?
    /// Further members of `request`, with a comma in front.
    var request = ""
  }

  static func json(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func idMember(_ id: String?) -> String { id.map { "\"id\":\"\($0)\"," } ?? "" }
}
