import Primitives

/// Makes a tree of an expression (FHIRPath 2.0, appendix A "Formal specification"). Operators of one
/// level bind from the left.
struct PathParser {
  private var lexer: PathLexer
  private let limits: FHIRPathLimits
  private var nodes = 0
  private var nesting = 0

  init(_ text: String, limits: FHIRPathLimits) throws(PeerChartError) {
    guard text.utf8.count <= limits.maximumBytes else {
      throw PeerChartError(
        .tooLarge, "the expression is longer than is allowed",
        place: "character \(limits.maximumBytes)")
    }
    lexer = try PathLexer(text)
    self.limits = limits
  }

  mutating func parse() throws(PeerChartError) -> PathNode {
    let tree = try expression()
    guard lexer.token == .end else {
      throw lexer.fault("an operator or the end is missing here")
    }
    return tree
  }

  // MARK: Making nodes

  private mutating func node(
    _ operation: PathOperation, _ operands: [PathNode] = [], at position: Int, text: String = "",
    value: FHIRPathCollection = .empty, typeName: PathTypeName? = nil, pattern: PathPattern? = nil
  ) throws(PeerChartError) -> PathNode {
    nodes += 1
    let made = PathNode(
      operation, operands, at: position, text: text, value: value, typeName: typeName,
      pattern: pattern)
    guard nodes <= limits.maximumNodes, made.depth <= limits.maximumDepth else {
      throw tooLarge()
    }
    return made
  }

  private func tooLarge() -> PeerChartError {
    PeerChartError(
      .tooLarge, "the expression is larger or nested deeper than is allowed",
      place: "character \(lexer.position)")
  }

  // MARK: Operators

  private mutating func expression(above level: Int = 0) throws(PeerChartError) -> PathNode {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= limits.maximumDepth else { throw tooLarge() }
    var left = try unary()
    while let (operation, ownLevel) = PathParser.binary(lexer.token), ownLevel > level {
      let position = lexer.position
      try lexer.advance()
      switch operation {
      case .isType, .asType:
        left = try node(operation, [left], at: position, typeName: typeSpecifier())
      default:
        let right = try expression(above: ownLevel)
        left = try node(operation, [left, right], at: position)
      }
    }
    return left
  }

  /// The operator that a token is behind a term, and how tightly it binds.
  private static func binary(_ token: PathToken) -> (PathOperation, Int)? {
    switch token {
    case .symbol(let symbol):
      switch symbol {
      case "*": (.multiply, 10)
      case "/": (.divide, 10)
      case "+": (.add, 9)
      case "-": (.subtract, 9)
      case "&": (.concatenate, 9)
      case "|": (.union, 7)
      case "<": (.less, 6)
      case "<=": (.lessOrEqual, 6)
      case ">": (.greater, 6)
      case ">=": (.greaterOrEqual, 6)
      case "=": (.equal, 5)
      case "~": (.equivalent, 5)
      case "!=": (.notEqual, 5)
      case "!~": (.notEquivalent, 5)
      default: nil
      }
    case .identifier(let name):
      switch name {
      case "div": (.wholeDivide, 10)
      case "mod": (.remainder, 10)
      case "is": (.isType, 8)
      case "as": (.asType, 8)
      case "in": (.isIn, 4)
      case "contains": (.contains, 4)
      case "and": (.and, 3)
      case "or": (.or, 2)
      case "xor": (.xor, 2)
      case "implies": (.implies, 1)
      default: nil
      }
    default: nil
    }
  }

  private mutating func unary() throws(PeerChartError) -> PathNode {
    let position = lexer.position
    let isMinus = lexer.token == .symbol("-")
    guard isMinus || lexer.token == .symbol("+") else { return try path() }
    try lexer.advance()
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= limits.maximumDepth else { throw tooLarge() }
    return try node(isMinus ? .negate : .unaryPlus, [unary()], at: position)
  }

  private mutating func path() throws(PeerChartError) -> PathNode {
    var left = try term()
    while true {
      let position = lexer.position
      if lexer.token == .symbol("[") {
        try lexer.advance()
        let index = try expression()
        try expect("]")
        left = try node(.indexer, [left, index], at: position)
      } else if lexer.token == .symbol(".") {
        try lexer.advance()
        left = try invocation(on: left)
      } else {
        return left
      }
    }
  }

  private mutating func expect(_ symbol: String) throws(PeerChartError) {
    guard lexer.token == .symbol(symbol) else {
      throw lexer.fault("'\(symbol)' is missing here")
    }
    try lexer.advance()
  }

  // MARK: Terms

