/// How it ended (FHIR audit-event-outcome, from DICOM).
public enum AuditOutcome: String, CaseIterable, Sendable {
  case success
  /// Refused or failed in a way that the caller can put right.
  case minorFailure = "minor-failure"
  case seriousFailure = "serious-failure"
  /// The node could not go on.
  case majorFailure = "major-failure"

  /// The code in FHIR's `AuditEvent.outcome`.
  public var code: String {
    switch self {
    case .success: "0"
    case .minorFailure: "4"
    case .seriousFailure: "8"
    case .majorFailure: "12"
    }
  }
}
