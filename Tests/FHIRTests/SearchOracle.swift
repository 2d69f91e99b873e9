import Foundation

/// A second opinion on what a query means: slow, on Foundation's JSON, dates and text folding, reading
/// FHIRPath expressions as HL7 publishes them. It shares no code and no table with the program.
struct SearchOracle {
  struct Parameter {
    let kind: String
    let expression: String
  }

  /// Type → name → parameter.
  var parameters: [String: [String: Parameter]] = [:]

  static let offered: Set<String> = [
    "_id", "_lastUpdated", "patient", "subject", "category", "code", "date", "identifier", "name",
    "birthdate",
  ]

  /// The parameters of HL7's `search-parameters.json`.
  init(definitions: URL) throws {
    let bundle = try JSONSerialization.jsonObject(with: Data(contentsOf: definitions))
    for entry in (bundle as? [String: Any])?["entry"] as? [[String: Any]] ?? [] {
      guard let parameter = entry["resource"] as? [String: Any],
        let name = parameter["code"] as? String, Self.offered.contains(name),
        let kind = parameter["type"] as? String,
        let expression = parameter["expression"] as? String
      else { continue }
      for base in parameter["base"] as? [String] ?? [] {
        parameters[base, default: [:]][name] = Parameter(kind: kind, expression: expression)
      }
    }
  }

  /// A few, where HL7's file is not at hand.
  init() {
    let lines = [
      "Observation category token Observation.category", "Observation code token Observation.code",
      "Observation date date Observation.effective",
      "Observation patient reference Observation.subject.where(resolve() is Patient)",
      "Observation subject reference Observation.subject",
      "Observation identifier token Observation.identifier",
      "Patient name string Patient.name", "Patient birthdate date Patient.birthDate",
      "Patient identifier token Patient.identifier",
      "MedicationRequest date date MedicationRequest.dosageInstruction.timing.event",
      "MedicationRequest code token (MedicationRequest.medication as CodeableConcept)",
      "AllergyIntolerance category token AllergyIntolerance.category",
      "AllergyIntolerance code token AllergyIntolerance.code|AllergyIntolerance.reaction.substance",
      "Resource _id token Resource.id", "Resource _lastUpdated date Resource.meta.lastUpdated",
    ]
    for line in lines {
      let words = line.split(separator: " ", maxSplits: 3).map(String.init)
      parameters[words[0], default: [:]][words[1]] = Parameter(
        kind: words[2], expression: words[3])
    }
  }

  func parameter(_ name: String, of type: String) -> Parameter? {
    parameters[type]?[name] ?? parameters["Resource"]?[name]
  }

  /// Whether a resource matches one `name[:modifier]=value`.
  func matches(_ resource: [String: Any], _ name: String, _ value: String) -> Bool {
    let parts = name.components(separatedBy: ":")
    guard let type = resource["resourceType"] as? String,
      let parameter = parameter(parts[0], of: type)
    else { return false }
    let elements = elements(parameter.expression, resource, type)
    let modifier = parts.count > 1 ? parts[1] : ""
    if modifier == "missing" {
      let present = elements.contains { OracleValue.exists($0, parameter.kind) }
      return present == (value == "false")
    }
    let found = value.components(separatedBy: ",").contains { one in
      elements.contains {
        OracleValue.matches($0, parameter.kind, modifier, one, exactCase: parts[0] == "_id")
      }
    }
    return modifier == "not" ? !found : found
  }

  private func elements(_ expression: String, _ resource: [String: Any], _ type: String) -> [Any] {
    expression.components(separatedBy: "|").flatMap { term -> [Any] in
      var path = term.trimmingCharacters(in: CharacterSet(charactersIn: " "))
      var filter: String?
      var choice: String?
      if let range = path.range(of: ".where(resolve() is ") {
        filter = String(path[range.upperBound...].dropLast())
        path = String(path[..<range.lowerBound])
      }
      path = path.trimmingCharacters(in: CharacterSet(charactersIn: "()"))
      if let range = path.range(of: " as ") {
        choice = String(path[range.upperBound...])
        path = String(path[..<range.lowerBound])
      }
      var steps = path.components(separatedBy: ".")
      if steps[0] == type || steps[0] == "Resource" {
        steps.removeFirst()
      } else if steps[0].first?.isUppercase == true {
        return []
      }
      var values: [Any] = [resource]
      for (number, step) in steps.enumerated() {
        values = values.flatMap { value -> [Any] in
          guard let object = value as? [String: Any] else { return [] }
          let last = number == steps.count - 1
          return object.flatMap { name, child -> [Any] in
            guard fits(name, step, last ? choice : nil) else { return [] }
            return child as? [Any] ?? [child]
          }
        }
      }
      guard let filter else { return values }
      return values.filter { OracleValue.targetType($0) == filter }
    }
  }

