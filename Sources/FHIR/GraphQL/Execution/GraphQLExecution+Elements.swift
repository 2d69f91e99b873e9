import Primitives

extension GraphQLExecution {
  /// Adds an element. What is not there is not in the answer, as in FHIR's JSON.
  func add(
    _ group: GraphQLSelectionReader.Group, _ member: StructureType.Member,
    of element: GraphQLElement, into place: Place
  ) throws {
    let values = element.values(group.field.name)
    let isList = member.element.isArray
    guard member.type.primitive == nil else {
      return try add(values, group.field, member, isList: isList, element.scope, into: place)
    }
    let targets = GraphQLFieldKind.element(member).targets
    var found = values.compactMap { value -> GraphQLElement? in
      guard value.kind == .object else { return nil }
      if let type = StructureTable.r4.type(member.type.structure), !type.isAbstract {
        return GraphQLElement(value: value, type: type, scope: element.scope, targets: targets)
      }
      // A resource in a resource says of what type it is. A contained one shares its container.
      guard let resource = try? Resource(value) else { return nil }
      let scope = member.element.name == "contained" ? element.scope : resource
      return GraphQLElement(resource, in: scope)
    }
    found = try filter(found, group.field)
    try emit(found.map(Node.element), group, isList: isList, into: place)
  }

  /// Adds a primitive's values as they were written.
  private func add(
    _ values: [JSONValue], _ field: GraphQLField, _ member: StructureType.Member, isList: Bool,
    _ scope: Resource, into place: Place
  ) throws {
    let isFirst = field.directive("first") != nil
    var position = 0
    for value in values {
      switch value.kind {
      case .string, .number, .bool: break
      case .object, .array, .null: continue
      }
      var ending = place.suffix
      if field.directive("slice") != nil {
        let types = StructureElementTypes.standard
        let item = FHIRPathItem(
          value, type: types.type(named: member.type.code) ?? .unknown, types: types)
        ending += try slice(field, item, scope, position)
      }
      try add(
        .raw(Array(value.raw)), member.type.code, field, place, isList: isList && !isFirst,
        ending: ending, bytes: value.raw.count)
      position += 1
      if isFirst { return }
    }
  }

  /// Adds the companions of a primitive's values: their ids and extensions.
  func add(
    _ group: GraphQLSelectionReader.Group, companionsOf member: StructureType.Member,
    of element: GraphQLElement, into place: Place
  ) throws {
    guard let type = StructureTable.r4.type("Element") else { return }
    let found = element.values(group.field.name).filter { $0.kind == .object }
      .map { Node.element(GraphQLElement(value: $0, type: type, scope: element.scope)) }
    try emit(found, group, isList: member.element.isArray, into: place)
  }

  /// The elements that the arguments of a field leave (R4 graphql.html, List Navigation).
  private func filter(
    _ elements: [GraphQLElement], _ field: GraphQLField
  ) throws -> [GraphQLElement] {
    guard !field.arguments.isEmpty else { return elements }
    var found = elements
    var offset = 0
    var count = Int.max
    for argument in field.arguments {
      guard let value = reader.argument(argument.name, of: field), let text = value.text else {
        continue
      }
      switch argument.name {
      case "fhirpath": found = try found.filter { try holds(text, for: $0.item, $0.scope) }
      case "_offset": offset = Int(text) ?? 0
      case "_count": count = Int(text) ?? .max
      default:
        found = found.filter { element in
          element.values(argument.name).contains { Self.text(of: $0) == text }
        }
      }
    }
    return Array(found.dropFirst(offset).prefix(count))
  }

  private static func text(of value: JSONValue) -> String? {
    value.string ?? value.numberLiteral ?? value.bool.map { $0 ? "true" : "false" }
  }

  // MARK: References

  /// Adds what a Reference leads to (R4 graphql.html, Resource references).
  func addTarget(
    _ group: GraphQLSelectionReader.Group, of element: GraphQLElement, into place: Place
  ) throws {
    try budget.chargeQuestion()
    let types = reader.types(of: group.field)
    guard let target = try target(of: element) else {
      if reader.argument("optional", of: group.field) == .boolean(true) { return }
      // Of a type that is not asked for anyway there is nothing to miss.
      if let types, let named = Self.type(of: element), !types.contains(named) { return }
      throw PeerChartError(
        .notFound, "a reference leads to nothing that you may read; optional: true lets it be")
    }
    guard types?.contains(target.type.name) ?? true else { return }
    try emit([.element(target)], group, isList: false, into: place)
  }

  private func target(of element: GraphQLElement) throws -> GraphQLElement? {
    guard let text = element.value["reference"]?.string else { return nil }
    if text.utf8.first == 0x23 {
      let id = String(text.dropFirst())
      if id.isEmpty { return GraphQLElement(element.scope) }
      let contained = element.scope.root["contained"].map { Array($0.elements) } ?? []
      return contained.first { $0["id"]?.isString(id) ?? false }
        .flatMap { try? Resource($0) }.flatMap { GraphQLElement($0, in: element.scope) }
    }
    guard let target = ReferenceTarget(parsing: text), target.base == nil,
      ResourceType.isKnown(target.type), Resource.isValidID(target.id)
    else { return nil }
    return try records.resource(ReferenceTarget(type: target.type, id: target.id))
      .flatMap { GraphQLElement($0) }
  }

  private static func type(of element: GraphQLElement) -> String? {
    element.value["reference"]?.string.flatMap { ReferenceTarget(parsing: $0) }?.type
  }
}
