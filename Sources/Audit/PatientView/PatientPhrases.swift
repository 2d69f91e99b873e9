/// All words of the patient's view, in one table: what is to be translated stands here.
///
/// A code that the table does not know is shown as it is, never left out.
enum PatientPhrases {
  /// What was done; `%` stands for the records.
  static func deed(_ event: AuditEvent) -> String {
    switch event.kind {
    case .decisionPermit: "was allowed to use %"
    case .decisionDeny: "was refused %"
    case .breakGlass: "opened % in an emergency without your consent"
    case .breakGlassEnded: "ended an emergency access to your chart"
    case .breakGlassReviewed: "reviewed an emergency access to your chart"
    case .read: "read %"
    case .search: "searched your chart and saw %"
    case .write:
      switch event.action {
      case .create: "added %"
      case .delete: "deleted %"
      default: "changed %"
      }
    case .disclosure: "was given %"
    case .export: "exported %"
    case .import: "imported %"
    case .accessRequest: "asked for access to %"
    case .grant: "recorded your consent"
    case .revoke: "ended a consent of yours"
    case .notice: "sent you a notice"
    case .documentIssued: "issued a document about you"
    case .documentReceived: "received a document about you"
    case .documentOpened: "opened a document about you"
    case .documentVerified: "checked that a document about you is genuine"
    case .documentRevoked: "took back a document about you"
    case .keyCreated: "made the key that protects your chart"
    case .keyRotated: "renewed the key that protects your chart"
    case .keyDestroyed: "destroyed the key that protects your chart, and the chart with it"
    case .signIn: "signed in"
    case .signInRefused: "failed to sign in"
    case .signOut: "signed out"
    case .accountInvited: "invited somebody to sign in here"
    case .accountCreated: "opened an account"
    case .accountChanged: "changed how an account signs in"
    case .relationshipChanged: "changed who may act for you"
    case .tokenIssued: "gave a program access"
    case .tokenRefused: "was refused access as a program"
    case .clientChanged: "changed what a program may do"
    case .tokenRevoked: "took a program's access away"
    case .roleChanged: "changed somebody's role"
    case .peerInvited: "invited another node"
    case .peerPaired: "connected another node"
    case .peerRemoved: "disconnected another node"
    case .peerRefused: "was refused a connection"
    case .entityStatement: "said or learned how an organization stands"
    case .messageSent: "sent a message to another node"
    case .messageReceived: "received a message from another node"
    case .auditRead: "read the list of who used your chart"
    case .integrityFailure: "found a record that does not match the log"
    case .nodeStarted: "started the node"
    case .nodeStopped: "stopped the node"
    case .nodeConfigured: "changed the node's settings"
    }
  }

  /// Who, where the actor has no name.
  static func actor(_ kind: AuditActor.Kind) -> String {
    switch kind {
    case .operator: "The operator of this node"
    case .app: "A program"
    case .workforce: "A member of the staff"
    case .peer: "Another node"
    case .patient: "You"
    case .proxy: "Your representative"
    case .node: "This node"
    case .unknown: "Somebody unknown"
    }
  }

  /// One and many of a record type (or FHIR type).
  static let records: [String: (one: String, many: String)] = [
    "demographics": ("personal data record", "personal data records"),
    "problems": ("problem", "problems"),
    "medications": ("medication", "medications"),
    "allergies": ("allergy", "allergies"),
    "immunizations": ("immunization", "immunizations"),
    "lab-results": ("lab result", "lab results"),
    "vital-signs": ("vital sign", "vital signs"),
    "progress-notes": ("progress note", "progress notes"),
    "discharge-summaries": ("discharge summary", "discharge summaries"),
    "radiology-reports": ("radiology report", "radiology reports"),
    "insurance": ("insurance record", "insurance records"),
    "claims": ("claim", "claims"),
    "procedures": ("procedure", "procedures"),
    "encounters": ("visit", "visits"),
    "care-plans": ("care plan", "care plans"),
    "devices": ("device", "devices"),
    "other": ("other record", "other records"),
    "records": ("record", "records"),
    "Patient": ("personal data record", "personal data records"),
    "Observation": ("observation", "observations"),
    "Condition": ("problem", "problems"),
    "MedicationRequest": ("prescription", "prescriptions"),
    "AllergyIntolerance": ("allergy", "allergies"),
    "Immunization": ("immunization", "immunizations"),
    "DiagnosticReport": ("report", "reports"),
    "DocumentReference": ("document", "documents"),
    "Procedure": ("procedure", "procedures"),
    "Encounter": ("visit", "visits"),
    "Claim": ("claim", "claims"),
    "ExplanationOfBenefit": ("statement of benefits", "statements of benefits"),
    "Coverage": ("insurance record", "insurance records"),
    "Consent": ("consent", "consents"),
  ]

