import FHIR
import Primitives

/// Why nothing permitted a record. Worked out only after a refusal, so it need not be quick.
struct RefusalReasons {
  private let access: PreparedAccess
  private let type: RecordType
  private let labels: LabelSet
  private let date: Instant?
  private(set) var reasons: [Reason] = []

  init(_ access: PreparedAccess, _ type: RecordType, _ labels: LabelSet, _ date: Instant?) {
    self.access = access
    self.type = type
    self.labels = labels
    self.date = date
    guard access.context.requester.role.mayReadCharts else {
      reasons = [Reason(.roleReadsNoChart)]
      return
    }
    addRole()
    if access.denials.match(type, labels, date) { add(Reason(.deniedByPatient)) }
    addGrants()
    if access.context.legalBasis != nil { add(Reason(.legalBasisInsufficient)) }
    addBreakGlass()
  }

  private mutating func add(_ reason: Reason) {
    if !reasons.contains(reason) { reasons.append(reason) }
  }

  private mutating func addRole() {
    guard access.profile == .organization,
      !access.rows.contains(where: { $0.rule.types.contains(type) })
    else { return }
    let context = access.context
    let fitsButForRelationship = RoleRule.table.contains {
      $0.fits(context.requester, context.action, context.purpose) && $0.types.contains(type)
    }
    add(Reason(fitsButForRelationship ? .noTreatmentRelationship : .roleNotPermitted))
  }

  /// The nearest grants are those with the fewest failing codes.
  private mutating func addGrants() {
    let finder = DenialFinder(context: access.context, grants: access.grants)
    var nearest: [(grant: GrantID, codes: [Reason.Code])] = []
    for index in access.grants.indices {
      guard let permission = access.grants[index].permission,
        access.context.requester.matches(permission.grantee)
      else { continue }
      let codes = failures(of: index, finder)
      if let best = nearest.first?.codes.count, best < codes.count { continue }
      if let best = nearest.first?.codes.count, best > codes.count { nearest.removeAll() }
      nearest.append((access.grants[index].id, codes))
    }
    if nearest.isEmpty { add(Reason(.noGrant)) }
    for (grant, codes) in nearest {
      for code in codes { add(Reason(code, grant: grant)) }
    }
  }

  private func failures(of index: Int, _ finder: DenialFinder) -> [Reason.Code] {
    let chain = GrantChain(from: index, in: access.grants)
    var codes: [Reason.Code] = []
    func note(_ code: Reason.Code, _ failed: Bool) {
      if failed && !codes.contains(code) { codes.append(code) }
    }
    for member in chain.members {
      let grant = access.grants[member]
      guard let permission = grant.permission else { continue }
      note(.revoked, grant.status == .revoked)
      note(.notYetValid, permission.period.start.map { access.context.time < $0 } ?? false)
      note(.expired, permission.period.end.map { access.context.time >= $0 } ?? false)
      note(.purposeMismatch, !permission.purposes.contains(access.context.purpose))
      note(.actionNotGranted, !permission.actions.contains(access.context.action))
      note(.typeNotGranted, !permission.types.contains(type))
      note(.labelNotGranted, !permission.labels.isSuperset(of: labels))
      note(.dateNotGranted, !permission.records.permits(date))
      note(.usesExhausted, grant.maximumUses.map { access.uses[member] >= $0 } ?? false)
    }
    note(.delegationInvalid, !chain.isValid)
    note(.deniedByPatient, finder.binding(chain).match(type, labels, date))
    note(.grantNeedsRole, codes.isEmpty && !counts(access.grants[index]))
    return codes
  }

  /// Whether the grant opens anything to a requester in this role (step 3).
  private func counts(_ grant: Grant) -> Bool {
    switch grant.permission.map({ access.standing(of: $0.grantee) }) {
    case .alone: true
    case .withRow: access.rows.contains { $0.rule.types.contains(type) }
    default: false
    }
  }

  private mutating func addBreakGlass() {
    let context = access.context
    guard let session = context.breakGlass else { return }
    if !session.belongs(to: context) {
      add(Reason(.breakGlassMismatch))
    } else if !session.isActive(at: context.time) {
      add(Reason(.breakGlassNotActive))
    } else if !BreakGlassSession.allows(context) || !session.scope.types.contains(type)
      || !session.scope.labels.isSuperset(of: labels)
    {
      add(Reason(.breakGlassOutOfScope))
    } else {
      add(Reason(.deniedByPatient))
    }
  }
}
