import Primitives

extension GraphQLParser {
  /// A value (October 2021, 2.9); of a constant no part may be a variable.
  mutating func value(isConstant: Bool, depth: Int) throws(GraphQLFault) -> GraphQLValue {
    guard depth < limits.valueDepth else { throw tooDeep() }
    switch token.kind {
    case .integer(let text): return try taken(.integer(text))
    case .float(let text): return try taken(.float(text))
    case .string(let text): return try taken(.string(text))
    case .name("true"): return try taken(.boolean(true))
    case .name("false"): return try taken(.boolean(false))
    case .name("null"): return try taken(.null)
    case .name(let name): return try taken(.enumeration(name))
    case .punctuator(UInt8(ascii: "$")) where !isConstant:
      try advance()
      return .variable(try name())
    case .punctuator(UInt8(ascii: "[")):
      try advance()
      var values: [GraphQLValue] = []
      while token.kind != .punctuator(UInt8(ascii: "]")) {
        values.append(try value(isConstant: isConstant, depth: depth + 1))
      }
      try advance()
      return .list(values)
    case .punctuator(UInt8(ascii: "{")):
      try advance()
      var members: [GraphQLValue.Member] = []
      while token.kind != .punctuator(UInt8(ascii: "}")) {
        let offset = token.offset
        let name = try name()
        try expect(":")
        guard !members.contains(where: { $0.name == name }) else {
          throw fault(.invalid, "two members have one name", at: offset)
        }
        members.append(
          GraphQLValue.Member(
            name: name, value: try value(isConstant: isConstant, depth: depth + 1)))
      }
      try advance()
      return .object(members)
    default: throw unexpected()
    }
  }

  private mutating func taken(_ value: GraphQLValue) throws(GraphQLFault) -> GraphQLValue {
    try advance()
    return value
  }
}
