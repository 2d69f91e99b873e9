import FHIR
import Primitives

/// A denial that is in force and matches action, purpose and time: what is left depends on the record.
struct BindingDenial {
  let types: RecordTypeSet
  /// nil: whatever the labels.
  let labels: LabelSet?
  let records: TimeWindow

  /// nil when the denial does not concern a request like `context`. In an emergency every denial
  /// that names one concerns it, whichever emergency purpose the request states.
  init?(_ denial: Denial, for context: AccessContext, inEmergency: Bool = false) {
    guard denial.period.contains(context.time), denial.actions?.contains(context.action) ?? true,
      inEmergency
        ? denial.namesEmergency : denial.purposes?.includesNarrower(context.purpose) ?? true
    else { return nil }
    types = denial.types ?? .all
    labels = denial.labels
    records = denial.records
  }

  func matches(_ type: RecordType, _ recordLabels: LabelSet, _ date: Instant?) -> Bool {
    types.contains(type) && labels.map { !$0.isDisjoint(with: recordLabels) } ?? true
      && records.denies(date)
  }
}

extension [BindingDenial] {
  func match(_ type: RecordType, _ labels: LabelSet, _ date: Instant?) -> Bool {
    for denial in self where denial.matches(type, labels, date) { return true }
    return false
  }
}

/// Finds the denials that concern a requester or a chain of grants.
struct DenialFinder {
  let context: AccessContext
  let grants: [Grant]

  /// The denials of the patient's own grants that bind the requester; `inEmergency`, those alone that
  /// stop a break-glass session.
  func bindingRequester(inEmergency: Bool = false) -> [BindingDenial] {
    let requester = context.requester
    if requester.isPatient || requester.isNodeItself { return [] }
    var result: [BindingDenial] = []
    eachOwnWish { denial, terms in
      if binds(denial, of: terms, requester),
        let binding = BindingDenial(denial, for: context, inEmergency: inEmergency)
      {
        result.append(binding)
      }
    }
    return result
  }

  /// The denials that stop a chain: the patient's against an ancestor's grantee, and those within
  /// the chain's delegated members.
  func binding(_ chain: GrantChain) -> [BindingDenial] {
    guard chain.members.count > 1 else { return [] }
    let ancestors = chain.members.dropFirst().compactMap { grants[$0].terms.grantee?.grantee }
    var result: [BindingDenial] = []
    eachOwnWish { denial, terms in
      if names(denial, of: terms, oneOf: ancestors),
        let binding = BindingDenial(denial, for: context)
      {
        result.append(binding)
      }
    }
    for index in chain.members
    where grants[index].terms.delegation != nil && grants[index].isInForce(at: context.time) {
      for denial in grants[index].terms.denials
      where denial.grantees.isEmpty
        || denial.grantees.contains(where: {
          context.requester.matches($0) || ancestors.contains($0)
        })
      {
        if let binding = BindingDenial(denial, for: context) { result.append(binding) }
      }
    }
    return result
  }

  /// Every denial of the patient's own grants that are in force.
  private func eachOwnWish(_ body: (Denial, GrantTerms) -> Void) {
    for index in grants.indices {
      let terms = grants[index].terms
      guard !terms.denials.isEmpty, terms.delegation == nil,
        grants[index].isInForce(at: context.time)
      else { continue }
      for denial in terms.denials { body(denial, terms) }
    }
  }

  private func binds(_ denial: Denial, of terms: GrantTerms, _ requester: Requester) -> Bool {
    let isProxy = requester.isProxy
    func isBound(_ grantee: Grantee) -> Bool {
      (!isProxy || grantee.isPerson) && requester.matches(grantee)
    }
    if !denial.grantees.isEmpty { return denial.grantees.contains(where: isBound) }
    // A pure denial that names nobody binds everybody but those whom the patient must name.
    return terms.grantee.map { isBound($0.grantee) } ?? !isProxy
  }

  private func names(_ denial: Denial, of terms: GrantTerms, oneOf ancestors: [Grantee]) -> Bool {
    if !denial.grantees.isEmpty { return denial.grantees.contains(where: ancestors.contains) }
    return terms.grantee.map { ancestors.contains($0.grantee) } ?? true
  }
}
