import Primitives

extension PathEvaluator {
  /// `is`: of a single item.
  func isType(
    _ items: FHIRPathCollection, _ node: PathNode
  ) throws(PeerChartError) -> FHIRPathCollection {
    guard let item = try single(items, node), let name = node.typeName else { return .empty }
    return result(matches(item, name))
  }

  /// `as`, `as()` and `ofType()`: the items of a type. FHIR's search parameters use `as` on several
  /// items, so that it filters here as `ofType` does.
  func only(
    _ items: FHIRPathCollection, ofTypeOf node: PathNode
  ) throws(PeerChartError) -> FHIRPathCollection {
    guard let name = node.typeName else { return .empty }
    var found = FHIRPathCollection()
    for item in items where matches(item, name) { found.append(item) }
    try budget.charge(items.count)
    return found
  }

  private func matches(_ item: FHIRPathItem, _ name: PathTypeName) -> Bool {
    if case .element(let element) = item {
      if name.namespace == .system { return false }
      if let type = types.type(named: name.name) { return matches(element, type) }
      // R4's own invariants say `Boolean` and `DateTime` where they mean FHIR's types (que-7).
      if name.namespace == .any, let type = Self.primitive(ofSystem: name.name) {
        return matches(element, type)
      }
      return false
    }
    return name.namespace != .fhir && item.systemTypeName == name.name
  }

  private func matches(_ element: FHIRPathElement, _ type: ElementType) -> Bool {
    if element.type != .unknown { return types.isType(element.type, type) }
    guard let node = element.scalar else { return type == .element && element.value != nil }
    switch node.kind {
    case .bool: return type == .boolean || type == .element
    case .number:
      let isInteger = if case .integer = element.systemValue { true } else { false }
      return type == (isInteger ? .integer : .decimal) || type == .element
    default: return type == .string || type == .element
    }
  }

  private static func primitive(ofSystem name: String) -> ElementType? {
    switch name {
    case "Boolean": .boolean
    case "String": .string
    case "Integer": .integer
    case "Decimal": .decimal
    case "Date": .date
    case "DateTime": .dateTime
    case "Time": .time
    default: nil
    }
  }

  /// `type()`: the namespace and the name of each item's type.
  func typeInfo(_ items: FHIRPathCollection) throws(PeerChartError) -> FHIRPathCollection {
    var found = FHIRPathCollection()
    for item in items {
      try budget.charge()
      if case .element(let element) = item {
        found.append(.typeInfo(namespace: "FHIR", name: types.name(of: element.type)))
      } else {
        found.append(.typeInfo(namespace: "System", name: item.systemTypeName))
      }
    }
    return found
  }
}

extension FHIRPathItem {
  /// The name of the System type; empty for an element.
  var systemTypeName: String {
    switch self {
    case .element: ""
    case .boolean: "Boolean"
    case .integer: "Integer"
    case .decimal: "Decimal"
    case .string: "String"
    case .quantity: "Quantity"
    case .typeInfo: "TypeInfo"
    case .temporal(let value):
      switch value.kind {
      case .date: "Date"
      case .dateTime: "DateTime"
      case .time: "Time"
      }
    }
  }
}
