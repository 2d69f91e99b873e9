import Primitives

/// Answers one request: walks its selections and the resources together.
final class GraphQLExecution {
  let request: GraphQLRequest
  let reader: GraphQLSelectionReader
  let records: any GraphQLRecords
  let budget: GraphQLBudget
  let time: Instant
  private var faults: [GraphQLFault] = []
  private var paths: [String: FHIRPath] = [:]

  /// Beyond this many, errors are not listed.
  private static let mostFaults = 100

  /// What selections are made on.
  enum Node {
    case query
    case element(GraphQLElement)
    case connection(GraphQLPage, of: String)
    case edge(Resource)
  }

  /// Where the values of a selection go.
  struct Place {
    let target: GraphQLObject
    /// Whether something that was flattened has made lists of what is in it.
    var isInherited = false
    /// What `@slice` adds to names.
    var suffix = ""
    var path: [GraphQLFault.Step]
  }

  init(_ request: GraphQLRequest, _ records: any GraphQLRecords, _ time: Instant) {
    self.request = request
    self.records = records
    self.time = time
    reader = GraphQLSelectionReader(request)
    budget = GraphQLBudget(request.limits)
  }

  func answer(about focus: Resource?) throws -> GraphQLAnswer {
    let target = GraphQLObject()
    let node = focus.flatMap { GraphQLElement($0) }.map(Node.element) ?? .query
    try select([request.operation.selections], of: node, into: Place(target: target, path: []))
    return GraphQLAnswer(
      data: faults.isEmpty || target.hasContent ? target.tree : .null, faults: faults,
      hasData: faults.isEmpty || target.hasContent)
  }

  /// Adds the fields that are selected of a node. A field that fails is null, and says why.
  func select(_ sets: [GraphQLSelectionSet], of node: Node, into place: Place) throws {
    let type = node.type
    for group in try reader.groups(of: sets, on: type) {
      guard let kind = GraphQLFieldKind(group.field.name, on: type, targets: node.targets) else {
        // Another of the types that could have been here has it.
        continue
      }
      var place = place
      place.path.append(.name(group.field.key))
      do {
        try add(group, kind, of: node, into: place)
      } catch let error as PeerChartError where concernsField(error) {
        if faults.count < Self.mostFaults {
          faults.append(
            request.source.fault(
              PeerChartError(error.code, error.reason), at: group.field.offset, path: place.path))
        }
        place.target.fail(group.field.key + place.suffix)
      }
    }
  }

  /// Whether the rest can be answered all the same.
  private func concernsField(_ error: PeerChartError) -> Bool {
    switch error.code {
    case .malformed, .invalid, .notFound, .forbidden, .gone, .tooLarge, .notSupported: true
    case .tooCostly: !budget.isExhausted
    default: false
    }
  }

  private func add(
    _ group: GraphQLSelectionReader.Group, _ kind: GraphQLFieldKind, of node: Node,
    into place: Place
  ) throws {
    switch (kind, node) {
    case (.typeName, _): try add(.string(node.type.name), "__typename", group.field, place)
    case (.resourceType, .element(let element)):
      try add(.string(element.type.name), "code", group.field, place)
    case (.element(let member), .element(let element)):
      try add(group, member, of: element, into: place)
    case (.companion(let member), .element(let element)):
      try add(group, companionsOf: member, of: element, into: place)
    case (.target, .element(let element)): try addTarget(group, of: element, into: place)
    case (.read(let type), _):
      try budget.chargeQuestion()
      let id = reader.argument("id", of: group.field)?.text ?? ""
      let resource = try records.read(type, id: id)
      try emit(resources: [resource], group, isList: false, into: place)
    case (.list(let type), _): try addList(group, type, of: node, into: place)
    case (.connection(let type), _): try addConnection(group, type, of: node, into: place)
    case (_, .connection(let page, _)): try add(kind, of: page, group, into: place)
    case (.match, .edge(let resource)):
      try emit(resources: [resource], group, isList: false, into: place)
    case (.mode, .edge): try add("match", "code", group.field, place)
    default: break
    }
  }

  /// Adds a scalar.
  func add(
    _ tree: JSONTree, _ type: String, _ field: GraphQLField, _ place: Place, isList: Bool = false,
    ending: String = "", bytes: Int = 8
  ) throws(PeerChartError) {
    try budget.charge(bytes: bytes + field.key.utf8.count + ending.utf8.count)
    try place.target.add(
      .scalar(tree), as: field.key + ending,
      GraphQLObject.Shape(
        type: type, isList: isList || place.isInherited,
        isSingle: field.directive("singleton") != nil))
  }

  /// Adds objects, or with `@flatten` what is selected of them.
  func emit(
    _ nodes: [Node], _ group: GraphQLSelectionReader.Group, isList: Bool, into place: Place
  ) throws {
    let field = group.field
    let isFirst = field.directive("first") != nil
    let flattens = field.directive("flatten") != nil
    let isList = isList && !isFirst
    for (position, node) in (isFirst ? Array(nodes.prefix(1)) : nodes).enumerated() {
      let ending = try place.suffix + slice(field, node, position)
      var inner = place
      if isList { inner.path.append(.position(position)) }
      guard !flattens else {
        inner.suffix = ending
        inner.isInherited = place.isInherited || isList
        try select(group.sets, of: node, into: inner)
        continue
      }
      try budget.charge(bytes: 8 + field.key.utf8.count + ending.utf8.count)
      let object = GraphQLObject()
      try select(group.sets, of: node, into: Place(target: object, path: inner.path))
      try place.target.add(
        .object(object), as: field.key + ending,
        GraphQLObject.Shape(
          type: node.type.name, isList: isList || place.isInherited,
          isSingle: field.directive("singleton") != nil))
    }
  }

  // MARK: FHIRPath

  /// What `@slice` adds to a name.
  func slice(_ field: GraphQLField, _ node: Node, _ position: Int) throws(PeerChartError) -> String
  {
    guard case .element(let element) = node else { return "" }
    return try slice(field, element.item, element.scope, position)
  }

  func slice(
    _ field: GraphQLField, _ item: FHIRPathItem, _ scope: Resource, _ position: Int
  ) throws(PeerChartError) -> String {
    guard let argument = field.directive("slice")?.arguments.first,
      case .string(let text) = reader.value(argument.value)
    else { return "" }
    if text == "$index" { return ".\(position)" }
    let found = try path(text).evaluate(
      on: item, in: environment(scope), budget: budget.path)
    return "." + (found.first?.text ?? "")
  }

  func holds(
    _ text: String, for item: FHIRPathItem, _ scope: Resource
  ) throws(PeerChartError) -> Bool {
    try path(text).holds(for: item, in: environment(scope), budget: budget.path) ?? false
  }

  private func path(_ text: String) throws(PeerChartError) -> FHIRPath {
    if let known = paths[text] { return known }
    let path = try FHIRPath(text)
    paths[text] = path
    return path
  }

  private func environment(_ scope: Resource) -> FHIRPathEnvironment {
    let types = StructureElementTypes.standard
    return FHIRPathEnvironment(
      types: types, resource: FHIRPathItem(scope, types: types), now: time)
  }
}
