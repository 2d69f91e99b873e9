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
  private static let billing = RecordTypeSet([
    .demographics, .insurance, .claims, .encounters, .procedures, .problems,
  ])

  /// Who in an organization may do what with its own charts (45 CFR 164.506(c), 164.514(d)(2)).
  /// Roles that are not in it open nothing by themselves.
  public static let table: [RoleRule] = [
    row(
      "patient-access", .patient, .all, [.read, .search, .export], .patientRequest, .selfOfPatient),
    row(
      "proxy-access", .proxy, .all, [.read, .search, .export], [.patientRequest, .familyRequest],
      .proxy),
    row(
      "clinician-treatment", .clinician, clinical, [.read, .search, .write, .export],
      [.treatment, .emergencyTreatment, .careManagement], .treating),
    row(
      "nurse-treatment", .nurse, clinical, [.read, .search, .write],
      [.treatment, .emergencyTreatment, .careManagement], .treating),
    row(
      "pharmacist-dispensing", .pharmacist, dispensing, [.read, .search],
      [.treatment, .emergencyTreatment], .treating),
    row(
      "pharmacist-record", .pharmacist, RecordTypeSet([.medications, .immunizations]), .write,
      .treatment, .treating),
    row(
      "front-desk-registration", .frontDesk,
      RecordTypeSet([.demographics, .insurance, .encounters]), [.read, .search, .write],
      [.treatment, .payment, .operations], nil),
    row("biller-payment", .biller, billing, [.read, .search], [.payment, .coverage], nil),
    row(
      "biller-claims", .biller, RecordTypeSet([.insurance, .claims]), [.write, .export],
      [.payment, .coverage], nil),
    row(
      "researcher-authorized", .researcher, .all, [.read, .search, .export], .research, nil,
      needsGrant: true),
    row(
      "privacy-officer-operations", .privacyOfficer, .all, [.read, .search, .export],
      [.operations, .legal, .patientRequest], nil),
  ]

  private static func row(
    _ id: String, _ role: Role, _ types: RecordTypeSet, _ actions: ActionSet,
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
