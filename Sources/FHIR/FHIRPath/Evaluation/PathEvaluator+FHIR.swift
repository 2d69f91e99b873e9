import Primitives

extension PathEvaluator {
  /// The functions that FHIR R4 adds (fhirpath.html, "Additional functions").
  func fhir(
    _ function: FHIRPathFunction, _ node: PathNode, _ input: FHIRPathCollection,
    _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    switch function {
    case .extension:
      guard let url = try string(node.operands[1], scope) else { return .empty }
      return try extensions(url, of: input)
    case .hasValue: return result(input.single.map { hasValue($0) } ?? false)
    case .getValue:
      return input.single.map { FHIRPathCollection(hasValue($0) ? $0.plain : nil) } ?? .empty
    case .resolve:
      var found = FHIRPathCollection()
      for item in input {
        try budget.charge()
        if let target = try resolved(item) { found.append(target) }
      }
      return found
    case .memberOf:
      guard let item = try single(input, node), let membership = environment.membership,
        let valueSet = try string(node.operands[1], scope)
      else { return .empty }
      return result(membership(item, valueSet))
    case .conformsTo:
      guard let item = try single(input, node), let conformance = environment.conformance,
        let profile = try string(node.operands[1], scope)
      else { return .empty }
      return result(conformance(item, profile))
    default:
      guard let item = try single(input, node) else { return .empty }
      guard let text = stringValue(item) else { return result(false) }
      // Each byte is looked at a few times.
      try budget.charge(1 + text.utf8.count / 2)
      return result(NarrativeMarkup.isAllowed(text))
    }
  }

  private func extensions(
    _ url: String, of input: FHIRPathCollection
  ) throws(PeerChartError) -> FHIRPathCollection {
    var found = FHIRPathCollection()
    for case .element(let element) in input {
      try element.forEachChild(named: "extension", in: types) { child throws(PeerChartError) in
        try budget.charge()
        if child.value?["url"]?.isString(url) ?? false { found.append(.element(child)) }
        return true
      }
    }
    return found
  }

  private func hasValue(_ item: FHIRPathItem) -> Bool {
    if case .element(let element) = item { element.scalar != nil } else { true }
  }

  /// The resource that a Reference, or a uri or canonical, means: one that is contained, or what the
  /// resolver finds.
  private func resolved(_ item: FHIRPathItem) throws(PeerChartError) -> FHIRPathItem? {
    guard let element = item.element ?? environment.resource?.element ?? context.element else {
      return nil
    }
    var reference: String?
    if let object = item.element?.value, object.kind == .object {
      reference = object["reference"]?.string
    } else {
      reference = stringValue(item)
    }
    guard let reference else { return nil }
    try budget.charge(text: reference.utf8.count)
    guard reference.utf8.first == 0x23 else { return environment.resolver?(reference, element) }
    let root = environment.rootResource ?? environment.resource ?? context
    if reference.utf8.count == 1 { return root }
    let id = String(reference.dropFirst())
    var found: FHIRPathItem?
    try root.element?.forEachChild(named: "contained", in: types) { child throws(PeerChartError) in
      try budget.charge()
      if child.value?["id"]?.isString(id) ?? false { found = .element(child) }
      return found == nil
    }
    return found
  }
}
