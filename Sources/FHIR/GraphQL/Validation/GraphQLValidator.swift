import Primitives

/// Holds a request against what FHIR defines: fields, arguments, directives and types that are not known
/// are errors before anything is read (R4 graphql.html, Error Handling).
struct GraphQLValidator {
  let request: GraphQLRequest
  let reader: GraphQLSelectionReader
  /// Sets that were looked at on a type: many ways lead to one of them.
  private var known: [Look: GraphQLFault?] = [:]
  private var stepsLeft: Int

  private struct Look: Hashable {
    let set: Int
    let type: String
  }

  init(_ request: GraphQLRequest) {
    self.request = request
    reader = GraphQLSelectionReader(request)
    stepsLeft = request.limits.validationSteps
  }

  /// - Parameter type: that of the resource which the request is about; nil for the whole node.
  mutating func check(on type: String?) throws(GraphQLFault) {
    let operation = request.operation
    guard operation.directives.isEmpty else {
      throw fault("an operation has no directives here", operation.offset)
    }
    for variable in operation.variables where variable.value != nil {
      guard let value = variable.value, GraphQLVariables.isOf(variable.type, value) else {
        throw fault("the default of a variable is of another type", variable.offset)
      }
    }
    guard let root = type.map({ GraphQLType.resource($0) }) ?? .query else {
      throw fault("FHIR R4 has no resource type of that name", operation.offset)
    }
    try check(operation.selections, on: root)
  }

  // MARK: Selections

  /// - Parameter targets: of a Reference, the types that it may lead to.
  private mutating func check(
    _ set: GraphQLSelectionSet, on type: GraphQLType, targets: [String] = []
  ) throws(GraphQLFault) {
    let look = Look(set: set.number, type: Self.name(type, targets))
    if let known = known[look] {
      if let known { throw known }
      return
    }
    do throws(GraphQLFault) {
      for selection in set.selections { try check(selection, on: type, targets) }
      if case .anyOf = type {
        // What two fields of one name are is told by the type of each resource.
      } else {
        do throws(PeerChartError) { _ = try reader.groups(of: [set], on: type) } catch {
          throw request.source.fault(error, at: Self.offset(of: set))
        }
      }
      known[look] = .some(nil)
    } catch {
      known[look] = error
      throw error
    }
  }

  private static func name(_ type: GraphQLType, _ targets: [String]) -> String {
    if case .anyOf(let types) = type { return "?" + types.joined(separator: "|") }
    return type.name + (targets.isEmpty ? "" : "(" + targets.joined(separator: "|") + ")")
  }

  private static func offset(of set: GraphQLSelectionSet) -> Int {
    switch set.selections.first {
    case .field(let field): field.offset
    case .spread(_, _, let offset), .inline(_, _, _, let offset): offset
    case nil: 0
    }
  }

  private mutating func check(
    _ selection: GraphQLSelection, on type: GraphQLType, _ targets: [String]
  ) throws(GraphQLFault) {
    stepsLeft -= 1
    guard stepsLeft >= 0 else {
      throw request.source.fault(
        PeerChartError(.tooLarge, "what is selected is too much to be checked"), at: 0)
    }
    switch selection {
    case .field(let field):
      if case .anyOf(let types) = type {
        try check(field, onAnyOf: types)
      } else {
        try check(field, on: type, targets)
      }
    case .inline(let condition, let directives, let inner, let offset):
      try checkConditions(directives)
      try check(inner, for: condition, on: type, targets, offset)
    case .spread(let name, let directives, let offset):
      try checkConditions(directives)
      guard let fragment = request.document.fragments[name] else { return }
      guard fragment.directives.isEmpty else {
        throw fault("a fragment has no directives here", fragment.offset)
      }
      try check(fragment.selections, for: fragment.type, on: type, targets, offset)
    }
  }

