import FHIR
import Primitives

/// Reads a Consent into a grant and refuses what it does not understand.
enum ConsentReader {
  private static let elements: Set<String> = [
    "resourceType", "id", "meta", "language", "text", "extension", "modifierExtension",
    "identifier", "status", "scope", "category", "patient", "dateTime", "performer",
    "organization", "sourceAttachment", "sourceReference", "policyRule", "verification",
    "provision",
  ]

  static func grant(_ json: JSONValue) throws(PeerChartError) -> Grant {
    let consent = try ConsentElement(json, allowing: elements)
    guard json["resourceType"]?.isString("Consent") == true else {
      throw PeerChartError(.malformed, "not a Consent", place: json.pointer)
    }
    try ConsentCoding.expect(
      consent.required("scope"), ConsentVocabulary.scope, "patient-privacy")
    try ConsentCoding.expect(
      consent.required("policyRule"), ConsentVocabulary.policy, ConsentVocabulary.explicitPolicy)
    let modifiers = try ModifierExtensions(consent)
    let performers = try Performers(consent)
    guard (modifiers.parent == nil) == (performers.delegator == nil) else {
      throw PeerChartError(
        .malformed, "a delegated Consent names its parent and its delegator", place: json.pointer)
    }
    var delegation: Grant.Delegation?
    if let parent = modifiers.parent, let delegator = performers.delegator {
      delegation = Grant.Delegation(parent: parent, delegator: delegator)
    }
    let grant = Grant(
      id: try grantID(only(consent.requiredList("identifier"))),
      patient: try patient(consent.required("patient")), issued: try consent.instant("dateTime"),
      grantorKey: performers.key, delegation: delegation,
      content: try ProvisionReader.content(consent.required("provision")),
      maximumUses: modifiers.maximumUses, isDelegable: try isDelegable(consent),
      status: try status(consent))
    try grant.validate()
    return grant
  }

  /// Drafts, proposals and rejected consents give nothing and are no grants.
  private static func status(_ consent: ConsentElement) throws(PeerChartError) -> Grant.Status {
    switch try consent.text("status") {
    case "active": return .active
    case "inactive": return .revoked
    default: throw ConsentElement.notUnderstood(try consent.required("status"))
    }
  }

  static func only(_ list: [JSONValue]) throws(PeerChartError) -> JSONValue {
    guard let first = list.first, list.count == 1 else {
      throw PeerChartError(
        .notSupported, "exactly one was expected", place: list.first?.pointer)
    }
    return first
  }

  static func identifier(_ value: JSONValue) throws(PeerChartError) -> PartyIdentifier {
    let element = try ConsentElement(value, allowing: ["system", "value"])
    return PartyIdentifier(system: try element.text("system"), value: try element.text("value"))
  }

  static func grantID(_ value: JSONValue) throws(PeerChartError) -> GrantID {
    let identifier = try identifier(value)
    guard identifier.system == ConsentVocabulary.grant else {
      throw ConsentElement.notUnderstood(value)
    }
    return GrantID(identifier.value)
  }

  private static func patient(_ value: JSONValue) throws(PeerChartError) -> String {
    let reference = try ConsentElement(value, allowing: ["reference", "type", "display"])
      .text("reference")
    guard reference.hasPrefix("Patient/") else { throw ConsentElement.notUnderstood(value) }
    return String(reference.dropFirst("Patient/".count))
  }

  /// Plain extensions cannot narrow (FHIR 2.4.0), so foreign ones pass; ours must be known.
  private static func isDelegable(_ consent: ConsentElement) throws(PeerChartError) -> Bool {
    var result: Bool?
    for value in try consent.list("extension") ?? [] {
      guard let url = value["url"]?.string else {
        throw PeerChartError(.malformed, "an extension without a url", place: value.pointer)
      }
      if url == ConsentVocabulary.delegable {
        let element = try ConsentElement(value, allowing: ["url", "valueBoolean"])
        guard result == nil, let flag = try element.required("valueBoolean").bool else {
          throw PeerChartError(.malformed, "one boolean was expected", place: value.pointer)
        }
        result = flag
      } else if url.hasPrefix("urn:peerchart:"), url != ConsentVocabulary.signature {
        throw ConsentElement.notUnderstood(value)
      }
    }
    return result ?? false
  }
}

/// What narrows a Consent from outside its provision.
private struct ModifierExtensions {
  var maximumUses: Int?
  var parent: GrantID?

  init(_ consent: ConsentElement) throws(PeerChartError) {
    for value in try consent.list("modifierExtension") ?? [] {
      switch value["url"]?.string {
      case ConsentVocabulary.maximumUses where maximumUses == nil:
        let number = try ConsentElement(value, allowing: ["url", "valuePositiveInt"])
          .required("valuePositiveInt")
        guard let uses = number.numberLiteral.flatMap({ Int32($0) }), uses > 0 else {
          throw PeerChartError(.malformed, "a positive integer was expected", place: number.pointer)
        }
        maximumUses = Int(uses)
      case ConsentVocabulary.delegatedFrom where parent == nil:
        parent = try ConsentReader.grantID(
          ConsentElement(value, allowing: ["url", "valueIdentifier"]).required("valueIdentifier"))
      default: throw ConsentElement.notUnderstood(value)
      }
    }
  }
}

/// Who signed, and who delegated if anybody did.
private struct Performers {
  let key: String
  let delegator: Grantee?

  init(_ consent: ConsentElement) throws(PeerChartError) {
    let list = try consent.requiredList("performer")
    guard let first = list.first, list.count <= 2 else {
      throw PeerChartError(
        .notSupported, "more than a signer and a delegator", place: list.last?.pointer)
    }
    let signer = try ConsentReader.identifier(
      ConsentElement(first, allowing: ["identifier", "display"]).required("identifier"))
    guard signer.system == ConsentVocabulary.key else { throw ConsentElement.notUnderstood(first) }
    key = signer.value
    delegator = list.count == 2 ? try ProvisionReader.grantee(list[1]) : nil
  }
}
