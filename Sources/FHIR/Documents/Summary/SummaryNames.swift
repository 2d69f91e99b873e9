/// What a record is about and what it found, in words.
enum SummaryNames {
  /// More components or results than this are not written out.
  private static let parts = 8

  /// What a record is about. Where that stands in another record it is looked up.
  static func name(_ record: Resource, _ included: SummaryColumn.Included) -> String? {
    let root = record.root
    switch record.type {
    case "MedicationRequest", "MedicationStatement":
      return ClinicalText.concept(root["medicationCodeableConcept"])
        ?? named(root["medicationReference"], in: record, included)
    case "Immunization": return ClinicalText.concept(root["vaccineCode"])
    case "DeviceUseStatement": return named(root["device"], in: record, included)
    case "Device":
      return root["deviceName"]?.elements.lazy.compactMap { ClinicalText.nonEmpty($0["name"]) }
        .first
        ?? ClinicalText.concept(root["type"])
    case "CarePlan":
      return ClinicalText.nonEmpty(root["title"])
        ?? ClinicalText.joined(
          root["category"]?.elements.prefix(parts).map { category in
            // A bare code of US Core says nothing to a reader.
            ClinicalText.nonEmpty(category["text"])
              ?? category["coding"]?.elements.lazy.compactMap {
                ClinicalText.nonEmpty($0["display"])
              }.first
          } ?? [], ", ")
        ?? ClinicalText.nonEmpty(root["description"])
    case "Consent":
      return ClinicalText.concepts(root["category"]) ?? ClinicalText.concept(root["scope"])
    case "DocumentReference":
      return ClinicalText.nonEmpty(root["description"]) ?? ClinicalText.concept(root["type"])
    default: return ClinicalText.concept(root["code"])
    }
  }

  /// The name of what a reference leads to: what it says itself, else the record's.
  private static func named(
    _ reference: JSONValue?, in record: Resource, _ included: SummaryColumn.Included
  ) -> String? {
    guard let reference else { return nil }
    if let display = ClinicalText.nonEmpty(reference["display"]) { return display }
    guard let text = reference["reference"]?.string else { return nil }
    let found: JSONValue?
    if text.hasPrefix("#") {
      found = record.root["contained"]?.elements.first {
        $0["id"]?.isString(String(text.dropFirst())) ?? false
      }
    } else {
      found = ReferenceTarget(parsing: text).flatMap {
        included(ReferenceTarget(type: $0.type, id: $0.id))?.root
      }
    }
    guard let found else { return nil }
    return ClinicalText.concept(found["code"])
      ?? found["deviceName"]?.elements.lazy.compactMap { ClinicalText.nonEmpty($0["name"]) }.first
      ?? ClinicalText.concept(found["type"])
  }

  /// What an Observation or a DiagnosticReport found.
  static func result(_ root: JSONValue) -> String? {
    if let conclusion = ClinicalText.nonEmpty(root["conclusion"]) { return conclusion }
    if let codes = ClinicalText.concepts(root["conclusionCode"]) { return codes }
    if let results = root["result"], results.count > 0 {
      let names = results.elements.prefix(parts).compactMap { ClinicalText.nonEmpty($0["display"]) }
      let list = names.isEmpty ? "" : ": " + names.joined(separator: ", ")
      return (results.count == 1 ? "1 result" : "\(results.count) results") + list
    }
    let interpretation = ClinicalText.concepts(root["interpretation"]).map { "(\($0))" }
    let own = ClinicalText.joined([value(root), interpretation], " ")
    let components = root["component"]?.elements.prefix(parts).map { component -> String? in
      guard let value = value(component) else { return nil }
      return ClinicalText.concept(component["code"]).map { "\($0): \(value)" } ?? value
    }
    return ClinicalText.joined([own] + (components ?? []), "; ")
  }

  private static func value(_ root: JSONValue) -> String? {
    ClinicalText.choice(root, "value")
      ?? ClinicalText.concept(root["dataAbsentReason"]).map { "no value: \($0)" }
  }
}
