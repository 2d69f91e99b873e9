/// The codes by which records are told apart for a summary, beside those of `RecordType`.
enum SummaryCodes {
  /// Pregnancy status, expected date of delivery and outcomes (value sets of the IPS), by LOINC.
  static let pregnancy: Set<String> = [
    "82810-3", "11778-8", "11779-6", "11780-4", "11636-8", "11637-6", "11638-4", "11639-2",
    "11640-0", "11612-9", "11613-7", "11614-5", "33065-4",
  ]

  /// Tobacco and alcohol use, by LOINC.
  static let socialHistory: Set<String> = ["72166-2", "74013-4"]

  /// Advance directives, by LOINC: of DocumentReferences and of Consents.
  static let advanceDirectives: Set<String> = [
    "42348-3", "75320-2", "81334-5", "64298-3", "78823-2", "86533-7", "42349-1",
  ]

  /// Scope and categories of a Consent that is an advance directive (consentscope,
  /// consentcategorycodes). A grant of access to records has none of them.
  static let directiveScopes: Set<String> = ["adr"]
  static let directiveCategories: Set<String> = ["acd", "dnr", "emrgonly", "hcd", "polst", "npo"]

  /// Categories of conditions of functioning (US Core condition categories, ICF by system).
  static let functionalStatus: Set<String> = [
    "functional-status", "disability-status", "cognitive-status",
  ]

  /// Statements that there is none at all, or no information: SNOMED CT, as the IPS recommends since
  /// 2.0, and the code system of earlier versions.
  static let absences: Set<String> = [
    "716186003", "787481004", "160245001", "787482006", "787480003", "787483001", "1287211007",
    "no-known-allergies", "no-known-medications", "no-known-problems", "no-known-immunizations",
    "no-known-procedures", "no-known-devices", "no-allergy-info", "no-medication-info",
    "no-problem-info", "no-immunization-info", "no-procedure-info", "no-device-info",
  ]

  private static let absenceSystems: Set<String> = [
    "http://snomed.info/sct", "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips",
  ]

  /// Whether a CodeableConcept states that there is nothing.
  static func isAbsence(_ concept: JSONValue?) -> Bool {
    concept?["coding"]?.elements.contains { coding in
      (coding["system"]?.string).map(absenceSystems.contains) ?? false
        && (coding["code"]?.string).map(absences.contains) ?? false
    } ?? false
  }

  /// `List.emptyReason` (R4 list-empty-reason), with its display.
  static let emptyReasons: [String: String] = [
    "nilknown": "Nil Known", "notasked": "Not Asked", "withheld": "Information Withheld",
    "unavailable": "Unavailable", "notstarted": "Not Started", "closed": "Closed",
  ]
}

extension JSONValue {
  /// Whether a coding of a CodeableConcept, or of one in a list of them, has one of the codes.
  func hasCode(of codes: Set<String>) -> Bool {
    oneOrMany.contains { concept in
      concept["coding"]?.elements.contains { $0["code"]?.string.map(codes.contains) ?? false }
        ?? false
    }
  }
}
