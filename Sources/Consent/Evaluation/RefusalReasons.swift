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
    var nearest: [(index: Int, faults: GrantFaults)] = []
    for index in access.grants.indices where access.names.match(access.grants[index].terms) {
      let faults = faults(of: index, finder)
      if let best = nearest.first?.faults.number {
        if best < faults.number { continue }
        if best > faults.number { nearest.removeAll(keepingCapacity: true) }
      }
      nearest.append((index, faults))
    }
    if nearest.isEmpty { add(Reason(.noGrant)) }
    for (index, faults) in nearest {
      for code in faults.codes { add(Reason(code, grant: access.grants[index].id)) }
    }
  }

  private func faults(of index: Int, _ finder: DenialFinder) -> GrantFaults {
    let chain = GrantChain(from: index, in: access.grants)
    let context = access.context
    var faults = GrantFaults()
    for member in chain.members {
      let terms = access.grants[member].terms
      guard let reach = terms.reach else { continue }
      faults.note(.revoked, access.grants[member].status == .revoked)
      faults.note(.notYetValid, reach.period.start.map { context.time < $0 } ?? false)
      faults.note(.expired, reach.period.end.map { context.time >= $0 } ?? false)
      faults.note(.purposeMismatch, !reach.purposes.contains(context.purpose))
      faults.note(.actionNotGranted, !reach.actions.contains(context.action))
      faults.note(.typeNotGranted, !reach.types.contains(type))
      faults.note(.labelNotGranted, !reach.labels.isSuperset(of: labels))
      faults.note(.dateNotGranted, !reach.records.permits(date))
      faults.note(.usesExhausted, terms.maximumUses.map { access.uses[member] >= $0 } ?? false)
    }
    faults.note(.delegationInvalid, !chain.isValid)
    faults.note(.deniedByPatient, finder.binding(chain).match(type, labels, date))
    faults.note(.grantNeedsRole, faults.isEmpty && !counts(access.grants[index]))
    return faults
  }

  /// Whether the grant opens anything to a requester in this role (step 3).
  private func counts(_ grant: Grant) -> Bool {
    switch access.standing(of: grant.terms) {
    case .alone: true
    case .withRow: access.rows.contains { $0.rule.types.contains(type) }
    case .never: false
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
