import Consent
import FHIR
import Primitives

extension Oracle {
  // MARK: chains

  /// The members found, and whether the chain is whole.
  func chain(of grant: Grant) -> (members: [Grant], isWhole: Bool) {
    var members = [grant]
    while let delegation = members.last?.delegation {
      if members.count == 8 { return (members, false) }
      let parents = ofPatient.filter { $0.id.value == delegation.parent.value }
      guard parents.count == 1 else { return (members, false) }
      let parent = parents[0]
      guard parent.isDelegable, let permission = parent.permission,
        Oracle.words(permission.grantee) == Oracle.words(delegation.delegator)
      else { return (members, false) }
      members.append(parent)
    }
    return (members, true)
  }

  func isStopped(_ members: [Grant]) -> Bool {
    let ancestors = Set(
      members.dropFirst().compactMap { $0.permission.map { Oracle.words($0.grantee) } })
    if ancestors.isEmpty { return false }
    for grant in ofPatient where grant.delegation == nil {
      for denial in grant.denials where inForceAndMatches(denial, of: grant) {
        guard let bound = bound(denial, of: grant) else { return true }
        if !bound.isDisjoint(with: ancestors) { return true }
      }
    }
    for grant in members where grant.delegation != nil {
      for denial in grant.denials where inForceAndMatches(denial, of: grant) {
        if denial.grantees.isEmpty { return true }
        let named = Set(denial.grantees.map { Oracle.words($0) })
        if !named.isDisjoint(with: names) || !named.isDisjoint(with: ancestors) { return true }
      }
    }
    return false
  }

  /// What is wrong with a grant for this request, but for the requester's role.
  func faults(of grant: Grant) -> Set<String> {
    let (members, isWhole) = chain(of: grant)
    var faults: Set<String> = isWhole ? [] : ["delegation-invalid"]
    for member in members {
      guard let permission = member.permission else { continue }
      if member.status == .revoked { faults.insert("revoked") }
      if let start = permission.period.start, request.context.time < start {
        faults.insert("not-yet-valid")
      }
      if let end = permission.period.end, request.context.time >= end { faults.insert("expired") }
      if !Oracle.words(permission.purposes).contains(purpose) { faults.insert("purpose-mismatch") }
      if !Oracle.words(permission.actions).contains(action) { faults.insert("action-not-granted") }
      if !Oracle.words(permission.types).contains(type) { faults.insert("type-not-granted") }
      if !labels.isSubset(of: Oracle.words(permission.labels)) {
        faults.insert("label-not-granted")
      }
      if !permissionReachesDate(permission.records) { faults.insert("date-not-granted") }
      if let maximum = member.maximumUses, uses[member.id, default: 0] >= maximum {
        faults.insert("uses-exhausted")
      }
    }
    if isStopped(members) { faults.insert("denied-by-patient") }
    return faults
  }
}
