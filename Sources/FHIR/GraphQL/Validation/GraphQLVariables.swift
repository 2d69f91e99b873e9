import Primitives

/// The values of an operation's variables (October 2021, 6.1.2).
enum GraphQLVariables {
  static func values(
    of operation: GraphQLOperation, given: JSONValue?, _ source: GraphQLSource,
    _ limits: GraphQLLimits
  ) throws(GraphQLFault) -> [String: GraphQLValue] {
    guard given == nil || given?.kind == .object || given?.kind == .null else {
      throw source.fault(PeerChartError(.invalid, "variables are an object"), at: 0)
    }
    var values: [String: GraphQLValue] = [:]
    for variable in operation.variables {
      let sent = given?[variable.name].flatMap { value(of: $0, depth: 0, limits) }
      if given?[variable.name] != nil, sent == nil {
        throw fault(variable, "is nested too deep", source)
      }
      guard let value = sent ?? variable.value else {
        if case .required = variable.type { throw fault(variable, "needs a value", source) }
        continue
      }
      guard isOf(variable.type, value) else {
        throw fault(variable, "has a value of another type", source)
      }
      values[variable.name] = value
    }
    return values
  }

  /// Names come from the request; values are told to nobody.
  private static func fault(
    _ variable: GraphQLVariable, _ what: String, _ source: GraphQLSource
  ) -> GraphQLFault {
    source.fault(
      PeerChartError(.invalid, "the variable $\(variable.name) \(what)"), at: variable.offset)
  }

  private static func value(
    of json: JSONValue, depth: Int, _ limits: GraphQLLimits
  ) -> GraphQLValue? {
    guard depth < limits.valueDepth else { return nil }
    switch json.kind {
    case .null: return .null
    case .bool: return .boolean(json.bool ?? false)
    case .string: return .string(json.string ?? "")
    case .number:
      let text = json.numberLiteral ?? "0"
      return text.utf8.allSatisfy { $0 == 0x2D || (0x30...0x39).contains($0) }
        ? .integer(text) : .float(text)
    case .array:
      var values: [GraphQLValue] = []
      for element in json.elements {
        guard let value = value(of: element, depth: depth + 1, limits) else { return nil }
        values.append(value)
      }
      return .list(values)
    case .object:
      var members: [GraphQLValue.Member] = []
      for (name, element) in json.members {
        guard let value = value(of: element, depth: depth + 1, limits) else { return nil }
        members.append(GraphQLValue.Member(name: name, value: value))
      }
      return .object(members)
    }
  }

  /// Whether a value can be one of a type. Types besides the five of GraphQL are FHIR's, all of them
  /// scalars here (`date`, `code`, an enumeration): what they allow is seen where they are used.
  static func isOf(_ type: GraphQLTypeReference, _ value: GraphQLValue) -> Bool {
    switch type {
    case .required(let type): return value != .null && isOf(type, value)
    case .list(let type):
      switch value {
      case .null: return true
      case .list(let values): return values.allSatisfy { isOf(type, $0) }
      default: return isOf(type, value)
      }
    case .named(let name):
      switch (name, value) {
      case (_, .null): return true
      case (_, .list), (_, .object), (_, .variable): return false
      case ("Int", .integer(let text)): return Int32(text) != nil
      case ("Int", _): return false
      case ("Float", .integer), ("Float", .float): return true
      case ("Float", _): return false
      case ("Boolean", .boolean): return true
      case ("Boolean", _): return false
      case ("String", .string): return true
      case ("String", _): return false
      case ("ID", .string), ("ID", .integer): return true
      case ("ID", _): return false
      default: return true
      }
    }
  }
}
