package import Foundation

/// A second opinion on what a query means: slow, on Foundation's JSON, dates, decimals and text folding,
/// reading FHIRPath expressions as HL7 publishes them. It shares no code and no table with the program.
package struct SearchOracle: Sendable {
  package struct Parameter: Sendable {
    package let kind: String
    package let expression: String
    var components: [(kind: String, expression: String)] = []
    /// What a reference may lead to; empty for anything.
    package var targets: [String] { didSet { linkName = Self.linkName(expression, targets) } }
    /// What tells it from others where links are kept.
    private(set) var linkName: String

    init(
      kind: String, expression: String, components: [(kind: String, expression: String)] = [],
      targets: [String] = []
    ) {
      self.kind = kind
      self.expression = expression
      self.components = components
      self.targets = targets
      linkName = Self.linkName(expression, targets)
    }

    private static func linkName(_ expression: String, _ targets: [String]) -> String {
      expression + targets.joined(separator: ",")
    }
  }

  /// Type → name → parameter.
  package var parameters: [String: [String: Parameter]] = [:]
  /// Compartment → type → names of parameters.
  package var compartments: [String: [String: [String]]] = [:]

  /// The parameters in files as HL7 publishes them: of the first that defines a name of a type.
  package init(definitions folder: URL) throws {
    var all: [[String: Any]] = []
    for path in [
      "r4/search-parameters.json", "uscore/8.0.0/SearchParameter.json",
      "uscore/6.1.0/SearchParameter.json",
    ] {
      let json = try JSONSerialization.jsonObject(
        with: Data(contentsOf: folder.appendingPathComponent(path)))
      let bundle = (json as? [String: Any])?["entry"] as? [[String: Any]]
      all +=
        bundle?.compactMap { $0["resource"] as? [String: Any] } ?? json as? [[String: Any]] ?? []
    }
    let kinds = Dictionary(
      all.map { ($0["url"] as? String ?? "", $0["type"] as? String ?? "") }
    ) { first, _ in first }
    for parameter in all {
      guard let name = parameter["code"] as? String, let kind = parameter["type"] as? String,
        let expression = parameter["expression"] as? String
      else { continue }
      var entry = Parameter(
        kind: kind, expression: expression, targets: parameter["target"] as? [String] ?? [])
      for component in parameter["component"] as? [[String: String]] ?? [] {
        let expression = component["expression"] ?? ""
        // HL7 mixed up the two definitions of DocumentReference's `relationship`.
        let kind = expression == "target" ? "reference" : kinds[component["definition"] ?? ""] ?? ""
        entry.components.append((expression == "code" ? "token" : kind, expression))
      }
      for base in parameter["base"] as? [String] ?? []
      where parameters[base]?[name] == nil && parameters["Resource"]?[name] == nil {
        parameters[base, default: [:]][name] = entry
      }
    }
    try readCompartments(folder)
  }

  private mutating func readCompartments(_ folder: URL) throws {
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: folder.appendingPathComponent("r4/compartment-definitions.json")))
    for entry in (json as? [String: Any])?["entry"] as? [[String: Any]] ?? [] {
      guard let definition = entry["resource"] as? [String: Any],
        let code = definition["code"] as? String,
        let listed = definition["resource"] as? [[String: Any]], listed.count > 100
      else { continue }
      for one in listed {
        compartments[code, default: [:]][one["code"] as? String ?? ""] =
          one["param"] as? [String] ?? []
      }
    }
  }

  /// A few, where HL7's files are not at hand.
  package init() {
    for line in Self.few.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 3).map(String.init)
      parameters[words[0], default: [:]][words[1]] = Parameter(
        kind: words[2], expression: words[3])
    }
    parameters["Patient"]?["link"]?.targets = ["Patient", "RelatedPerson"]
    parameters["Observation"]?["component-code-value-quantity"] = Parameter(
      kind: "composite", expression: "Observation.component",
      components: [("token", "code"), ("quantity", "value.as(Quantity)")])
    parameters["Observation"]?["code-value-concept"] = Parameter(
      kind: "composite", expression: "Observation",
      components: [("token", "code"), ("token", "value.as(CodeableConcept)")])
  }

  private static let few = """
    Observation category token Observation.category
    Observation code token Observation.code
    Observation combo-code token Observation.code | Observation.component.code
    Observation date date Observation.effective
    Observation patient reference Observation.subject.where(resolve() is Patient)
    Observation subject reference Observation.subject
    Observation encounter reference Observation.encounter
    Observation identifier token Observation.identifier
    Observation value-quantity quantity (Observation.value as Quantity)
    Observation value-concept token (Observation.value as CodeableConcept)
    Patient name string Patient.name
    Patient family string Patient.name.family
    Patient birthdate date Patient.birthDate
    Patient identifier token Patient.identifier
    Patient phone token Patient.telecom.where(system='phone')
    Patient telecom token Patient.telecom
    Patient deceased token Patient.deceased.exists() and Patient.deceased != false
    Patient general-practitioner reference Patient.generalPractitioner
    Patient link reference Patient.link.other
    MedicationRequest date date MedicationRequest.dosageInstruction.timing.event
    MedicationRequest code token (MedicationRequest.medication as CodeableConcept)
    AllergyIntolerance category token AllergyIntolerance.category
    AllergyIntolerance code token AllergyIntolerance.code|AllergyIntolerance.reaction.substance
    Organization partof reference Organization.partOf
    Organization name string Organization.name | Organization.alias
    RiskAssessment probability number RiskAssessment.prediction.probability
    ValueSet url uri ValueSet.url
    Location near special Location.position
    Resource _id token Resource.id
    Resource _lastUpdated date Resource.meta.lastUpdated
    Resource _tag token Resource.meta.tag
    Resource _profile uri Resource.meta.profile
    """

  package func parameter(_ name: String, of type: String) -> Parameter? {
    parameters[type]?[name] ?? parameters["Resource"]?[name]
  }

  /// Whether a resource matches one `name[:modifier]=value`, without chains.
  package func matches(_ record: OracleRecord, _ name: String, _ value: String) -> Bool {
    let parts = name.components(separatedBy: ":")
    guard let parameter = parameter(parts[0], of: record.type) else { return false }
    let modifier = parts.count > 1 ? parts[1] : ""
    let items = record.items(parameter.expression)
    // The two of type `id`, which is compared by case.
    let isID = parts[0] == "_id" || parts[0] == "response-id"
    if modifier == "missing" {
      let present = items.contains { item in
        guard parameter.kind == "composite" else { return OracleValue.exists(item, parameter.kind) }
        return parameter.components.allSatisfy { component in
          OraclePath(resource: record.json).items(component.expression, from: item)
            .contains { OracleValue.exists($0, component.kind) }
        }
      }
      return present == (value == "false")
    }
    let found = Self.split(value, ",").contains { one in
      items.contains { item in
        guard parameter.kind == "composite" else {
          return OracleValue.matches(item, parameter.kind, modifier, one, exactCase: isID)
            && (parameter.kind != "reference" || modifier == "identifier"
              || !Self.isForeign(item, one, parameter))
        }
        let values = Self.split(one, "$")
        return zip(parameter.components, values).allSatisfy { component, value in
          OraclePath(resource: record.json).items(component.expression, from: item)
            .contains { OracleValue.matches($0, component.kind, "", value, exactCase: false) }
        }
      }
    }
    return modifier == "not" ? !found : found
  }

  /// Whether an id alone is asked for, of a type that the parameter does not lead to.
  private static func isForeign(_ item: OracleItem, _ wanted: String, _ parameter: Parameter)
    -> Bool
  {
    guard !wanted.contains("/"), !wanted.contains(":"), !parameter.targets.isEmpty,
      let type = OracleValue.targetType(item.value)
    else { return false }
    return !parameter.targets.contains(type)
  }

  /// Splits at a separator without a backslash before it; the parts keep theirs.
  static func split(_ text: String, _ separator: Character) -> [String] {
    var parts = [""]
    var isProtected = false
    for character in text {
      if character == separator, !isProtected {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
      isProtected = character == "\\" && !isProtected
    }
    return parts
  }

  static func unescaped(_ text: String) -> String {
    var output = ""
    var isProtected = false
    for character in text {
      if isProtected, !"\\,|$".contains(character) { output.append("\\") }
      if character == "\\", !isProtected {
        isProtected = true
      } else {
        output.append(character)
        isProtected = false
      }
    }
    return output
  }
}
