public import FHIR
public import Primitives

/// Makes the Bundle of a card out of records: of each only what the reader of a card needs, and of codes
/// only the codes. Numbers keep their digits.
public enum HealthCardMinimizer {
  /// The types of records that can be on a card, besides the patient, each with what is kept of it.
  private static let members: [String: [String]] = [
    "Patient": ["name", "birthDate"],
    "Immunization": [
      "status", "vaccineCode", "patient", "occurrenceDateTime", "occurrenceString", "lotNumber",
      "performer", "isSubpotent",
    ],
    "Observation": [
      "status", "category", "code", "subject", "effectiveDateTime", "effectivePeriod", "issued",
      "performer", "valueQuantity", "valueCodeableConcept", "valueString", "valueBoolean",
      "valueInteger", "valueRange", "valueRatio", "valueDateTime", "dataAbsentReason",
      "interpretation", "referenceRange", "component",
    ],
    "Coverage": [
      "identifier", "status", "type", "policyHolder", "subscriber", "subscriberId", "beneficiary",
      "dependent", "relationship", "period", "payor", "class", "order", "network",
    ],
  ]
  /// What is kept of a name on a card.
  private static let nameMembers: Set<String> = ["family", "given", "suffix"]

  /// The types of records that can be on a card.
  public static let types = ["Immunization", "Observation", "Coverage"]

  /// - Parameters:
  ///   - patient: whom the card is about.
  ///   - records: of the types above.
  /// - Throws: `invalid` for a record of another type, or one that breaks the rules of cards.
  public static func bundle(
    patient: Resource, records: [Resource]
  ) throws(PeerChartError) -> JSONTree {
    let all = [patient] + records
    var addresses: [String: String] = [:]
    for (number, resource) in all.enumerated() {
      if let id = resource.id { addresses["\(resource.type)/\(id)"] = "resource:\(number)" }
    }
    var entries: [JSONTree] = []
    for (number, resource) in all.enumerated() {
      guard let kept = members[resource.type], (number == 0) == (resource.type == "Patient") else {
        throw PeerChartError(
          .invalid, "a card holds immunizations, results and insurance of one patient")
      }
      var object: [(String, JSONTree)] = [("resourceType", .string(resource.type))]
      for name in kept {
        guard let value = resource.root[name] else { continue }
        if let tree = minimized(value, name, addresses) { object.append((name, tree)) }
      }
      entries.append(["fullUrl": .string("resource:\(number)"), "resource": .object(object)])
    }
    let bundle: JSONTree = [
      "resourceType": "Bundle", "type": "collection", "entry": .array(entries),
    ]
    let root = try JSONDocument(parsing: bundle.serialized()).root
    let isVaccination = records.contains { $0.type == "Immunization" }
    let faults = HealthCardBundle.findings(root, asImmunization: isVaccination)
      .filter { $0.weight == .error }
    if let fault = faults.first {
      throw PeerChartError(
        .invalid, "this cannot be put on a card: \(fault.text)", place: fault.place)
    }
    return bundle
  }

  /// The value without what a card does not have; nil where nothing is left.
  private static func minimized(
    _ value: JSONValue, _ name: String, _ addresses: [String: String]
  ) -> JSONTree? {
    switch value.kind {
    case .array:
      let elements = value.elements.compactMap { minimized($0, name, addresses) }
      return elements.isEmpty ? nil : .array(elements)
    case .object:
      let isConcept = value["coding"]?.kind == .array && (value["coding"]?.count ?? 0) > 0
      let isCoding = value["system"] != nil && value["code"] != nil && value["value"] == nil
      var object: [(String, JSONTree)] = []
      for (member, inner) in value.members {
        if member == "id" || member == "extension" || member.hasPrefix("_") { continue }
        if isConcept, member == "text" { continue }
        if isCoding, member == "display" || member == "userSelected" { continue }
        if name == "name", !nameMembers.contains(member) { continue }
        if member == "reference", let target = inner.string {
          // A record that is not on the card cannot be looked up by its reader.
          guard let address = addresses[relative(target)] else { continue }
          object.append((member, .string(address)))
          continue
        }
        if let tree = minimized(inner, member, addresses) { object.append((member, tree)) }
      }
      return object.isEmpty ? nil : .object(object)
    default: return JSONTree(value)
    }
  }

  /// `Type/id` of a reference, be it absolute or to a version.
  private static func relative(_ reference: String) -> String {
    var parts = reference.split(separator: "/")
    if parts.count >= 4, parts[parts.count - 2] == "_history" { parts.removeLast(2) }
    return parts.suffix(2).joined(separator: "/")
  }
}
