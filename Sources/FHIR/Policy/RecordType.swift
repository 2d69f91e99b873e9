/// The kinds of records that consent speaks of. Each resource is of exactly one.
///
/// The raw value is the name on the command line and the code in grants
/// (FHIR `Consent.provision.class`).
public enum RecordType: String, CaseIterable, Hashable, Sendable, Codable {
  case demographics
  case problems
  case medications
  case allergies
  case immunizations
  case labResults = "lab-results"
  case vitalSigns = "vital-signs"
  case progressNotes = "progress-notes"
  case dischargeSummaries = "discharge-summaries"
  case radiologyReports = "radiology-reports"
  case insurance
  /// Claims and explanations of benefit.
  case claims
  case procedures
  case encounters
  case carePlans = "care-plans"
  case devices
  /// What none of the above names: social history, surveys, forms, whole-chart summaries, orders,
  /// shared data. A grant that lists record types gives it only where it lists `other`.
  case other
}

extension RecordType {
  /// The record type of a resource: by its FHIR type and, for the types that hold records of many
  /// kinds, by its category and code. Where several categories say different things, the first in the
  /// table that applies decides; `RecordTypeTable` is that table.
  public init(of resource: Resource) {
    let root = resource.root
    switch resource.type {
    case "Observation":
      self =
        Self.first(in: RecordTypeTable.observationCategories, root["category"])
        ?? Self.first(in: RecordTypeTable.observationCodes, root["code"]) ?? .other
    case "DiagnosticReport":
      // Notes come as DiagnosticReport with a document code for category.
      self =
        Self.first(in: RecordTypeTable.documentCodes, root["code"])
        ?? Self.first(in: RecordTypeTable.reportCategories, root["category"])
        ?? Self.first(in: RecordTypeTable.documentCodes, root["category"]) ?? .other
    case "DocumentReference", "Composition", "DocumentManifest":
      self =
        Self.first(in: RecordTypeTable.documentCodes, root["type"])
        ?? Self.first(in: RecordTypeTable.documentCodes, root["category"])
        ?? Self.first(in: RecordTypeTable.documentCategories, root["category"]) ?? .other
    default: self = RecordTypeTable.byType[resource.type] ?? .other
    }
  }

  /// The entry of the table that one of the codes of a CodeableConcept, or a list of them, names.
  /// The case of codes and their system do not matter: categories are sent in many spellings.
  private static func first(in table: [String: Entry], _ concepts: JSONValue?) -> RecordType? {
    guard let concepts else { return nil }
    var best: Entry?
    func look(_ concept: JSONValue) {
      guard let codings = concept["coding"] else { return }
      for coding in codings.elements {
        guard let code = coding["code"]?.string, let entry = table[code.lowercased()] else {
          continue
        }
        if entry.rank < best?.rank ?? .max { best = entry }
      }
    }
    if concepts.kind == .array {
      for concept in concepts.elements { look(concept) }
    } else {
      look(concepts)
    }
    return best?.type
  }

  /// A record type and its place in the table.
  struct Entry {
    let rank: Int
    let type: RecordType
  }
}
