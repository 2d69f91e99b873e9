public import FHIR
public import Primitives

/// A request decided as far as it can be without the record: for searches over many records of one
/// patient. A permitted record costs no allocation.
///
/// The uses that limited grants have left are looked at once, when it is made: one request is one
/// use, however many records it returns.
public struct PreparedAccess: Sendable {
  public let context: AccessContext
  let profile: PolicyProfile
  /// The grants of the patient, in the given order.
  let grants: [Grant]
  /// Uses so far of each of `grants` that the request could use.
  let uses: [Int]
  let names: RequesterNames

  /// A basis that opens every record (step 1).
  private var everything: Permit.Basis?
  /// Rows of the role table that fit all but the record (step 2).
  var rows: [(rule: RoleRule, basis: Permit.Basis)] = []
  /// The patient's denials that bind the requester.
  var denials: [BindingDenial] = []
  /// Chains that cover all but the record, in order of preference (step 3).
  private var offers: [GrantOffer] = []
  private var legalBasis: Permit.Basis?
  private var emergency: Permit.Basis?
  /// Denials that stop a break-glass session.
  private var emergencyDenials: [BindingDenial] = []

  /// `uses` tells how often a grant was used before; it is asked for limited grants only.
  public init(
    _ context: AccessContext, grants allGrants: [Grant], profile: PolicyProfile,
    uses count: (GrantID) -> Int
  ) {
    self.context = context
    self.profile = profile
    grants =
      allGrants.allSatisfy { $0.terms.patient == context.patient }
      ? allGrants : allGrants.filter { $0.terms.patient == context.patient }
    let requester = context.requester
    names = RequesterNames(requester)
    var uses = [Int](repeating: 0, count: grants.count)
    for index in grants.indices {
      let terms = grants[index].terms
      // Only what the requester holds, or what may be above it in a chain, can be used.
      if terms.maximumUses != nil, terms.isDelegable || names.match(terms) {
        uses[index] = count(terms.id)
      }
    }
    self.uses = uses
    guard requester.role.mayReadCharts else { return }
    let finder = DenialFinder(context: context, grants: grants)
    denials = finder.bindingRequester()
    everything = wholeChartBasis()
    if profile == .organization {
      for rule in RoleRule.table
      where rule.fits(requester, context.action, context.purpose)
        && (rule.relationship == nil || rule.relationship == requester.relationship)
      {
        rows.append((rule, Permit.Basis(.role(rule.id))))
      }
    }
    offers = findOffers(finder)
    legalBasis = usableLegalBasis()
    emergency = usableEmergency()
    if emergency != nil { emergencyDenials = finder.bindingRequester(inEmergency: true) }
  }

  /// Step 1: the chart's own people.
  private func wholeChartBasis() -> Permit.Basis? {
    let requester = context.requester
    if requester.isNodeItself && SystemRule.actions.contains(context.action)
      && SystemRule.purposes.contains(context.purpose)
    {
      return Permit.Basis(.nodeItself)
    }
    if profile == .household && requester.isOwnNode && (requester.isPatient || requester.isProxy) {
      return Permit.Basis(.chartOwner)
    }
    return nil
  }

  private func findOffers(_ finder: DenialFinder) -> [GrantOffer] {
    var unlimited: [GrantOffer] = []
    var limited: [GrantOffer] = []
    for index in grants.indices {
      let terms = grants[index].terms
      guard names.match(terms), coversContext(index) else { continue }
      let standing = self.standing(of: terms)
      guard standing != .never else { continue }
      let chain = GrantChain(from: index, in: grants)
      guard chain.isValid, chain.members.allSatisfy(coversContext) else { continue }
      let offer = GrantOffer(
        chain, grants: grants, denials: finder.binding(chain), needsRow: standing == .withRow)
      if chain.members.contains(where: { grants[$0].terms.maximumUses != nil }) {
        limited.append(offer)
      } else {
        unlimited.append(offer)
      }
    }
    return limited.isEmpty ? unlimited : unlimited + limited
  }

  /// Whether a grant gives the request's action and purpose now; the record is another matter.
  private func coversContext(_ index: Int) -> Bool {
    let terms = grants[index].terms
    guard let reach = terms.reach, grants[index].status == .active else { return false }
    return reach.actions.contains(context.action) && reach.purposes.contains(context.purpose)
      && reach.period.contains(context.time) && terms.maximumUses.map { uses[index] < $0 } ?? true
  }

  /// Step 4.
  private func usableLegalBasis() -> Permit.Basis? {
    guard let basis = context.legalBasis, profile == .organization, !context.requester.isOwnNode,
      basis.purposes.contains(context.purpose), LegalBasis.actions.contains(context.action)
    else { return nil }
    return Permit.Basis(.legalBasis(basis))
  }

  /// Step 5.
  private func usableEmergency() -> Permit.Basis? {
    guard let session = context.breakGlass, session.belongs(to: context),
      session.isActive(at: context.time), BreakGlassSession.allows(context)
    else { return nil }
    return Permit.Basis(.breakGlass(session.id))
  }

  /// The permit for a record of this kind, or nil. `decide` says why not.
  public func permit(
    recordType: RecordType, labels: LabelSet = .ordinary, date: Instant? = nil
  ) -> Permit? {
    let labels = labels.asRecord
    var overrides = false
    guard let basis = basis(recordType, labels, date, overrides: &overrides) else { return nil }
    return Permit(
      patient: context.patient, recordType: recordType, labels: labels, action: context.action,
      purpose: context.purpose, time: context.time, basis: basis, overridesDenial: overrides)
  }

  /// The decision for a record of this kind, with the reasons of a refusal.
  public func decide(
    recordType: RecordType, labels: LabelSet = .ordinary, date: Instant? = nil
  ) -> Decision {
    if let permit = permit(recordType: recordType, labels: labels, date: date) {
      return .permit(permit)
    }
    return .deny(RefusalReasons(self, recordType, labels.asRecord, date).reasons)
  }

  /// Steps 1 to 5 of docs/design/consent.md.
  private func basis(
    _ type: RecordType, _ labels: LabelSet, _ date: Instant?, overrides: inout Bool
  ) -> Permit.Basis? {
    let denied = denials.match(type, labels, date)
    if let everything, !denied { return everything }
    let row = rows.first { $0.rule.types.contains(type) }
    if !denied {
      if let row, !row.rule.needsGrant, labels == .ordinary || context.requester.isPatient {
        return row.basis
      }
      for offer in offers
      where (!offer.needsRow || row != nil) && offer.covers(type, labels, date) {
        return offer.basis
      }
    }
    if let legalBasis, labels == .ordinary, !denied || context.legalBasis?.isMandatory == true {
      overrides = denied
      return legalBasis
    }
    if let emergency, let scope = context.breakGlass?.scope, scope.types.contains(type),
      scope.labels.isSuperset(of: labels), !emergencyDenials.match(type, labels, date)
    {
      overrides = denied
      return emergency
    }
    return nil
  }
}
