/// An executable GraphQL document (October 2021, 2.2): operations and fragments.
struct GraphQLDocument: Sendable {
  var operations: [GraphQLOperation] = []
  var fragments: [String: GraphQLFragment] = [:]
}

/// `query name($variables) @directives { … }`.
struct GraphQLOperation: Sendable {
  enum Kind: String, Sendable { case query, mutation, subscription }

  let kind: Kind
  let name: String?
  let variables: [GraphQLVariable]
  let directives: [GraphQLDirective]
  let selections: GraphQLSelectionSet
  let offset: Int
}

/// `fragment name on Type { … }`.
struct GraphQLFragment: Sendable {
  let name: String
  let type: String
  let directives: [GraphQLDirective]
  let selections: GraphQLSelectionSet
  let offset: Int
}

/// `$name: [Type!]! = default`.
struct GraphQLVariable: Sendable {
  let name: String
  let type: GraphQLTypeReference
  let value: GraphQLValue?
  let offset: Int
}

/// The type of a variable.
indirect enum GraphQLTypeReference: Sendable {
  case named(String)
  case list(GraphQLTypeReference)
  case required(GraphQLTypeReference)
}

/// What stands between braces. The number tells sets of one document apart.
struct GraphQLSelectionSet: Sendable {
  let number: Int
  let selections: [GraphQLSelection]
}

/// A field, or what is put in the place of several.
enum GraphQLSelection: Sendable {
  case field(GraphQLField)
  /// `...name`
  case spread(String, [GraphQLDirective], offset: Int)
  /// `... on Type { … }`
  case inline(String?, [GraphQLDirective], GraphQLSelectionSet, offset: Int)
}

/// `alias: name(arguments) @directives { … }`.
struct GraphQLField: Sendable {
  let alias: String?
  let name: String
  let arguments: [GraphQLArgument]
  let directives: [GraphQLDirective]
  let selections: GraphQLSelectionSet?
  let offset: Int

  /// The name in the answer.
  var key: String { alias ?? name }

  func argument(_ name: String) -> GraphQLArgument? { arguments.first { $0.name == name } }
  func directive(_ name: String) -> GraphQLDirective? { directives.first { $0.name == name } }
}

/// `name: value`.
struct GraphQLArgument: Sendable, Equatable {
  let name: String
  let value: GraphQLValue
  let offset: Int

  static func == (a: Self, b: Self) -> Bool { a.name == b.name && a.value == b.value }
}

/// `@name(arguments)`.
struct GraphQLDirective: Sendable, Equatable {
  let name: String
  let arguments: [GraphQLArgument]
  let offset: Int

  static func == (a: Self, b: Self) -> Bool { a.name == b.name && a.arguments == b.arguments }
}

/// A value as it stands in a document, or in the JSON of the variables.
indirect enum GraphQLValue: Sendable, Equatable {
  case variable(String)
  /// A number as it was written.
  case integer(String)
  case float(String)
  case string(String)
  case boolean(Bool)
  case null
  case enumeration(String)
  case list([GraphQLValue])
  case object([Member])

  struct Member: Sendable, Equatable {
    let name: String
    let value: GraphQLValue
  }

  /// A scalar as FHIR would write it: `official`, `12`, `true`.
  var text: String? {
    switch self {
    case .integer(let text), .float(let text), .string(let text), .enumeration(let text): text
    case .boolean(let value): value ? "true" : "false"
    case .variable, .null, .list, .object: nil
    }
  }
}
