import Primitives

/// Checks the arguments of one field (R4 graphql.html, Field Arguments and Searching resources).
struct GraphQLArguments {
  private let validator: GraphQLValidator
  private let field: GraphQLField

  init(_ validator: GraphQLValidator, _ field: GraphQLField) {
    self.validator = validator
    self.field = field
  }

  func check(_ kind: GraphQLFieldKind, on type: GraphQLType) throws(GraphQLFault) {
    switch kind {
    case .element(let member) where member.type.primitive == nil:
      try checkElement(GraphQLFieldKind.element(member).inner)
    case .target(let targets): try checkTarget(targets)
    case .read:
      try only(["id"])
      guard let value = value("id"), value.text != nil else {
        throw validator.fault("this wants the id of a record", field.offset)
      }
    case .list(let resource): try checkSearch(resource, on: type, isConnection: false)
    case .connection(let resource): try checkSearch(resource, on: type, isConnection: true)
    default: try only([])
    }
  }

  private func checkElement(_ inner: GraphQLType?) throws(GraphQLFault) {
    for argument in field.arguments {
      switch argument.name {
      case "fhirpath": try string(argument)
      case "_count", "_offset": try count(argument)
      default:
        guard case .structure(let structure) = inner, let member = structure.member(argument.name),
          member.type.primitive != nil
        else { throw unknown(argument) }
        guard let value = validator.reader.value(argument.value),
          value == .null || value.text != nil
        else { throw wrong(argument) }
      }
    }
  }

  private func checkTarget(_ targets: [String]) throws(GraphQLFault) {
    try only(["optional", "type"])
    if let optional = field.argument("optional") {
      switch validator.reader.value(optional.value) {
      case .boolean, .null, nil: break
      default: throw wrong(optional)
      }
    }
    guard let argument = field.argument("type") else { return }
    guard let types = validator.reader.types(of: field), !types.isEmpty,
      types.allSatisfy({ ResourceType.isKnown($0) })
    else { throw wrong(argument) }
  }

  private func checkSearch(
    _ resource: String, on type: GraphQLType, isConnection: Bool
  ) throws(GraphQLFault) {
    let isNested = if case .query = type { false } else { true }
    let hasCursor =
      !isNested && isConnection && GraphQLSearch.cursor(field, validator.reader) != nil
    for argument in field.arguments {
      switch argument.name {
      case "cursor" where isConnection && !isNested, "_cursor" where isConnection && !isNested:
        try string(argument)
      case "_reference" where isNested:
        guard let name = validator.reader.value(argument.value)?.text,
          let parameter = GraphQLSearch.parameter(name, of: resource), parameter.kind == .reference
        else { throw wrong(argument) }
      case "fhirpath": try string(argument)
      case "_count" where !hasCursor: try count(argument)
      case _ where hasCursor:
        throw validator.fault("a cursor stands for the whole search", argument.offset)
      case "_sort", "_list": try scalars(argument)
      default:
        guard GraphQLSearch.parameter(argument.name, of: resource) != nil else {
          throw unknown(argument)
        }
        try scalars(argument)
      }
    }
    guard !isNested || value("_reference") != nil else {
      throw validator.fault("say by _reference which parameter leads here", field.offset)
    }
  }

  // MARK: Values

  private func value(_ name: String) -> GraphQLValue? {
    validator.reader.argument(name, of: field)
  }

  private func only(_ names: Set<String>) throws(GraphQLFault) {
    if let argument = field.arguments.first(where: { !names.contains($0.name) }) {
      throw unknown(argument)
    }
  }

  private func string(_ argument: GraphQLArgument) throws(GraphQLFault) {
    switch validator.reader.value(argument.value) {
    case .string, .null, nil: break
    default: throw wrong(argument)
    }
  }

  private func count(_ argument: GraphQLArgument) throws(GraphQLFault) {
    switch validator.reader.value(argument.value) {
    case .null, nil: break
    case .integer(let text):
      guard let count = Int(text), (0...999_999_999).contains(count) else { throw wrong(argument) }
    default: throw wrong(argument)
    }
  }

  private func scalars(_ argument: GraphQLArgument) throws(GraphQLFault) {
    guard let value = validator.reader.value(argument.value), value != .null else { return }
    guard let texts = validator.reader.texts(value), !texts.isEmpty else { throw wrong(argument) }
  }

  private func unknown(_ argument: GraphQLArgument) -> GraphQLFault {
    validator.fault("there is no argument of that name here", argument.offset)
  }

  private func wrong(_ argument: GraphQLArgument) -> GraphQLFault {
    validator.fault("the value of an argument does not suit it", argument.offset)
  }
}
