extension ValidationRun {
  /// The elements of a list that a profile cuts into slices: each goes by the first slice whose
  /// discriminators it has (R4 5.1.0.6).
  func checkSlices(
    _ elements: [ValidationElement], _ node: ProfileNode, below place: ValidationPlace,
    version: String, in context: ValidationContext
  ) {
    guard let slicing = node.slicing, !slicing.discriminators.isEmpty else { return }
    var counts = Array(repeating: 0, count: node.slices.count)
    var furthest = 0
    var isBehindOpen = false
    for element in elements {
      guard issues.step() else { return }
      let index = node.slices.firstIndex {
        matches(element, $0, slicing, version: version, in: context)
      }
      guard let index else {
        isBehindOpen = true
        if slicing.rules == .closed {
          error(.structure, "the profile allows nothing here but its slices", at: element.place)
        }
        continue
      }
      counts[index] += 1
      if slicing.isOrdered && index < furthest {
        error(.structure, "the slices of the profile stand in another order", at: element.place)
      }
      if slicing.rules == .openAtEnd && isBehindOpen {
        error(.structure, "what is in no slice must stand behind the slices", at: element.place)
      }
      furthest = max(furthest, index)
      check(element, node.slices[index], version: version, in: context)
    }
    for (slice, count) in zip(node.slices, counts) { checkCount(count, slice, below: place) }
  }

  private func matches(
    _ element: ValidationElement, _ slice: ProfileNode, _ slicing: ProfileNode.Slicing,
    version: String, in context: ValidationContext
  ) -> Bool {
    slicing.discriminators.allSatisfy { discriminator in
      let path = discriminator.path.filter { $0 != "$this" }
      let found = values(at: path[...], from: element, in: context)
      switch discriminator.kind {
      case .value, .pattern:
        return matches(found, expectation(at: path[...], in: slice, version: version))
      case .type:
        let codes = node(at: path[...], in: slice)?.types.map(\.code) ?? []
        return found.contains { codes.contains($0.typeName) }
      case .exists:
        guard let rule = node(at: path[...], in: slice) else { return false }
        return rule.maximum == 0 ? found.isEmpty : !found.isEmpty
      case .profile:
        let keys = node(at: path[...], in: slice)?.types.flatMap(\.profiles) ?? []
        return keys.contains { key in
          guard let rules = profiles.profile(key, near: version) else { return false }
          return found.contains { value in
            let trial = attempt { check(value, rules.root, version: rules.version, in: context) }
            issues.settle(trial, keep: false)
            return !trial.hasErrors
          }
        }
      }
    }
  }

  /// What a slice expects at the path of a discriminator.
  private enum Expectation {
    case fixed(JSONValue)
    case pattern(JSONValue)
    case text(String)
    case binding(StructureElement.Binding)
    case nothing
  }

  private func expectation(
    at path: ArraySlice<String>, in node: ProfileNode, version: String
  ) -> Expectation {
    if let expected = node.expected {
      guard let value = expected.value.first(at: path) else { return .nothing }
      return expected.isFixed ? .fixed(value) : .pattern(value)
    }
    guard let step = path.first else {
      return node.binding.map { $0.isRequired ? .binding($0) : .nothing } ?? .nothing
    }
    let rest = path.dropFirst()
    if let child = node.child(step) {
      let found = expectation(at: rest, in: child, version: version)
      if case .nothing = found {} else { return found }
      for slice in child.slices {
        let found = expectation(at: rest, in: slice, version: version)
        if case .nothing = found {} else { return found }
      }
    }
    guard let key = node.types.first?.profiles.first else { return .nothing }
    // The slice of an extension says which by the profile; that is where its URL comes from.
    if step == "url" { return .text(ProfileTable.url(of: key)) }
    guard let rules = profiles.profile(key, near: version) else { return .nothing }
    return expectation(at: path, in: rules.root, version: rules.version)
  }

  private func matches(_ found: [ValidationElement], _ expectation: Expectation) -> Bool {
    found.contains { element in
      switch expectation {
      case .fixed(let value): element.value?.isEqual(to: value) ?? false
      case .pattern(let value): element.value?.contains(pattern: value) ?? false
      case .text(let text): element.value?.isString(text) ?? false
      case .binding(let binding): membership(of: element, in: binding) == .inside
      case .nothing: false
      }
    }
  }

  /// The node of a slice at a path; `$this` is the slice itself.
  private func node(at path: ArraySlice<String>, in node: ProfileNode) -> ProfileNode? {
    var current = node
    for step in path where step != "resolve()" {
      guard let next = current.child(step) else { return nil }
      current = next
    }
    return current
  }

  /// The elements that a discriminator's path leads to.
  private func values(
    at path: ArraySlice<String>, from element: ValidationElement, in context: ValidationContext
  ) -> [ValidationElement] {
    guard let step = path.first else { return [element] }
    let rest = path.dropFirst()
    guard step == "resolve()" else {
      return element.children(step).flatMap { values(at: rest, from: $0, in: context) }
    }
    guard let text = element.value?["reference"]?.string, let target = context.resolve(text) else {
      return []
    }
    return values(at: rest, from: target, in: context)
  }
}
