public import FHIR
public import Primitives

extension Grant {
  /// The grant as a FHIR R4 Consent, still without a signature (docs/design/consent.md).
  ///
  /// Throws `invalid` for what a Consent cannot say: no record type, an empty period, a denial that
  /// can never match, a time beyond the year 9999.
  public func consentTree() throws(PeerChartError) -> JSONTree {
    try validate()
    var members: [(String, JSONTree)] = [("resourceType", "Consent")]
    if isDelegable {
      members.append(
        ("extension", [["url": .string(ConsentVocabulary.delegable), "valueBoolean": true]]))
    }
    let modifiers = modifierExtensions()
    if !modifiers.isEmpty { members.append(("modifierExtension", .array(modifiers))) }
    members += [
      ("identifier", [Self.identifier(ConsentVocabulary.grant, id.value)]),
      ("status", status == .active ? "active" : "inactive"),
      ("scope", ["coding": [Self.coding(ConsentVocabulary.scope, "patient-privacy")]]),
      ("category", [["coding": [Self.coding(ConsentVocabulary.loinc, "59284-0")]]]),
      ("patient", ["reference": .string("Patient/\(patient)")]),
      ("dateTime", .string(try Self.text(issued))),
      ("performer", .array(performers())),
      (
        "policyRule",
        ["coding": [Self.coding(ConsentVocabulary.policy, ConsentVocabulary.explicitPolicy)]]
      ),
    ]
    switch content {
    case .permission(let permission, let denials):
      members.append(("provision", try Self.provision(permission, except: denials)))
    case .denial(let denial): members.append(("provision", try Self.provision(denial)))
    }
    return .object(members)
  }

  private func modifierExtensions() -> [JSONTree] {
    var result: [JSONTree] = []
    if let maximumUses {
      result.append([
        "url": .string(ConsentVocabulary.maximumUses),
        "valuePositiveInt": .number(String(maximumUses)),
      ])
    }
    if let delegation {
      result.append([
        "url": .string(ConsentVocabulary.delegatedFrom),
        "valueIdentifier": Self.identifier(ConsentVocabulary.grant, delegation.parent.value),
      ])
    }
    return result
  }

  private func performers() -> [JSONTree] {
    [["identifier": Self.identifier(ConsentVocabulary.key, grantorKey)]]
      + (delegation.map { [Self.reference($0.delegator)] } ?? [])
  }

  private static func provision(
    _ permission: Permission, except denials: [Denial]
  ) throws(PeerChartError) -> JSONTree {
    var members: [(String, JSONTree)] = [("type", "permit")]
    try append(permission.period, as: "period", to: &members)
    members.append(("actor", [actor(permission.grantee)]))
    members.append(("action", actions(permission.actions)))
    members.append(("securityLabel", labels(permission.labels)))
    members.append(("purpose", purposes(permission.purposes)))
    // No class: every type, also those that are added later. So say so only for all of them.
    if permission.types != .all { members.append(("class", classes(permission.types))) }
    try append(permission.records, as: "dataPeriod", to: &members)
    if !denials.isEmpty {
      var nested: [JSONTree] = []
      for denial in denials { nested.append(try provision(denial)) }
      members.append(("provision", .array(nested)))
    }
    return .object(members)
  }

  private static func provision(_ denial: Denial) throws(PeerChartError) -> JSONTree {
    var members: [(String, JSONTree)] = [("type", "deny")]
    try append(denial.period, as: "period", to: &members)
    if !denial.grantees.isEmpty { members.append(("actor", .array(denial.grantees.map(actor)))) }
    if let actions = denial.actions { members.append(("action", Self.actions(actions))) }
    if let labels = denial.labels { members.append(("securityLabel", Self.labels(labels))) }
    if let purposes = denial.purposes { members.append(("purpose", Self.purposes(purposes))) }
    if let types = denial.types { members.append(("class", classes(types))) }
    try append(denial.records, as: "dataPeriod", to: &members)
    return .object(members)
  }
}

extension Grant {
  static func coding(_ system: String, _ code: String) -> JSONTree {
    ["system": .string(system), "code": .string(code)]
  }

  static func identifier(_ system: String, _ value: String) -> JSONTree {
    ["system": .string(system), "value": .string(value)]
  }

  private static func reference(_ grantee: Grantee) -> JSONTree {
    switch grantee {
    case .node(let id):
      ["type": "Device", "identifier": identifier(ConsentVocabulary.node, id.description)]
    case .organization(let id):
      ["type": "Organization", "identifier": identifier(id.system, id.value)]
    case .person(let id):
      ["type": "Practitioner", "identifier": identifier(id.system, id.value)]
    }
  }

  private static func actor(_ grantee: Grantee) -> JSONTree {
    [
      "role": ["coding": [coding(ConsentVocabulary.participation, "IRCP")]],
      "reference": reference(grantee),
    ]
  }

  private static func actions(_ set: ActionSet) -> JSONTree {
    .array(
      set.actions.map { action in
        let own = coding(ConsentVocabulary.action, action.rawValue)
        let standard = action.standardCode.map { coding(ConsentVocabulary.standardAction, $0) }
        return ["coding": .array([own] + (standard.map { [$0] } ?? []))]
      })
  }

  private static func labels(_ set: LabelSet) -> JSONTree {
    let ordinary = set.contains(.ordinary) ? [coding(ConsentVocabulary.confidentiality, "N")] : []
    return .array(
      ordinary + set.labels.map { coding(SensitivityLabel.codeSystem, $0.securityCode) })
  }

  private static func purposes(_ set: PurposeSet) -> JSONTree {
    .array(set.purposes.map { coding(ConsentVocabulary.actReason, $0.rawValue) })
  }

  private static func classes(_ set: RecordTypeSet) -> JSONTree {
    .array(set.types.map { coding(ConsentVocabulary.recordType, $0.rawValue) })
  }

  private static func append(
    _ window: TimeWindow, as name: String, to members: inout [(String, JSONTree)]
  ) throws(PeerChartError) {
    guard window.isBounded else { return }
    var bounds: [(String, JSONTree)] = []
    if let start = window.start { bounds.append(("start", .string(try text(start)))) }
    if let end = window.end { bounds.append(("end", .string(try text(end)))) }
    members.append((name, .object(bounds)))
  }

  /// The moment as FHIR writes it, which must read back as itself.
  static func text(_ instant: Instant) throws(PeerChartError) -> String {
    let text = instant.description
    guard Instant(text) == instant else {
      throw PeerChartError(.invalid, "a time outside the years 1 to 9999")
    }
    return text
  }
}