  /// Why, by purpose of use (HL7 v3 PurposeOfUse).
  static let purposes: [String: String] = [
    "TREAT": "for treatment",
    "ETREAT": "for emergency treatment",
    "BTG": "in an emergency",
    "CAREMGT": "for care management",
    "HPAYMT": "for payment",
    "COVERAGE": "to check insurance coverage",
    "HOPERAT": "for running the organization",
    "HLEGAL": "for legal reasons",
    "HSYSADMIN": "for running the system",
    "HRESCH": "for research",
    "HMARKT": "for marketing",
    "PUBHLTH": "for public health",
    "THREAT": "to avert a threat",
    "PATRQT": "at your request",
    "FAMRQT": "at your family's request",
  ]

  /// The legal bases of 45 CFR 164.512.
  static let bases: [String: String] = [
    "required-by-law": "because the law requires it",
    "public-health": "because the law allows it for public health",
    "abuse-report": "because the law asks to report abuse or neglect",
    "health-oversight": "because the law allows it for health oversight",
    "judicial": "because the law allows it for a court or tribunal",
    "law-enforcement": "because the law allows it for law enforcement",
    "decedent": "because the law allows it about a deceased person",
    "organ-donation": "because the law allows it for organ donation",
    "research-waiver": "because a board waived consent for research",
    "threat": "because the law allows it to avert a serious threat",
    "specialized-government": "because the law allows it for a function of government",
    "workers-compensation": "because the law allows it for workers' compensation",
  ]

  /// Why a decision came out as it did.
  static let reasons: [String: String] = [
    "no-grant": "you have not given consent to this",
    "revoked": "you had ended the consent",
    "not-yet-valid": "the consent did not hold yet",
    "expired": "the consent had expired",
    "purpose-mismatch": "the consent is for another purpose",
    "action-not-granted": "the consent does not allow this action",
    "type-not-granted": "the consent does not name this type of record",
    "label-not-granted": "the record is specially protected and the consent does not name it",
    "date-not-granted": "the consent does not reach these dates",
    "uses-exhausted": "the consent had been used as often as it may be",
    "delegation-invalid": "the consent was passed on without the right to do so",
    "grant-needs-role": "the consent does not reach this role",
    "denied-by-patient": "you have forbidden it",
    "role-reads-no-chart": "the role reads no charts",
    "role-not-permitted": "the role does not allow it",
    "no-treatment-relationship": "nothing on record ties them to your treatment",
    "legal-basis-insufficient": "the law does not allow it",
    "break-glass-mismatch": "the emergency access is for somebody else",
    "break-glass-not-active": "the emergency access was not active",
    "break-glass-out-of-scope": "the emergency access does not reach so far",
    "outside-network": "they were not where this may be used from",
    "outside-hours": "it was not at an hour at which this may be used",
    "denial-overridden": "the law or an emergency overrode what you have forbidden",
  ]

  /// The reasons for breaking the glass.
  static let emergencies: [String: String] = [
    "unconscious": "the patient was unconscious",
    "unable-to-consent": "the patient was unable to consent",
    "life-threatening": "there was danger to life",
    "urgent-care": "care was urgent",
    "disaster": "there was a disaster",
  ]

  static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  static let wholeChart = "your chart"
  static let failed = "; it did not succeed"

  static func consents(_ names: [String]) -> String {
    "under your consent\(names.count > 1 ? "s" : "") \(list(names))"
  }

  /// `a`, `a and b`, `a, b and c`.
  static func list(_ items: [String]) -> String {
    guard items.count > 1, let last = items.last else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " and " + last
  }
}
