/// An object in a resource that selections are made on: the resource itself, a part of it, or the
/// companion of a primitive.
struct GraphQLElement {
  let value: JSONValue
  let type: StructureType
  /// The resource whose parts these are: what `#id` refers to is contained in it.
  let scope: Resource
  /// Of a Reference, the types that it may lead to.
  var targets: [String] = []

  /// Nil for a resource of a type that the table does not have.
  init?(_ resource: Resource, in scope: Resource? = nil) {
    guard let type = StructureTable.r4.resource(resource.type) else { return nil }
    value = resource.root
    self.type = type
    self.scope = scope ?? resource
  }

  init(value: JSONValue, type: StructureType, scope: Resource, targets: [String] = []) {
    self.value = value
    self.type = type
    self.scope = scope
    self.targets = targets
  }

  /// The element as FHIRPath sees it.
  var item: FHIRPathItem {
    FHIRPathItem(
      value, type: StructureElementTypes.standard.type(named: type.name) ?? .unknown,
      types: StructureElementTypes.standard)
  }

  /// The values of a member: one, or those of an array.
  func values(_ name: String) -> [JSONValue] {
    guard let found = value[name] else { return [] }
    return found.kind == .array ? Array(found.elements) : [found]
  }
}

extension GraphQLExecution.Node {
  var type: GraphQLType {
    switch self {
    case .query: .query
    case .element(let element): .structure(element.type)
    case .connection(_, let type): .connection(type)
    case .edge(let resource): .edge(resource.type)
    }
  }

  var targets: [String] {
    if case .element(let element) = self { element.targets } else { [] }
  }
}
