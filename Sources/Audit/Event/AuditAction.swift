/// What was done to the data (FHIR audit-event-action, from DICOM).
public enum AuditAction: String, CaseIterable, Sendable {
  case create = "C"
  case read = "R"
  case update = "U"
  case delete = "D"
  case execute = "E"
}
