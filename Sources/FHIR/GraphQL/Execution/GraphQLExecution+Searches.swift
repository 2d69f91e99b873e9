import Primitives

extension GraphQLExecution {
  /// Adds all matches of a search as a list.
  func addList(
    _ group: GraphQLSelectionReader.Group, _ type: String, of node: Node, into place: Place
  ) throws {
    let page = try page(group.field, type, isList: true, of: node)
    let found = try matches(page, group.field)
    let isList = group.field.directive("first") == nil
    if isList, group.field.directive("flatten") == nil, group.field.directive("slice") == nil,
      group.field.directive("singleton") == nil
    {
      // That there is none is said, too.
      try place.target.open(
        group.field.key + place.suffix, GraphQLObject.Shape(type: type, isList: true))
    }
    try emit(resources: found, group, isList: true, into: place)
  }

  /// Adds a page of a search, with the ways to other pages.
  func addConnection(
    _ group: GraphQLSelectionReader.Group, _ type: String, of node: Node, into place: Place
  ) throws {
    var page = try page(group.field, type, isList: false, of: node)
    // FHIR lets the filter come behind the paging: pages may be shorter then.
    page.resources = try matches(page, group.field)
    try emit([.connection(page, of: type)], group, isList: false, into: place)
  }

  private func page(
    _ field: GraphQLField, _ type: String, isList: Bool, of node: Node
  ) throws -> GraphQLPage {
    try budget.chargeQuestion()
    var focus: String?
    if case .element(let element) = node {
      // What is contained in a resource has no address that anything could refer to.
      guard let id = element.value["id"]?.string, Resource.isValidID(id),
        element.value.range == element.scope.root.range
      else { throw PeerChartError(.invalid, "nothing refers to what has no address of its own") }
      focus = "\(element.type.name)/\(id)"
    }
    return try records.page(GraphQLSearch(type, field, isList: isList, focus: focus, reader))
  }

  private func matches(_ page: GraphQLPage, _ field: GraphQLField) throws -> [Resource] {
    guard let text = reader.argument("fhirpath", of: field)?.text else { return page.resources }
    return try page.resources.filter { resource in
      try holds(
        text, for: FHIRPathItem(resource, types: StructureElementTypes.standard), resource)
    }
  }

  func emit(
    resources: [Resource], _ group: GraphQLSelectionReader.Group, isList: Bool, into place: Place
  ) throws {
    try emit(
      resources.compactMap { GraphQLElement($0) }.map(Node.element), group, isList: isList,
      into: place)
  }

  /// Adds a member of a connection.
  func add(
    _ kind: GraphQLFieldKind, of page: GraphQLPage, _ group: GraphQLSelectionReader.Group,
    into place: Place
  ) throws {
    func number(_ value: Int) throws {
      try add(.number(String(value)), "integer", group.field, place)
    }
    func text(_ value: String?) throws {
      guard let value else { return }
      try add(.string(value), "id", group.field, place, bytes: value.utf8.count)
    }
    switch kind {
    case .count: try number(page.count)
    case .offset: try number(page.offset)
    case .pageSize: try number(page.pageSize)
    case .first: try text(page.first)
    case .previous: try text(page.previous)
    case .next: try text(page.next)
    case .last: try text(page.last)
    case .edges: try emit(page.resources.map(Node.edge), group, isList: true, into: place)
    default: break
    }
  }
}
