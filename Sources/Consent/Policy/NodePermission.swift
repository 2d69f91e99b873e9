/// What somebody may do on a node. Whether they may read or write a given record is another question,
/// which consents and the role table answer.
public enum NodePermission: String, CaseIterable, Hashable, Sendable {
  /// Give, narrow, refuse and take back consent for a chart.
  case decideSharing = "decide-sharing"
  /// See who used a chart.
  case seeChartLog = "see-chart-log"
  /// See what the whole node did.
  case seeNodeLog = "see-node-log"
  /// See which organizations and logs the node trusts, by whose word, and what is wrong with them.
  case seeTrust = "see-trust"
  /// Ask a patient at another node for access.
  case requestAccess = "request-access"
  /// Look at what a patient of another node has opened.
  case readSharedCharts = "read-shared-charts"
  /// Open a chart in an emergency.
  case breakGlass = "break-glass"
  /// Review emergencies afterwards.
  case reviewBreakGlass = "review-break-glass"
  /// Issue documents in the node's name.
  case issueDocuments = "issue-documents"
  /// Invite a patient, or somebody who acts for one.
  case invitePatients = "invite-patients"
  /// Say who treats whom.
  case assignCare = "assign-care"
  /// Invite staff, give and take roles, disable accounts.
  case manageAccounts = "manage-accounts"
  /// Issue and revoke the credentials of programs.
  case manageClients = "manage-clients"
  /// Pair with other nodes.
  case managePeers = "manage-peers"
  /// Renew and destroy keys.
  case manageKeys = "manage-keys"
  /// Take whole charts out.
  case exportCharts = "export-charts"
}

/// One row of the table: who may.
public struct PermissionRule: Sendable {
  public let permission: NodePermission
  public let roles: Set<Role>
  /// Whether it holds for the charts of the patients whom the person is or acts for, and no others.
  public let isForOwnCharts: Bool
  /// Whether the person must have shown a factor within the last minutes.
  public let needsStepUp: Bool
}

extension PermissionRule {
  private static let family: Set<Role> = [.patient, .proxy]
  private static let care: Set<Role> = [.clinician, .nurse, .pharmacist]

  /// Who may do what (45 CFR 164.308(a)(3), (4)). What is not in it nobody may, but whoever runs the
  /// program on the node's own machine.
  public static let table: [PermissionRule] = [
    row(.decideSharing, family, own: true),
    row(.seeChartLog, family, own: true),
    row(.seeNodeLog, [.privacyOfficer, .securityOfficer, .auditor]),
    row(.seeTrust, [.administrator, .privacyOfficer, .securityOfficer, .auditor]),
    row(.requestAccess, care.union([.frontDesk, .privacyOfficer])),
    row(.readSharedCharts, care),
    row(.breakGlass, care, stepUp: true),
    row(.reviewBreakGlass, [.privacyOfficer]),
    row(.issueDocuments, [.clinician, .pharmacist]),
    row(.invitePatients, [.frontDesk, .administrator]),
    row(.assignCare, [.frontDesk, .privacyOfficer]),
    row(.manageAccounts, [.administrator], stepUp: true),
    row(.manageClients, [.administrator, .securityOfficer], stepUp: true),
    row(.managePeers, [.administrator], stepUp: true),
    row(.manageKeys, [.securityOfficer], stepUp: true),
    row(.exportCharts, family, own: true, stepUp: true),
  ]

  /// The row of a permission.
  public static func rule(_ permission: NodePermission) -> PermissionRule? {
    table.first { $0.permission == permission }
  }

  private static func row(
    _ permission: NodePermission, _ roles: Set<Role>, own: Bool = false, stepUp: Bool = false
  ) -> PermissionRule {
    PermissionRule(
      permission: permission, roles: roles, isForOwnCharts: own, needsStepUp: stepUp)
  }
}