  private mutating func term() throws(PeerChartError) -> PathNode {
    let position = lexer.position
    switch lexer.token {
    case .symbol("("):
      try lexer.advance()
      let inner = try expression()
      try expect(")")
      return inner
    case .symbol("{"):
      try lexer.advance()
      try expect("}")
      return try node(.literal, at: position)
    case .string(let text):
      try lexer.advance()
      return try literal(.string(text), at: position)
    case .number(let digits):
      try lexer.advance()
      return try number(digits, at: position)
    case .temporal(let text):
      let value =
        text.utf8.first == 0x54
        ? FHIRPathTemporal(time: text.dropFirst()) : FHIRPathTemporal(iso: text)
      guard let value else { throw lexer.fault("this is no date or time") }
      try lexer.advance()
      return try literal(.temporal(value), at: position)
    case .variable(let name):
      try lexer.advance()
      return try node(.variable, at: position, text: name)
    case .identifier("true"), .identifier("false"):
      let isTrue = lexer.token == .identifier("true")
      try lexer.advance()
      return try literal(.boolean(isTrue), at: position)
    case .special, .identifier, .delimited: return try invocation(on: nil)
    case .symbol, .end: throw lexer.fault("an expression is missing here")
    }
  }

  private mutating func literal(
    _ item: FHIRPathItem, at position: Int
  ) throws(PeerChartError) -> PathNode {
    try node(.literal, at: position, value: FHIRPathCollection(item))
  }

  private mutating func number(
    _ digits: String, at position: Int
  ) throws(PeerChartError) -> PathNode {
    guard let decimal = FHIRPathDecimal(digits) else {
      throw PeerChartError(
        .tooLarge, "a number has more digits than are allowed", place: "character \(position)")
    }
    let unit: String? =
      switch lexer.token {
      case .string(let unit): unit
      case .identifier(let word) where TimeUnit.words.contains(word): word
      default: nil
      }
    if let unit {
      try lexer.advance()
      return try literal(.quantity(FHIRPathQuantity(value: decimal, unit: unit)), at: position)
    }
    if let integer = Int32(digits) { return try literal(.integer(integer), at: position) }
    return try literal(.decimal(decimal), at: position)
  }

  // MARK: Names and calls

  /// A name or a call, behind a dot or at the beginning.
  private mutating func invocation(on input: PathNode?) throws(PeerChartError) -> PathNode {
    let position = lexer.position
    let name: String
    switch lexer.token {
    case .identifier(let text), .delimited(let text): name = text
    case .special(let text):
      try lexer.advance()
      // `$this` may also stand behind a dot, where it means the same as alone.
      switch text {
      case "this": return try node(.this, at: position)
      case "index": return try node(.index, at: position)
      case "total": return try node(.total, at: position)
      default:
        throw PeerChartError(
          .malformed, "only $this, $index and $total are known", place: "character \(position)")
      }
    default: throw lexer.fault("a name is missing here")
    }
    try lexer.advance()
    if lexer.token == .symbol("(") { return try call(name, on: input, at: position) }
    return try node(
      input == nil ? .firstMember : .member, input.map { [$0] } ?? [], at: position, text: name)
  }

  private mutating func call(
    _ name: String, on input: PathNode?, at position: Int
  ) throws(PeerChartError) -> PathNode {
    guard let function = FHIRPathFunction(rawValue: name) else {
      throw PeerChartError(
        .notSupported, "this function is not known", place: "character \(position)")
    }
    try lexer.advance()
    var operands: [PathNode] = []
    if let input { operands.append(input) } else { operands.append(try node(.this, at: position)) }
    var typeName: PathTypeName?
    if function.takesType {
      typeName = try typeSpecifier()
    } else if lexer.token != .symbol(")") {
      operands.append(try expression())
      while lexer.token == .symbol(",") {
        try lexer.advance()
        operands.append(try expression())
        guard operands.count <= 8 else { break }
      }
    }
    try expect(")")
    guard function.takesType || function.arguments.contains(operands.count - 1) else {
      throw PeerChartError(
        .malformed, "this function takes another number of arguments",
        place: "character \(position)")
    }
    return try node(
      .call(function), operands, at: position, typeName: typeName,
      pattern: pattern(of: function, operands))
  }

  /// The regular expression of a call, where it is a literal: made once, and refused here.
  private func pattern(
    of function: FHIRPathFunction, _ operands: [PathNode]
  ) throws(PeerChartError) -> PathPattern? {
    guard function.takesPattern, operands.count > 1, case .literal = operands[1].operation,
      case .string(let text) = operands[1].value.single
    else { return nil }
    do throws(PeerChartError) {
      return try PathPattern(text)
    } catch {
      throw PeerChartError(error.code, error.reason, place: "character \(operands[1].position)")
    }
  }

  private mutating func typeSpecifier() throws(PeerChartError) -> PathTypeName {
    var parts: [String] = []
    repeat {
      if !parts.isEmpty { try lexer.advance() }
      switch lexer.token {
      case .identifier(let text), .delimited(let text): parts.append(text)
      default: throw lexer.fault("the name of a type is missing here")
      }
      try lexer.advance()
    } while lexer.token == .symbol(".") && parts.count < 8
    switch parts.first {
    case "FHIR" where parts.count > 1:
      return PathTypeName(namespace: .fhir, name: parts.dropFirst().joined(separator: "."))
    case "System" where parts.count > 1:
      return PathTypeName(namespace: .system, name: parts.dropFirst().joined(separator: "."))
    default: return PathTypeName(namespace: .any, name: parts.joined(separator: "."))
    }
  }
}
