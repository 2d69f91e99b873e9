import FHIR

/// One row of an organization's permission table.
public struct RoleRule: Sendable {
  /// Its stable name in reasons and audit entries.
  public let id: String
  public let role: Role
  public let types: RecordTypeSet
  public let actions: ActionSet
  public let purposes: PurposeSet
  /// What must tie the requester to the patient; nil: nothing.
  public let relationship: Relationship?
  /// Whether the patient's grant is needed on top.
  public let needsGrant: Bool

  /// Access by the individual or personal representative is no disclosure to a stranger, so these
  /// rows hold from any node.
  var fitsAnyNode: Bool { role == .patient || role == .proxy }

  func fits(
    _ requester: Requester, _ action: ConsentAction, _ purpose: PurposeOfUse
  ) -> Bool {
    role == requester.role && actions.contains(action) && purposes.contains(purpose)
      && (requester.isOwnNode || fitsAnyNode)
  }
}

extension RoleRule {
  private static let clinical = RecordTypeSet.all.subtracting(RecordTypeSet([.insurance, .claims]))
  private static let dispensing = RecordTypeSet([
    .demographics, .allergies, .medications, .problems, .immunizations, .labResults, .vitalSigns,
    .insurance,
  ])
  private static let dispensed = RecordTypeSet([.medications, .immunizations])
  private static let desk = RecordTypeSet([.demographics, .insurance, .encounters])
  private static let billing = RecordTypeSet([
    .demographics, .insurance, .claims, .encounters, .procedures, .problems,
  ])
  private static let claims = RecordTypeSet([.insurance, .claims])

  private static let look: ActionSet = [.read, .search]
  private static let take: ActionSet = [.read, .search, .export]
  private static let keep: ActionSet = [.read, .search, .write]
  private static let work: ActionSet = [.read, .search, .write, .export]

  private static let care: PurposeSet = [.treatment, .emergencyTreatment, .careManagement]
  private static let pay: PurposeSet = [.payment, .coverage]
  private static let family: PurposeSet = [.patientRequest, .familyRequest]
  private static let frontDesk: PurposeSet = [.treatment, .payment, .operations]
  private static let privacy: PurposeSet = [.operations, .legal, .patientRequest]

  /// Who in an organization may do what with its own charts (45 CFR 164.506(c), 164.514(d)(2)).
  /// Roles that are not in it open nothing by themselves.
  public static let table: [RoleRule] = [
    // role, name, record types, actions, purposes, relationship
    row(.patient, "patient-access", .all, take, .patientRequest, .selfOfPatient),
    row(.proxy, "proxy-access", .all, take, family, .proxy),
    row(.clinician, "clinician-treatment", clinical, work, care, .treating),
    row(.nurse, "nurse-treatment", clinical, keep, care, .treating),
    row(.pharmacist, "pharmacist-dispensing", dispensing, look, care, .treating),
    row(.pharmacist, "pharmacist-record", dispensed, .write, .treatment, .treating),
    row(.frontDesk, "front-desk-registration", desk, keep, frontDesk, nil),
    row(.biller, "biller-payment", billing, look, pay, nil),
    row(.biller, "biller-claims", claims, [.write, .export], pay, nil),
    row(.researcher, "researcher-authorized", .all, take, .research, nil, needsGrant: true),
    row(.privacyOfficer, "privacy-officer-operations", .all, take, privacy, nil),
  ]

  private static func row(
    _ role: Role, _ id: String, _ types: RecordTypeSet, _ actions: ActionSet,
    _ purposes: PurposeSet, _ relationship: Relationship?, needsGrant: Bool = false
  ) -> RoleRule {
    RoleRule(
      id: id, role: role, types: types, actions: actions, purposes: purposes,
      relationship: relationship, needsGrant: needsGrant)
  }
}

/// What the node's own system role does without asking: integrations and backup.
enum SystemRule {
  static let actions: ActionSet = [.read, .search, .write, .export]
  static let purposes: PurposeSet = [.treatment, .payment, .operations, .systemAdministration]
}