  private mutating func check(
    _ set: GraphQLSelectionSet, for condition: String?, on type: GraphQLType, _ targets: [String],
    _ offset: Int
  ) throws(GraphQLFault) {
    guard let condition, !type.isA(condition) else {
      return try check(set, on: type, targets: targets)
    }
    guard GraphQLType.names.contains(condition) else {
      throw fault("a fragment is for a type that is not known", offset)
    }
    guard case .anyOf = type else {
      throw fault("a fragment is for a type that cannot be here", offset)
    }
    switch condition {
    case "Resource", "DomainResource": try check(set, on: type)
    default:
      guard let resource = GraphQLType.resource(condition) else {
        throw fault("a fragment is for a type that cannot be here", offset)
      }
      try check(set, on: resource)
    }
  }

  /// A field of what may be of several types is right where one of them has it.
  private mutating func check(
    _ field: GraphQLField, onAnyOf types: [String]
  ) throws(GraphQLFault) {
    var first: GraphQLFault?
    for name in types.isEmpty ? ResourceType.names.sorted() : types {
      guard let type = GraphQLType.resource(name) else { continue }
      stepsLeft -= 1
      guard stepsLeft >= 0 else { break }
      do throws(GraphQLFault) {
        return try check(field, on: type, [])
      } catch {
        first = first ?? error
      }
    }
    throw first ?? unknown(field)
  }

  private mutating func check(
    _ field: GraphQLField, on type: GraphQLType, _ targets: [String]
  ) throws(GraphQLFault) {
    guard field.name != "__schema", field.name != "__type" else {
      throw request.source.fault(
        PeerChartError(
          .notSupported,
          "introspection is not offered: the types are those of FHIR R4, with its search parameters"
        ),
        at: field.offset)
    }
    guard let kind = GraphQLFieldKind(field.name, on: type, targets: targets) else {
      throw unknown(field)
    }
    try GraphQLArguments(self, field).check(kind, on: type)
    try checkDirectives(of: field, kind)
    guard let inner = reader.inner(of: field, kind) else {
      guard field.selections == nil else {
        throw fault("nothing can be selected of a scalar", field.offset)
      }
      return
    }
    guard let set = field.selections else {
      throw fault("say what of this is wanted", field.offset)
    }
    try check(set, on: inner, targets: kind.targets)
  }

  // MARK: Directives

  private func checkDirectives(
    of field: GraphQLField, _ kind: GraphQLFieldKind
  ) throws(GraphQLFault) {
    try check(
      field.directives, among: ["skip", "include", "flatten", "first", "singleton", "slice"])
    if let flatten = field.directive("flatten"), kind.inner == nil {
      throw fault("a scalar has nothing to put in its place", flatten.offset)
    }
    if let slice = field.directive("slice"), field.directive("first") != nil {
      throw fault("@slice and @first do not go together", slice.offset)
    }
  }

  private func checkConditions(_ directives: [GraphQLDirective]) throws(GraphQLFault) {
    try check(directives, among: ["skip", "include"])
  }

  private func check(
    _ directives: [GraphQLDirective], among names: Set<String>
  ) throws(GraphQLFault) {
    var seen: Set<String> = []
    for directive in directives {
      guard names.contains(directive.name) else {
        throw fault("there is no such directive here", directive.offset)
      }
      guard seen.insert(directive.name).inserted else {
        throw fault("a directive stands twice", directive.offset)
      }
      let values = directive.arguments.map { ($0.name, reader.value($0.value)) }
      switch (directive.name, values.count, values.first?.0, values.first?.1) {
      case ("skip", 1, "if", .boolean), ("include", 1, "if", .boolean): break
      case ("slice", 1, "path", .string): break
      case ("flatten", 0, _, _), ("first", 0, _, _), ("singleton", 0, _, _): break
      default: throw fault("a directive has other arguments", directive.offset)
      }
    }
  }

  func fault(_ reason: String, _ offset: Int) -> GraphQLFault {
    request.source.fault(PeerChartError(.invalid, reason), at: offset)
  }

  private func unknown(_ field: GraphQLField) -> GraphQLFault {
    fault("there is no field of that name here", field.offset)
  }
}

extension GraphQLSelectionReader {
  /// The type of what is selected of a field; nil where nothing can be.
  func inner(of field: GraphQLField, _ kind: GraphQLFieldKind) -> GraphQLType? {
    guard case .target = kind, let types = types(of: field) else { return kind.inner }
    return types.count == 1 ? .resource(types[0]) : .anyOf(types)
  }
}
