/// Most of what a search tries has the wanted value, and in the very form in which it was asked for. These
/// see that in the text, without making values of it; where they say no, the values decide.
extension SearchSource {
  func spells(
    _ wanted: [TokenCondition], in root: JSONValue, of resource: JSONValue
  ) -> Bool {
    firstIsTrue(in: root, of: resource) { value, path in
      switch path.type {
      case .coding: wanted.contains { $0.isSpelled(by: value) }
      case .codeableConcept:
        value["coding"]?.elements.prefix(SearchLimits.innerElements).contains { coding in
          wanted.contains { $0.isSpelled(by: coding) }
        } ?? false
      default: false
      }
    }
  }

  func spells(
    _ wanted: [ReferenceCondition], in root: JSONValue, of resource: JSONValue
  ) -> Bool {
    firstIsTrue(in: root, of: resource) { value, path in
      guard path.type == .reference, let text = value["reference"] else { return false }
      return wanted.contains { $0.isSpelled(by: text, to: path.target) }
    }
  }

  /// Asks the first value of the first path that has one: of a single parameter no other counts.
  private func firstIsTrue(
    in root: JSONValue, of resource: JSONValue, _ body: (JSONValue, SearchPath) -> Bool
  ) -> Bool {
    for path in paths {
      var answer: Bool?
      _ = path.visit(path.isFromResource ? resource : root) { value in
        answer = body(value, path)
        return false
      }
      if let answer { return answer }
    }
    return false
  }
}

extension TokenCondition {
  fileprivate func isSpelled(by coding: JSONValue) -> Bool {
    guard let code, case .exactly(let name) = system else { return false }
    return coding["code"]?.isString(code) == true && coding["system"]?.isString(name) == true
  }
}

extension ReferenceCondition {
  /// - Parameter target: the only type that counts at this path.
  fileprivate func isSpelled(by text: JSONValue, to target: String?) -> Bool {
    switch self {
    case .id(let id, let types):
      types.contains { type in
        (target ?? type) == type && text.isString(type, "/", id)
      }
    case .target(let wanted):
      wanted.base == nil && wanted.version == nil && (target ?? wanted.type) == wanted.type
        && text.isString(wanted.type, "/", wanted.id)
    case .url: false
    }
  }
}
