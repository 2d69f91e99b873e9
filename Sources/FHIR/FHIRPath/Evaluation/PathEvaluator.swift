import Primitives

/// Evaluates the nodes of an expression. Each goes down into its operands; the depth of the tree is
/// bounded when it is made.
///
/// A class, so that the many closures that need it hold one reference.
final class PathEvaluator {
  let context: FHIRPathItem
  let environment: FHIRPathEnvironment
  let budget: FHIRPathBudget

  init(context: FHIRPathItem, environment: FHIRPathEnvironment, budget: FHIRPathBudget) {
    self.context = context
    self.environment = environment
    self.budget = budget
  }

  var types: any ElementTypes { environment.types }

  func fault(_ node: PathNode, _ reason: String) -> PeerChartError {
    PeerChartError(.invalid, reason, place: "character \(node.position)")
  }

  /// What a node gives. An error without a place is said to be here.
  func evaluate(
    _ node: PathNode, _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    do throws(PeerChartError) {
      try budget.charge()
      return try value(of: node, scope)
    } catch {
      throw error.place == nil
        ? PeerChartError(error.code, error.reason, place: "character \(node.position)") : error
    }
  }

  private func value(
    of node: PathNode, _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    switch node.operation {
    case .literal: return node.value
    case .this: return scope.this
    case .index: return FHIRPathCollection(scope.index.map { .integer($0) })
    case .total: return scope.total
    case .variable: return try variable(node)
    case .firstMember:
      if let found = typeMatch(node.text, scope.this) { return found }
      return try members(node.text, of: scope.this)
    case .member: return try members(node.text, of: evaluate(node.operands[0], scope))
    case .indexer:
      let items = try evaluate(node.operands[0], scope)
      guard let index = try integer(node.operands[1], scope) else { return .empty }
      return index >= 0 && index < items.count
        ? FHIRPathCollection(items[Int(index)]) : .empty
    case .and, .or, .xor, .implies: return try logic(node, scope)
    case .call(let function): return try call(function, node, scope)
    case .isType:
      return try isType(evaluate(node.operands[0], scope), node)
    case .asType: return try only(evaluate(node.operands[0], scope), ofTypeOf: node)
    case .union:
      let left = try evaluate(node.operands[0], scope)
      return try union(left, evaluate(node.operands[1], scope))
    case .equal, .notEqual, .equivalent, .notEquivalent: return try comparison(node, scope)
    case .isIn, .contains: return try membership(node, scope)
    case .less, .lessOrEqual, .greater, .greaterOrEqual: return try order(node, scope)
    case .negate, .unaryPlus, .multiply, .divide, .wholeDivide, .remainder, .add, .subtract,
      .concatenate:
      return try arithmetic(node, scope)
    }
  }

  // MARK: Names

  private func variable(_ node: PathNode) throws(PeerChartError) -> FHIRPathCollection {
    switch node.text {
    case "context": return FHIRPathCollection(context)
    case "resource": return FHIRPathCollection(environment.resource ?? context)
    case "rootResource":
      return FHIRPathCollection(environment.rootResource ?? environment.resource ?? context)
    case "ucum": return FHIRPathCollection(.string("http://unitsofmeasure.org"))
    case "sct": return FHIRPathCollection(.string("http://snomed.info/sct"))
    case "loinc": return FHIRPathCollection(.string("http://loinc.org"))
    default: break
    }
    if let value = environment.variables[node.text] { return value }
    if node.text.hasPrefix("vs-") {
      return FHIRPathCollection(.string("http://hl7.org/fhir/ValueSet/" + node.text.dropFirst(3)))
    }
    if node.text.hasPrefix("ext-") {
      return FHIRPathCollection(
        .string("http://hl7.org/fhir/StructureDefinition/" + node.text.dropFirst(4)))
    }
    throw fault(node, "a variable of this name is not known")
  }

  /// `Patient` at the beginning of an expression is the context itself where that is a Patient.
  private func typeMatch(_ name: String, _ items: FHIRPathCollection) -> FHIRPathCollection? {
    guard let first = name.utf8.first, (0x41...0x5A).contains(first),
      let element = items.single?.element, let type = types.type(named: name)
    else { return nil }
    return types.isType(element.type, type) ? items : nil
  }

  func members(
    _ name: String, of items: FHIRPathCollection
  ) throws(PeerChartError) -> FHIRPathCollection {
    var found = FHIRPathCollection()
    for item in items {
      switch item {
      case .element(let element):
        try element.forEachChild(named: name, in: types) { child throws(PeerChartError) in
          try budget.charge()
          found.append(.element(child))
          return true
        }
      case .typeInfo(let namespace, let own):
        if name == "namespace" { found.append(.string(namespace)) }
        if name == "name" { found.append(.string(own)) }
      default: break
      }
    }
    try budget.check(items: found.count)
    return found
  }

  // MARK: Single values (FHIRPath 2.0, 4.5)

  /// The truth of a collection: of a single Boolean its own, of any other single item true; nil for
  /// none.
  func truth(of items: FHIRPathCollection, _ node: PathNode) throws(PeerChartError) -> Bool? {
    guard !items.isEmpty else { return nil }
    guard let item = items.single else {
      throw fault(node, "there are several items where one may be")
    }
    return item.boolean ?? true
  }

  /// The only item; nil for none.
  func single(
    _ items: FHIRPathCollection, _ node: PathNode
  ) throws(PeerChartError) -> FHIRPathItem? {
    guard !items.isEmpty else { return nil }
    guard let item = items.single else {
      throw fault(node, "there are several items where one may be")
    }
    return item
  }

  /// The integer that an operand gives; nil for `{}`.
  func integer(_ node: PathNode, _ scope: PathScope) throws(PeerChartError) -> Int32? {
    guard let item = try single(evaluate(node, scope), node) else { return nil }
    guard case .integer(let value) = item.plain else {
      throw fault(node, "an integer is missing here")
    }
    return value
  }

  /// The string that an operand gives; nil for `{}`.
  func string(_ node: PathNode, _ scope: PathScope) throws(PeerChartError) -> String? {
    guard let item = try single(evaluate(node, scope), node) else { return nil }
    guard let text = stringValue(item) else { throw fault(node, "a string is missing here") }
    try budget.charge(text: text.utf8.count)
    return text
  }

  /// The text of a string item; dates count as strings where they stand in a resource.
  func stringValue(_ item: FHIRPathItem) -> String? {
    switch item {
    case .string(let text): return text
    case .element(let element):
      guard let node = element.scalar, node.kind == .string else { return nil }
      return element.storage.text(of: node)
    default: return nil
    }
  }

  func result(_ truth: Bool?) -> FHIRPathCollection {
    FHIRPathCollection(truth.map { .boolean($0) })
  }
}
