import Primitives

/// Reads an executable document by recursive descent (GraphQL October 2021, appendix B).
struct GraphQLParser {
  private var lexer: GraphQLLexer
  private(set) var token: GraphQLToken
  let limits: GraphQLLimits
  private var sets = 0

  init(_ bytes: [UInt8], limits: GraphQLLimits) throws(GraphQLFault) {
    self.limits = limits
    lexer = GraphQLLexer(bytes, limits: limits)
    token = try lexer.next()
  }

  /// - Throws: `malformed`; `too-large` beyond the bounds; `invalid` for names that stand twice.
  mutating func document() throws(GraphQLFault) -> GraphQLDocument {
    var document = GraphQLDocument()
    repeat {
      switch token.kind {
      case .name("fragment"):
        let fragment = try fragment()
        guard document.fragments.updateValue(fragment, forKey: fragment.name) == nil else {
          throw fault(.invalid, "two fragments have one name", at: fragment.offset)
        }
      case .punctuator(UInt8(ascii: "{")), .name("query"), .name("mutation"),
        .name("subscription"):
        document.operations.append(try operation())
      default: throw unexpected()
      }
    } while token.kind != .end
    return document
  }

  private mutating func operation() throws(GraphQLFault) -> GraphQLOperation {
    let offset = token.offset
    if token.kind == .punctuator(UInt8(ascii: "{")) {
      return GraphQLOperation(
        kind: .query, name: nil, variables: [], directives: [],
        selections: try selections(depth: 0),
        offset: offset)
    }
    guard let kind = GraphQLOperation.Kind(rawValue: try name()) else { throw unexpected() }
    var name: String?
    if case .name = token.kind { name = try self.name() }
    return GraphQLOperation(
      kind: kind, name: name, variables: try variables(), directives: try directives(),
      selections: try selections(depth: 0), offset: offset)
  }

  private mutating func fragment() throws(GraphQLFault) -> GraphQLFragment {
    let offset = token.offset
    try advance()
    guard token.kind != .name("on") else { throw unexpected() }
    let name = try name()
    return GraphQLFragment(
      name: name, type: try typeCondition(), directives: try directives(),
      selections: try selections(depth: 0), offset: offset)
  }

  private mutating func typeCondition() throws(GraphQLFault) -> String {
    guard token.kind == .name("on") else { throw unexpected() }
    try advance()
    return try name()
  }

  private mutating func variables() throws(GraphQLFault) -> [GraphQLVariable] {
    guard token.kind == .punctuator(UInt8(ascii: "(")) else { return [] }
    try advance()
    var variables: [GraphQLVariable] = []
    repeat {
      let offset = token.offset
      try expect("$")
      let name = try name()
      try expect(":")
      let type = try type(depth: 0)
      var value: GraphQLValue?
      if token.kind == .punctuator(UInt8(ascii: "=")) {
        try advance()
        value = try self.value(isConstant: true, depth: 0)
      }
      // What stands behind a variable may mean something elsewhere; here nothing does.
      _ = try directives(isConstant: true)
      guard !variables.contains(where: { $0.name == name }) else {
        throw fault(.invalid, "two variables have one name", at: offset)
      }
      variables.append(GraphQLVariable(name: name, type: type, value: value, offset: offset))
    } while token.kind != .punctuator(UInt8(ascii: ")"))
    try advance()
    return variables
  }

  private mutating func type(depth: Int) throws(GraphQLFault) -> GraphQLTypeReference {
    guard depth < limits.valueDepth else { throw tooDeep() }
    let type: GraphQLTypeReference
    if token.kind == .punctuator(UInt8(ascii: "[")) {
      try advance()
      type = .list(try self.type(depth: depth + 1))
      try expect("]")
    } else {
      type = .named(try name())
    }
    guard token.kind == .punctuator(UInt8(ascii: "!")) else { return type }
    try advance()
    return .required(type)
  }

  // MARK: Selections

  private mutating func selections(depth: Int) throws(GraphQLFault) -> GraphQLSelectionSet {
    guard depth < limits.depth else { throw tooDeep() }
    try expect("{")
    let number = sets
    sets += 1
    var selections: [GraphQLSelection] = []
    repeat {
      selections.append(try selection(depth: depth))
    } while token.kind != .punctuator(UInt8(ascii: "}"))
    try advance()
    return GraphQLSelectionSet(number: number, selections: selections)
  }

  private mutating func selection(depth: Int) throws(GraphQLFault) -> GraphQLSelection {
    let offset = token.offset
    guard token.kind == .spread else { return .field(try field(depth: depth)) }
    try advance()
    switch token.kind {
    case .name("on"):
      let type = try typeCondition()
      return .inline(
        type, try directives(), try selections(depth: depth + 1), offset: offset)
    case .name:
      let name = try name()
      return .spread(name, try directives(), offset: offset)
    default:
      return .inline(nil, try directives(), try selections(depth: depth + 1), offset: offset)
    }
  }

  private mutating func field(depth: Int) throws(GraphQLFault) -> GraphQLField {
    let offset = token.offset
    var name = try name()
    var alias: String?
    if token.kind == .punctuator(UInt8(ascii: ":")) {
      try advance()
      alias = name
      name = try self.name()
    }
    let arguments = try arguments()
    let directives = try directives()
    var inner: GraphQLSelectionSet?
    if token.kind == .punctuator(UInt8(ascii: "{")) { inner = try selections(depth: depth + 1) }
    return GraphQLField(
      alias: alias, name: name, arguments: arguments, directives: directives, selections: inner,
      offset: offset)
  }

  mutating func arguments(isConstant: Bool = false) throws(GraphQLFault) -> [GraphQLArgument] {
    guard token.kind == .punctuator(UInt8(ascii: "(")) else { return [] }
    try advance()
    var arguments: [GraphQLArgument] = []
    repeat {
      let offset = token.offset
      let name = try name()
      try expect(":")
      let value = try value(isConstant: isConstant, depth: 0)
      guard !arguments.contains(where: { $0.name == name }) else {
        throw fault(.invalid, "two arguments have one name", at: offset)
      }
      arguments.append(GraphQLArgument(name: name, value: value, offset: offset))
    } while token.kind != .punctuator(UInt8(ascii: ")"))
    try advance()
    return arguments
  }

  private mutating func directives(
    isConstant: Bool = false
  ) throws(GraphQLFault) -> [GraphQLDirective] {
    var directives: [GraphQLDirective] = []
    while token.kind == .punctuator(UInt8(ascii: "@")) {
      let offset = token.offset
      try advance()
      let name = try name()
      directives.append(
        GraphQLDirective(
          name: name, arguments: try arguments(isConstant: isConstant), offset: offset))
    }
    return directives
  }

  // MARK: Tokens

  mutating func advance() throws(GraphQLFault) { token = try lexer.next() }

  mutating func expect(_ character: Unicode.Scalar) throws(GraphQLFault) {
    guard token.kind == .punctuator(UInt8(ascii: character)) else { throw unexpected() }
    try advance()
  }

  mutating func name() throws(GraphQLFault) -> String {
    guard case .name(let name) = token.kind else { throw unexpected() }
    try advance()
    return name
  }

  func unexpected() -> GraphQLFault { lexer.unexpected(at: token.offset) }

  func tooDeep() -> GraphQLFault {
    fault(.tooLarge, "this is nested deeper than is allowed", at: token.offset)
  }

  func fault(_ code: PeerChartError.Code, _ reason: String, at offset: Int) -> GraphQLFault {
    lexer.fault(code, reason, at: offset)
  }
}
