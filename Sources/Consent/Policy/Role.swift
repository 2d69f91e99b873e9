/// In which capacity somebody asks.
public enum Role: String, CaseIterable, Hashable, Sendable {
  case patient
  /// Acts for the patient (personal representative, 45 CFR 164.502(g)).
  case proxy
  case clinician
  case nurse
  case pharmacist
  case frontDesk = "front-desk"
  case biller
  case researcher
  case privacyOfficer = "privacy-officer"
  case securityOfficer = "security-officer"
  /// Runs the node and reads no chart.
  case administrator
  case auditor
  /// The node itself: integrations, import, backup.
  case system

  /// Whether the role may come to read a chart at all, be it by a grant.
  public var mayReadCharts: Bool {
    switch self {
    case .securityOfficer, .administrator, .auditor: false
    default: true
    }
  }

  /// The purpose of requests that name none: what the role does all day.
  public var usualPurpose: PurposeOfUse {
    switch self {
    case .patient, .proxy: .patientRequest
    case .clinician, .nurse, .pharmacist: .treatment
    case .frontDesk, .privacyOfficer, .auditor: .operations
    case .biller: .payment
    case .researcher: .research
    case .securityOfficer, .administrator, .system: .systemAdministration
    }
  }

  /// Whether a session of this role is good: of whoever may break the glass, and of somebody whom the
  /// patient has named for emergencies.
  var mayCarryEmergency: Bool { mayBreakGlass || self == .proxy }

  /// Whether the role may break the glass.
  public var mayBreakGlass: Bool {
    switch self {
    case .clinician, .nurse, .pharmacist: true
    default: false
    }
  }
}

/// How the requester stands to the patient, as far as the node verified it.
public enum Relationship: String, CaseIterable, Hashable, Sendable {
  case selfOfPatient = "self"
  case proxy
  /// An encounter, referral, order or care team ties them (`Exchange` looks it up).
  case treating
  case none
}

/// Whose node this is.
public enum PolicyProfile: String, CaseIterable, Hashable, Sendable {
  /// The chart opens to nobody without a grant, save the patient and proxies.
  case household
  /// The own workforce works by the role table; other nodes need a grant or a legal basis.
  case organization
}
