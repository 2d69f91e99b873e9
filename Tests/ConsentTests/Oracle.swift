import Consent
import FHIR
import Primitives

/// The second evaluator: nested loops over sets of strings, written from docs/design/consent.md.
///
/// It is slow on purpose and shares nothing with the module but the values it is given.
struct Oracle {
  let request: AccessRequest
  let grants: [Grant]
  let household: Bool
  let uses: [GrantID: Int]

  /// `permit RULE [GRANTS] overrides` or the sorted reasons of the refusal.
  struct Verdict: Equatable {
    var permit: String?
    var overrides = false
    var reasons: Set<String> = []
  }

  // MARK: the request in words

  var who: Requester { request.context.requester }
  var role: String { who.role.rawValue }
  var tie: String { who.relationship.rawValue }
  var action: String { request.context.action.rawValue }
  var purpose: String { request.context.purpose.rawValue }
  var type: String { request.recordType.rawValue }
  var now: Int64 { request.context.time.millisecondsSinceEpoch }
  var labels: Set<String> {
    let named = Set(request.labels.labels.map(\.rawValue))
    return named.isEmpty ? ["ordinary"] : named
  }
  var isOrdinary: Bool { labels == ["ordinary"] }

  static func words(_ set: RecordTypeSet) -> Set<String> { Set(set.types.map(\.rawValue)) }
  static func words(_ set: PurposeSet) -> Set<String> { Set(set.purposes.map(\.rawValue)) }
  static func words(_ set: ActionSet) -> Set<String> { Set(set.actions.map(\.rawValue)) }
  static func words(_ set: LabelSet) -> Set<String> {
    Set(set.labels.map(\.rawValue)).union(set.contains(.ordinary) ? ["ordinary"] : [])
  }

  static func words(_ grantee: Grantee) -> String {
    switch grantee {
    case .node(let id): "node \(id)"
    case .organization(let id): "organization \(id.system) \(id.value)"
    case .person(let id): "person \(id.system) \(id.value)"
    }
  }

  /// Every description under which the requester is a grantee.
  var names: Set<String> {
    var result: Set<String> = [Oracle.words(.node(who.node))]
    if let organization = who.organization {
      result.insert(Oracle.words(.organization(organization)))
    }
    if let person = who.person { result.insert(Oracle.words(.person(person))) }
    return result
  }

  func lies(_ time: Int64, in window: TimeWindow) -> Bool {
    let from = window.start?.millisecondsSinceEpoch ?? Int64.min
    guard let end = window.end?.millisecondsSinceEpoch else { return from <= time }
    return from <= time && time < end
  }

  func permissionReachesDate(_ window: TimeWindow) -> Bool {
    if window.start == nil && window.end == nil { return true }
    guard let date = request.date else { return false }
    return lies(date.millisecondsSinceEpoch, in: window)
  }

  func denialReachesDate(_ window: TimeWindow) -> Bool {
    guard let date = request.date else { return true }
    return lies(date.millisecondsSinceEpoch, in: window)
  }

  var ofPatient: [Grant] { grants.filter { $0.patient == request.context.patient } }

  // MARK: denials

  static let broader = [
    "ETREAT": "TREAT", "BTG": "ETREAT", "CAREMGT": "TREAT", "COVERAGE": "HPAYMT",
    "HLEGAL": "HOPERAT", "HSYSADMIN": "HOPERAT", "THREAT": "PUBHLTH", "FAMRQT": "PATRQT",
  ]

  func inForceAndMatches(_ denial: Denial, of grant: Grant, whateverPurpose: Bool = false) -> Bool {
    if grant.status != .active { return false }
    if let permission = grant.permission, !lies(now, in: permission.period) { return false }
    if !lies(now, in: denial.period) { return false }
    if let types = denial.types, !Oracle.words(types).contains(type) { return false }
    if let wanted = denial.labels, Oracle.words(wanted).intersection(labels).isEmpty {
      return false
    }
    if let actions = denial.actions, !Oracle.words(actions).contains(action) { return false }
    if let purposes = denial.purposes, !whateverPurpose {
      var candidate: String? = purpose
      var found = false
      while let name = candidate {
        if Oracle.words(purposes).contains(name) { found = true }
        candidate = Oracle.broader[name]
      }
      if !found { return false }
    }
    return denialReachesDate(denial.records)
  }

  /// nil stands for everybody.
  func bound(_ denial: Denial, of grant: Grant) -> Set<String>? {
    if !denial.grantees.isEmpty { return Set(denial.grantees.map { Oracle.words($0) }) }
    if let permission = grant.permission { return [Oracle.words(permission.grantee)] }
    return nil
  }

  func bindsRequester(_ denial: Denial, of grant: Grant) -> Bool {
    if role == "patient" && tie == "self" { return false }
    if role == "system" && who.isOwnNode { return false }
    if role == "proxy" && tie == "proxy" {
      guard let person = who.person else { return false }
      return bound(denial, of: grant)?.contains(Oracle.words(.person(person))) ?? false
    }
    guard let bound = bound(denial, of: grant) else { return true }
    return !bound.isDisjoint(with: names)
  }

  /// The denials of the patient's own grants that stand in the way of the requester.
  var standing: [Denial] {
    var result: [Denial] = []
    for grant in ofPatient where grant.delegation == nil {
      for denial in grant.denials
      where bindsRequester(denial, of: grant) && inForceAndMatches(denial, of: grant) {
        result.append(denial)
      }
    }
    return result
  }

  // MARK: the decision

