extension RecordType {
  /// The record types that resources of a type can be filed under: one for most, all where the content
  /// decides.
  public static func possible(for type: String) -> [RecordType] {
    switch type {
    case "Observation", "DiagnosticReport", "DocumentReference", "Composition", "DocumentManifest":
      allCases
    default: [RecordTypeTable.byType[type] ?? .other]
    }
  }
}
