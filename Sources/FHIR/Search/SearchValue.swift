/// A token in a resource: a code and the system that it belongs to.
struct TokenValue: Hashable {
  /// Nil where there is no system; `isImplied` says whether that is because the definition fixes it.
  var system: String?
  var code: String
  var isImplied = false
}

/// A reference in a resource.
enum ReferenceValue: Hashable {
  case target(ReferenceTarget)
  /// `urn:uuid:…` and other URLs that do not end in a type and id.
  case other(String)

  /// The one form under which it is indexed.
  var term: String {
    switch self {
    case .target(let target): target.unversioned
    case .other(let url): url
    }
  }
}

extension SearchParameter {
  /// Visits the elements that the parameter is about; at most `SearchLimits.valuesInResource`, and one
  /// where the parameter is single. `body` says whether an element gave a value.
  private func visit(_ root: JSONValue, _ body: (JSONValue, SearchPath) -> Bool) {
    var left = isSingle ? 1 : SearchLimits.valuesInResource
    for path in paths {
      let goOn = path.visit(root) { value in
        if body(value, path) { left -= 1 }
        return left > 0
      }
      guard goOn else { return }
    }
  }

  /// Whether the resource has a value for this parameter (`:missing`).
  func isPresent(in root: JSONValue) -> Bool {
    switch kind {
    case .token: !tokens(in: root).isEmpty
    case .reference: !references(in: root).isEmpty
    case .date: !dates(in: root).isEmpty
    case .string: !strings(in: root).isEmpty
    }
  }

  func dates(in root: JSONValue) -> [DateInterval] {
    var found: [DateInterval] = []
    visit(root) { value, path in
      let interval =
        switch path.type {
        case .period: DateInterval(period: value)
        case .timing: DateInterval(timing: value)
        default: value.string.flatMap(DateInterval.init(parsing:))
        }
      interval.map { found.append($0) }
      return interval != nil
    }
    return found
  }

  func references(in root: JSONValue) -> [ReferenceValue] {
    var found: [ReferenceValue] = []
    visit(root) { value, path in
      guard let text = value["reference"]?.string, !text.isEmpty, text.utf8.first != 0x23 else {
        return false
      }
      let target = ReferenceTarget(parsing: text)
      if let filter = path.filter {
        guard (target?.type ?? value["type"]?.string) == filter else { return false }
      }
      found.append(target.map(ReferenceValue.target) ?? .other(text))
      return true
    }
    return found
  }

  func tokens(in root: JSONValue) -> [TokenValue] {
    var found: [TokenValue] = []
    visit(root) { value, path in
      let before = found.count
      append(value, path.type, to: &found)
      return found.count > before
    }
    return found
  }

  private func append(
    _ value: JSONValue, _ type: SearchPath.ElementType, to found: inout [TokenValue]
  ) {
    switch type {
    case .coding: append(value["system"], value["code"], to: &found)
    case .codeableConcept:
      guard let codings = value["coding"] else { return }
      for coding in codings.elements.prefix(SearchLimits.valuesInResource) {
        append(coding["system"], coding["code"], to: &found)
      }
    case .identifier: append(value["system"], value["value"], to: &found)
    case .contactPoint: append(nil, value["value"], to: &found)
    default:
      guard let code = value.string ?? value.bool.map({ $0 ? "true" : "false" }) else { return }
      found.append(TokenValue(system: nil, code: folded(code), isImplied: true))
    }
  }

  private func append(_ system: JSONValue?, _ code: JSONValue?, to found: inout [TokenValue]) {
    guard let code = code?.string, !code.isEmpty else { return }
    let system = system?.string
    found.append(TokenValue(system: system == "" ? nil : system, code: folded(code)))
  }

  /// The form in which two codes are compared.
  func folded(_ code: String) -> String {
    guard !isCaseSensitive, code.utf8.contains(where: { $0 >= 0x41 && $0 <= 0x5A }) else {
      return code
    }
    return String(
      decoding: code.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }, as: UTF8.self)
  }

  func strings(in root: JSONValue) -> [SearchText] {
    var found: [SearchText] = []
    visit(root) { value, path in
      let before = found.count
      switch path.type {
      case .humanName:
        for part in ["text", "family", "given", "prefix", "suffix"] {
          append(value[part], to: &found)
        }
        // So that `name=ana maria lopez` finds a name given in parts.
        let given = value["given"]?.elements.prefix(16).compactMap(\.string) ?? []
        let whole = (given + [value["family"]?.string].compactMap { $0 }).joined(separator: " ")
        if !given.isEmpty { found.append(SearchText(whole)) }
      case .address:
        for part in ["text", "line", "city", "district", "state", "country", "postalCode"] {
          append(value[part], to: &found)
        }
      default: append(value, to: &found)
      }
      found.removeAll { $0.normalized.isEmpty }
      return found.count > before
    }
    return found
  }

  private func append(_ value: JSONValue?, to found: inout [SearchText]) {
    guard let value else { return }
    if let text = value.string {
      found.append(SearchText(text))
    } else {
      for element in value.elements.prefix(SearchLimits.valuesInResource) {
        element.string.map { found.append(SearchText($0)) }
      }
    }
  }
}
