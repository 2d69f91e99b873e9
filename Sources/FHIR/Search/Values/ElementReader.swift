/// What one element of a resource is as a value of a parameter, by its FHIR data type. The index and
/// the exact check read through here, so that both see the same.
enum ElementReader {
  static func tokens(
    _ value: JSONValue, _ type: SearchPath.ElementType, folding: Bool = true,
    to found: inout [TokenValue]
  ) {
    switch type {
    case .coding: append(value["system"], value["code"], to: &found)
    case .codeableConcept:
      guard let codings = value["coding"] else { return }
      for coding in codings.elements.prefix(SearchLimits.innerElements) {
        append(coding["system"], coding["code"], to: &found)
      }
    case .identifier, .contactPoint: append(value["system"], value["value"], to: &found)
    default:
      guard let code = value.string ?? value.bool.map({ $0 ? "true" : "false" }) else { return }
      let folded = folding ? TokenValue.folded(code) : code
      found.append(TokenValue(system: nil, code: folded, isImplied: true))
    }
  }

  private static func append(
    _ system: JSONValue?, _ code: JSONValue?, to found: inout [TokenValue]
  ) {
    guard let code = code?.string, !code.isEmpty else { return }
    let system = system?.string
    found.append(
      TokenValue(system: system == "" ? nil : system, code: TokenValue.folded(code)))
  }

  /// The texts that go with a token (`:text`).
  static func texts(_ value: JSONValue, _ type: SearchPath.ElementType) -> [SearchText] {
    var found: [SearchText] = []
    switch type {
    case .coding: append(value["display"], to: &found)
    case .codeableConcept:
      append(value["text"], to: &found)
      if let codings = value["coding"] {
        for coding in codings.elements.prefix(SearchLimits.innerElements) {
          append(coding["display"], to: &found)
        }
      }
    case .identifier: append(value["type"]?["text"], to: &found)
    default: break
    }
    return found.filter { !$0.normalized.isEmpty }
  }

  /// An identifier by each code of its type (`:of-type`).
  static func typedIdentifiers(_ value: JSONValue) -> [TypedIdentifier] {
    guard let identifier = value["value"]?.string, let codings = value["type"]?["coding"] else {
      return []
    }
    return codings.elements.prefix(SearchLimits.innerElements).compactMap { coding in
      guard let code = coding["code"]?.string else { return nil }
      return TypedIdentifier(
        system: coding["system"]?.string ?? "", code: TokenValue.folded(code),
        value: TokenValue.folded(identifier))
    }
  }

  static func date(_ value: JSONValue, _ type: SearchPath.ElementType) -> DateInterval? {
    switch type {
    case .period: DateInterval(period: value)
    case .timing: DateInterval(timing: value)
    default: value.string.flatMap(DateInterval.init(parsing:))
    }
  }

  static func number(_ value: JSONValue, _ type: SearchPath.ElementType) -> NumberInterval? {
    type == .range ? NumberInterval(range: value) : NumberInterval(number: value)
  }

  static func strings(
    _ value: JSONValue, _ type: SearchPath.ElementType, to found: inout [SearchText]
  ) {
    switch type {
    case .humanName:
      for part in nameParts { append(value[part], to: &found) }
      // So that `name=ana maria lopez` finds a name given in parts.
      let given = value["given"]?.elements.prefix(16).compactMap(\.string) ?? []
      let whole = (given + [value["family"]?.string].compactMap { $0 }).joined(separator: " ")
      if !given.isEmpty { found.append(SearchText(whole)) }
    case .address:
      for part in addressParts { append(value[part], to: &found) }
    default: append(value, to: &found)
    }
    found.removeAll { $0.normalized.isEmpty }
  }

  static let nameParts = ["text", "family", "given", "prefix", "suffix"]
  static let addressParts = [
    "text", "line", "city", "district", "state", "country", "postalCode",
  ]

  private static func append(_ value: JSONValue?, to found: inout [SearchText]) {
    guard let value else { return }
    if let text = value.string {
      found.append(SearchText(text))
    } else {
      for element in value.elements.prefix(SearchLimits.innerElements) {
        element.string.map { found.append(SearchText($0)) }
      }
    }
  }
}
