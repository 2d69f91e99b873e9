/// A code of a standard's code system, for FHIR AuditEvent and syslog renderings.
public struct AuditCoding: Hashable, Sendable {
  /// The canonical URI of the code system.
  public let system: String
  public let code: String

  /// DICOM PS3.16 audit event codes.
  static func dicom(_ code: String) -> Self {
    Self(system: "http://dicom.nema.org/resources/ontology/DCM", code: code)
  }

  /// ISO 21089 record lifecycle events.
  static func lifecycle(_ code: String) -> Self {
    Self(system: "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", code: code)
  }

  /// A FHIR RESTful interaction.
  static func interaction(_ code: String) -> Self {
    Self(system: "http://hl7.org/fhir/restful-interaction", code: code)
  }

  /// The type of events that are FHIR RESTful interactions.
  static let rest = Self(
    system: "http://terminology.hl7.org/CodeSystem/audit-event-type", code: "rest")

  /// The subtype of IHE BALP for decisions made on roles and consent.
  static let authorizationDecision = Self(
    system: "https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType", code: "AuthZ-Consent")
}
