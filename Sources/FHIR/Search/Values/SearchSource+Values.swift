extension SearchSource {
  /// The values of one kind in a resource, or in an element of it, in the order of the paths. Of a
  /// single parameter, the first element that has a value.
  private func collect<Value>(
    _ root: JSONValue, _ resource: JSONValue?,
    _ read: (JSONValue, SearchPath, inout [Value]) -> Void
  ) -> [Value] {
    var found: [Value] = []
    for path in paths {
      let start = path.isFromResource ? resource ?? root : root
      let goOn = path.visit(start) { value in
        read(value, path, &found)
        return !(isSingle && !found.isEmpty)
      }
      guard goOn else { break }
    }
    return found
  }

  func tokens(in root: JSONValue, of resource: JSONValue? = nil) -> [TokenValue] {
    if paths.first?.type == .presence { return [presence(in: root)] }
    let folding = !isCaseSensitive
    return collect(root, resource) { value, path, found in
      ElementReader.tokens(value, path.type, folding: folding, to: &found)
    }
  }

  /// `deceased.exists() and deceased != false`.
  private func presence(in root: JSONValue) -> TokenValue {
    let isThere = paths.contains { path in
      !path.visit(root) { $0.bool == false }
    }
    return TokenValue(system: nil, code: isThere ? "true" : "false", isImplied: true)
  }

  func texts(in root: JSONValue, of resource: JSONValue? = nil) -> [SearchText] {
    collect(root, resource) { value, path, found in
      found += ElementReader.texts(value, path.type)
    }
  }

  func typedIdentifiers(in root: JSONValue, of resource: JSONValue? = nil) -> [TypedIdentifier] {
    collect(root, resource) { value, path, found in
      if path.type == .identifier { found += ElementReader.typedIdentifiers(value) }
    }
  }

  func references(in root: JSONValue, of resource: JSONValue? = nil) -> [ReferenceValue] {
    collect(root, resource) { value, path, found in
      ReferenceValue(value, path).map { found.append($0) }
    }
  }

  /// Whether one of the references leads to a resource on this server.
  func refers(to target: ReferenceTarget, in root: JSONValue) -> Bool {
    func isTarget(_ value: ReferenceValue) -> Bool {
      value.localTarget.map { $0.type == target.type && $0.id == target.id } ?? false
    }
    guard !isSingle else { return references(in: root).contains(where: isTarget) }
    let start = target.unversioned
    return paths.contains { path in
      !path.visit(root) { value in
        if path.type == .reference, let text = value["reference"], !text.mayBegin(with: start) {
          return true
        }
        return !(ReferenceValue(value, path).map(isTarget) ?? false)
      }
    }
  }

  func dates(in root: JSONValue, of resource: JSONValue? = nil) -> [DateInterval] {
    collect(root, resource) { value, path, found in
      ElementReader.date(value, path.type).map { found.append($0) }
    }
  }

  func strings(in root: JSONValue, of resource: JSONValue? = nil) -> [SearchText] {
    collect(root, resource) { value, path, found in
      ElementReader.strings(value, path.type, to: &found)
    }
  }

  func numbers(in root: JSONValue, of resource: JSONValue? = nil) -> [NumberInterval] {
    collect(root, resource) { value, path, found in
      ElementReader.number(value, path.type).map { found.append($0) }
    }
  }

  func quantities(in root: JSONValue, of resource: JSONValue? = nil) -> [QuantityValue] {
    collect(root, resource) { value, path, found in
      QuantityValue(value, path.type).map { found.append($0) }
    }
  }

  func uris(in root: JSONValue, of resource: JSONValue? = nil) -> [UriValue] {
    collect(root, resource) { value, path, found in
      UriValue(value, path.type).map { found.append($0) }
    }
  }

  func positions(in root: JSONValue) -> [GeoPosition] {
    collect(root, nil) { value, _, found in GeoPosition(value).map { found.append($0) } }
  }

  /// Whether there is a value (`:missing`).
  func isPresent(in root: JSONValue, of resource: JSONValue? = nil) -> Bool {
    switch kind {
    case .token: !tokens(in: root, of: resource).isEmpty
    case .reference: !references(in: root, of: resource).isEmpty
    case .date: !dates(in: root, of: resource).isEmpty
    case .string: !strings(in: root, of: resource).isEmpty
    case .number: !numbers(in: root, of: resource).isEmpty
    case .quantity: !quantities(in: root, of: resource).isEmpty
    case .uri: !uris(in: root, of: resource).isEmpty
    case .special: !positions(in: root).isEmpty
    case .composite: false
    }
  }
}

/// A URI in a resource; of a canonical one, the version is compared only if it is asked for.
struct UriValue: Hashable {
  let text: String
  let isCanonical: Bool

  init?(_ value: JSONValue, _ type: SearchPath.ElementType) {
    guard let text = value.string, !text.isEmpty else { return nil }
    self.text = text
    isCanonical = type == .canonical
  }

  /// Without the version of a canonical.
  var plain: String { isCanonical ? CanonicalText.split(text).url : text }
}