  /// `effective` is `effectiveDateTime` and `effectivePeriod`, but not `effectiveString`.
  private func fits(_ name: String, _ step: String, _ choice: String?) -> Bool {
    if name == step { return choice == nil }
    if let choice { return name == step + choice.prefix(1).uppercased() + choice.dropFirst() }
    return ["DateTime", "Period", "Timing", "Instant", "CodeableConcept", "Reference"]
      .contains { name == step + $0 }
  }
}

/// Values compared from the standard's text.
enum OracleValue {
  static func targetType(_ value: Any) -> String? {
    guard let object = value as? [String: Any] else { return nil }
    let parts = (object["reference"] as? String ?? "").components(separatedBy: "/")
    let plain = parts.firstIndex(of: "_history").map { Array(parts[..<$0]) } ?? parts
    return plain.count >= 2 ? plain[plain.count - 2] : object["type"] as? String
  }

  static func exists(_ value: Any, _ kind: String) -> Bool {
    switch kind {
    case "token": !tokens(value).isEmpty
    case "date": interval(value) != nil
    case "reference":
      (value as? [String: Any])?["reference"].map { !("\($0)".hasPrefix("#")) } ?? false
    default: !words(value).isEmpty
    }
  }

  static func matches(
    _ value: Any, _ kind: String, _ modifier: String, _ wanted: String, exactCase: Bool
  ) -> Bool {
    switch kind {
    case "token": token(value, wanted, exactCase)
    case "date": interval(value).map { date($0, wanted) } ?? false
    case "reference": reference(value, wanted)
    default: text(value, modifier, wanted)
    }
  }

  // MARK: tokens

  private static func tokens(_ value: Any) -> [(system: String?, code: String, implied: Bool)] {
    if let number = value as? Bool { return [(nil, number ? "true" : "false", true)] }
    if let code = value as? String { return [(nil, code, true)] }
    guard let object = value as? [String: Any] else { return [] }
    if let codings = object["coding"] as? [[String: Any]] { return codings.flatMap { tokens($0) } }
    guard let code = object["code"] as? String ?? object["value"] as? String else { return [] }
    return [(object["system"] as? String, code, false)]
  }

  private static func token(_ value: Any, _ wanted: String, _ exactCase: Bool) -> Bool {
    let parts = wanted.components(separatedBy: "|")
    let fold = { (text: String) in exactCase ? text : text.lowercased() }
    return tokens(value).contains { token in
      let sameCode = fold(token.code) == fold(parts[parts.count - 1])
      if parts.count == 1 || token.implied { return sameCode }
      return (parts[1].isEmpty || sameCode) && (token.system ?? "") == parts[0]
    }
  }

  // MARK: references

  private static func reference(_ value: Any, _ wanted: String) -> Bool {
    guard let text = (value as? [String: Any])?["reference"] as? String else { return false }
    let plain = text.components(separatedBy: "/_history/")[0]
    if wanted.contains("/") || wanted.contains(":") { return plain == wanted }
    return plain.components(separatedBy: "/").count == 2 && plain.hasSuffix("/" + wanted)
  }

  // MARK: text

  private static func words(_ value: Any) -> [String] {
    if let text = value as? String { return [text] }
    guard let object = value as? [String: Any] else { return [] }
    let given = object["given"] as? [String] ?? []
    let family = (object["family"] as? String).map { [$0] } ?? []
    let more = (object["prefix"] as? [String] ?? []) + (object["suffix"] as? [String] ?? [])
    let text = (object["text"] as? String).map { [$0] } ?? []
    return text + family + given + more
      + (given.isEmpty ? [] : [(given + family).joined(separator: " ")])
  }

  private static func folded(_ text: String) -> String {
    text.replacingOccurrences(of: "'", with: "")
      .folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
      .components(separatedBy: CharacterSet.alphanumerics.inverted)
      .filter { !$0.isEmpty }.joined(separator: " ")
  }

  private static func text(_ value: Any, _ modifier: String, _ wanted: String) -> Bool {
    words(value).contains { word in
      switch modifier {
      case "exact": word == wanted
      case "contains": folded(word).contains(folded(wanted))
      default: (" " + folded(word)).contains(" " + folded(wanted))
      }
    }
  }
}
