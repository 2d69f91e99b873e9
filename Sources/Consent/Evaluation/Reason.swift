/// Why a request was refused, or on what it was granted.
public struct Reason: Hashable, Sendable {
  /// Stable, kebab-case.
  public enum Code: String, CaseIterable, Hashable, Sendable {
    case noGrant = "no-grant"
    case revoked
    case notYetValid = "not-yet-valid"
    case expired
    case purposeMismatch = "purpose-mismatch"
    case actionNotGranted = "action-not-granted"
    case typeNotGranted = "type-not-granted"
    case labelNotGranted = "label-not-granted"
    case dateNotGranted = "date-not-granted"
    case usesExhausted = "uses-exhausted"
    case delegationInvalid = "delegation-invalid"
    case grantNeedsRole = "grant-needs-role"
    case deniedByPatient = "denied-by-patient"
    case roleReadsNoChart = "role-reads-no-chart"
    case roleNotPermitted = "role-not-permitted"
    case noTreatmentRelationship = "no-treatment-relationship"
    case legalBasisInsufficient = "legal-basis-insufficient"
    case breakGlassMismatch = "break-glass-mismatch"
    case breakGlassNotActive = "break-glass-not-active"
    case breakGlassOutOfScope = "break-glass-out-of-scope"
    /// Of a permit: a denial stood in the way and the law or an emergency overrode it.
    case denialOverridden = "denial-overridden"
  }

  public let code: Code
  /// The grant that it is about, for the audit log and the patient.
  public let grant: GrantID?

  public init(_ code: Code, grant: GrantID? = nil) {
    self.code = code
    self.grant = grant
  }
}

extension Reason.Code {
  /// Whether the code tells something about the record or about the patient's wishes.
  var revealsRecord: Bool {
    switch self {
    case .typeNotGranted, .labelNotGranted, .dateNotGranted, .deniedByPatient,
      .breakGlassOutOfScope:
      true
    default: false
    }
  }

  /// One line for people.
  public var text: String {
    switch self {
    case .noGrant: "The patient has not granted this."
    case .revoked: "The grant was revoked."
    case .notYetValid: "The grant does not hold yet."
    case .expired: "The grant has expired."
    case .purposeMismatch: "The grant is for another purpose."
    case .actionNotGranted: "The grant does not allow this action."
    case .typeNotGranted: "The grant does not name this type of record."
    case .labelNotGranted:
      "The record is specially protected and the grant does not name its label."
    case .dateNotGranted: "The record lies outside the dates that the grant names."
    case .usesExhausted: "The grant was used as often as it may be."
    case .delegationInvalid: "The grant was passed on without the right to do so."
    case .grantNeedsRole:
      "The grant is to the organization, and the requester's role does not reach so far."
    case .deniedByPatient: "The patient has forbidden this."
    case .roleReadsNoChart: "This role reads no chart."
    case .roleNotPermitted: "The role does not allow this for the purpose."
    case .noTreatmentRelationship:
      "Nothing on record ties the requester to the patient's treatment."
    case .legalBasisInsufficient: "The legal basis does not carry this disclosure."
    case .breakGlassMismatch: "The emergency session is for another patient or person."
    case .breakGlassNotActive:
      "The emergency session is over, not begun, or was judged a violation."
    case .breakGlassOutOfScope: "The emergency session does not reach so far."
    case .denialOverridden: "The patient has forbidden this; the law or an emergency overrode it."
    }
  }
}