  static let legal: [String: String] = [
    "required-by-law": "HLEGAL PUBHLTH HOPERAT", "public-health": "PUBHLTH",
    "abuse-report": "HLEGAL PUBHLTH", "health-oversight": "HLEGAL HOPERAT",
    "specialized-government": "HLEGAL HOPERAT", "judicial": "HLEGAL", "law-enforcement": "HLEGAL",
    "decedent": "HLEGAL", "organ-donation": "TREAT HOPERAT", "research-waiver": "HRESCH",
    "threat": "THREAT PUBHLTH", "workers-compensation": "HPAYMT HLEGAL",
  ]

  func decide() -> Verdict {
    if ["security-officer", "administrator", "auditor"].contains(role) {
      return Verdict(reasons: ["role-reads-no-chart"])
    }
    let standing = self.standing
    let isDenied = !standing.isEmpty
    // 1
    if role == "system" && who.isOwnNode && action != "redisclose"
      && ["TREAT", "HPAYMT", "HOPERAT", "HSYSADMIN"].contains(purpose)
    {
      return Verdict(permit: "nodeItself []")
    }
    if household && who.isOwnNode {
      if role == "patient" && tie == "self" { return Verdict(permit: "chartOwner []") }
      if role == "proxy" && tie == "proxy" && !isDenied { return Verdict(permit: "chartOwner []") }
    }
    // 2
    for row in fittingRows {
      let isPatient = role == "patient"
      if row.asksConsent || (!isPatient && (isDenied || !isOrdinary)) { continue }
      return Verdict(permit: "role(\"\(row.name)\") []")
    }
    // 3
    let mine = ofPatient.filter { grant in
      grant.permission.map { names.contains(Oracle.words($0.grantee)) } ?? false
    }
    if !isDenied {
      let usable = mine.filter { counts($0) && faults(of: $0).isEmpty }
      let free = usable.filter { grant in
        chain(of: grant).members.allSatisfy { $0.maximumUses == nil }
      }
      if let chosen = free.first ?? usable.first {
        return Verdict(permit: "grant \(chain(of: chosen).members.map(\.id.value))")
      }
    }
    // 4
    if let basis = request.context.legalBasis, !household, !who.isOwnNode, isOrdinary,
      ["read", "search", "export"].contains(action),
      Oracle.legal[basis.rawValue, default: ""].split(separator: " ").contains(where: {
        $0 == purpose
      }),
      !isDenied || basis.rawValue == "required-by-law"
    {
      return Verdict(permit: "legalBasis \(basis.rawValue) []", overrides: isDenied)
    }
    // 5
    let glass = glassFault()
    if let session = request.context.breakGlass, glass == nil {
      return Verdict(permit: "breakGlass(\"\(session.id)\") []", overrides: isDenied)
    }
    return refusal(mine, isDenied: isDenied, glass: glass)
  }

  /// What is wrong with the session; nil also when there is none.
  func glassFault() -> String? {
    guard let session = request.context.breakGlass else { return nil }
    guard session.patient == request.context.patient, session.node == who.node,
      session.person == who.person,
      // A proxy where the patient named one for emergencies.
      ["clinician", "nurse", "pharmacist", "proxy"].contains(role)
    else { return "break-glass-mismatch" }
    if case .reviewed(.violation, _, _, _) = session.review { return "break-glass-not-active" }
    if !lies(now, in: TimeWindow(start: session.start, end: session.end)) {
      return "break-glass-not-active"
    }
    guard ["BTG", "ETREAT"].contains(purpose), ["read", "search"].contains(action),
      Oracle.words(session.scope.types).contains(type),
      labels.isSubset(of: Oracle.words(session.scope.labels))
    else { return "break-glass-out-of-scope" }
    for grant in ofPatient where grant.delegation == nil {
      for denial in grant.denials {
        let named = denial.purposes.map { Oracle.words($0) } ?? []
        if named.contains("BTG") || named.contains("ETREAT"),
          bindsRequester(denial, of: grant),
          inForceAndMatches(denial, of: grant, whateverPurpose: true)
        {
          return "denied-by-patient"
        }
      }
    }
    return nil
  }

  func refusal(_ mine: [Grant], isDenied: Bool, glass: String?) -> Verdict {
    var reasons: Set<String> = []
    if !household && fittingRows.isEmpty {
      reasons.insert(rowsButForTie.isEmpty ? "role-not-permitted" : "no-treatment-relationship")
    }
    if isDenied { reasons.insert("denied-by-patient") }
    if mine.isEmpty { reasons.insert("no-grant") }
    let judged = mine.map { grant -> (GrantID, Set<String>) in
      let faults = faults(of: grant)
      return (grant.id, faults.isEmpty && !counts(grant) ? ["grant-needs-role"] : faults)
    }
    let fewest = judged.map(\.1.count).min() ?? 0
    for (id, faults) in judged where faults.count == fewest {
      for fault in faults { reasons.insert("\(fault) \(id.value)") }
    }
    if request.context.legalBasis != nil { reasons.insert("legal-basis-insufficient") }
    if let glass { reasons.insert(glass) }
    return Verdict(reasons: reasons)
  }
}

extension Oracle.Verdict {
  /// The module's answer in the oracle's words.
  init(_ decision: Decision) {
    switch decision {
    case .permit(let permit):
      let ids = permit.basis.grants.map(\.value)
      let rule =
        switch permit.basis.rule {
        case .legalBasis(let basis): "legalBasis \(basis.rawValue)"
        default: "\(permit.basis.rule)"
        }
      self.init(permit: "\(rule) \(ids)", overrides: permit.overridesDenial)
    case .deny(let reasons):
      self.init(
        reasons: Set(reasons.map { $0.code.rawValue + ($0.grant.map { " \($0.value)" } ?? "") }))
    }
  }
}
