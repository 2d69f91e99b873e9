import FHIR
import Primitives

/// Reads the provision of a Consent: one permission with denials nested in it, or one denial.
enum ProvisionReader {
  private static let elements: Set<String> = [
    "type", "period", "actor", "action", "securityLabel", "purpose", "class", "dataPeriod",
  ]

  static func content(_ value: JSONValue) throws(PeerChartError) -> Grant.Content {
    let provision = try ConsentElement(value, allowing: elements.union(["provision"]))
    switch try provision.text("type") {
    case "permit":
      var denials: [Denial] = []
      for nested in try provision.list("provision") ?? [] {
        denials.append(try denial(ConsentElement(nested, allowing: elements)))
      }
      return .permission(try permission(provision), except: denials)
    case "deny" where !provision.has("provision"): return .denial(try denial(provision))
    default:
      // A permission nested in a denial is an exception that this profile does not have.
      throw ConsentElement.notUnderstood(value)
    }
  }

  /// FHIR reads an absent element as "any"; a permission must name its purposes and actions, and its
  /// labels are `N` when it names none.
  private static func permission(_ provision: ConsentElement) throws(PeerChartError) -> Permission {
    guard let actions = try actions(provision), let purposes = try purposes(provision) else {
      throw PeerChartError(
        .notSupported, "a permission must name its purposes and actions",
        place: provision.value.pointer)
    }
    return Permission(
      grantee: try actor(ConsentReader.only(provision.requiredList("actor"))),
      types: try types(provision) ?? .all, labels: try labels(provision) ?? .ordinary,
      purposes: purposes, actions: actions, period: try provision.window("period"),
      records: try provision.window("dataPeriod"))
  }

  private static func denial(_ provision: ConsentElement) throws(PeerChartError) -> Denial {
    guard try provision.text("type") == "deny" else {
      throw ConsentElement.notUnderstood(provision.value)
    }
    var grantees: [Grantee] = []
    for value in try provision.list("actor") ?? [] { grantees.append(try actor(value)) }
    return Denial(
      grantees: grantees, types: try types(provision), labels: try labels(provision),
      purposes: try purposes(provision), actions: try actions(provision),
      period: try provision.window("period"), records: try provision.window("dataPeriod"))
  }

  private static func actor(_ value: JSONValue) throws(PeerChartError) -> Grantee {
    let actor = try ConsentElement(value, allowing: ["role", "reference"])
    try ConsentCoding.expect(actor.required("role"), ConsentVocabulary.participation, "IRCP")
    return try grantee(actor.required("reference"))
  }

  static func grantee(_ value: JSONValue) throws(PeerChartError) -> Grantee {
    let reference = try ConsentElement(value, allowing: ["type", "identifier", "display"])
    let identifier = try ConsentReader.identifier(reference.required("identifier"))
    switch (try reference.text("type"), identifier.system) {
    case ("Device", ConsentVocabulary.node):
      guard let node = NodeID(identifier.value) else { throw ConsentElement.notUnderstood(value) }
      return .node(node)
    case ("Organization", _): return .organization(identifier)
    case ("Practitioner", _), ("RelatedPerson", _): return .person(identifier)
    default: throw ConsentElement.notUnderstood(value)
    }
  }

  private static func actions(_ provision: ConsentElement) throws(PeerChartError) -> ActionSet? {
    guard let list = try provision.list("action") else { return nil }
    var result = ActionSet()
    for value in list {
      let codings = try ConsentCoding.concept(value)
      guard let own = codings.first(where: { $0.system == ConsentVocabulary.action }) else {
        throw ConsentElement.notUnderstood(value)
      }
      guard let action = ConsentAction(rawValue: own.code),
        codings.allSatisfy({ coding in
          coding.system == ConsentVocabulary.action && coding.code == own.code
            || coding.system == ConsentVocabulary.standardAction
              && coding.code == action.standardCode
        })
      else { throw ConsentElement.notUnderstood(own.value) }
      result.insert(ActionSet(action))
    }
    return result
  }

  private static func labels(_ provision: ConsentElement) throws(PeerChartError) -> LabelSet? {
    guard let list = try provision.list("securityLabel") else { return nil }
    var result = LabelSet()
    for value in list {
      let coding = try ConsentCoding(value)
      if coding.system == ConsentVocabulary.confidentiality, coding.code == "N" {
        result.insert(.ordinary)
      } else if coding.system == SensitivityLabel.codeSystem,
        let label = SensitivityLabel.allCases.first(where: { $0.securityCode == coding.code })
      {
        result.insert(LabelSet(label))
      } else {
        throw ConsentElement.notUnderstood(value)
      }
    }
    return result
  }

  private static func purposes(_ provision: ConsentElement) throws(PeerChartError) -> PurposeSet? {
    guard let list = try provision.list("purpose") else { return nil }
    var result = PurposeSet()
    for value in list {
      let coding = try ConsentCoding(value)
      guard coding.system == ConsentVocabulary.actReason,
        let purpose = PurposeOfUse(rawValue: coding.code)
      else { throw ConsentElement.notUnderstood(value) }
      result.insert(PurposeSet(purpose))
    }
    return result
  }

  private static func types(_ provision: ConsentElement) throws(PeerChartError) -> RecordTypeSet? {
    guard let list = try provision.list("class") else { return nil }
    var result = RecordTypeSet()
    for value in list {
      let coding = try ConsentCoding(value)
      guard coding.system == ConsentVocabulary.recordType,
        let type = RecordType(rawValue: coding.code)
      else { throw ConsentElement.notUnderstood(value) }
      result.insert(RecordTypeSet(type))
    }
    return result
  }
}
