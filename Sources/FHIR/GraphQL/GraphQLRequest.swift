import Primitives

/// A GraphQL request: one operation of a document, with its variables.
public struct GraphQLRequest: Sendable {
  let source: GraphQLSource
  let document: GraphQLDocument
  let operation: GraphQLOperation
  /// By name, with the defaults of those that were not given; nothing for one that has neither.
  let variables: [String: GraphQLValue]
  let limits: GraphQLLimits

  /// Reads a document.
  ///
  /// - Parameters:
  ///   - variables: an object, or nothing.
  ///   - operationName: which operation is meant; needed where there are several.
  /// - Throws: one fault: `malformed` for what is no GraphQL, `too-large` beyond the bounds, `invalid`
  ///   for what makes no sense, `not-supported` for mutations, subscriptions and introspection.
  public init(
    query: String, variables: JSONValue? = nil, operationName: String? = nil,
    limits: GraphQLLimits = GraphQLLimits()
  ) throws(GraphQLFault) {
    let bytes = Array(query.utf8)
    guard bytes.count <= limits.documentBytes else {
      throw GraphQLFault(
        PeerChartError(.tooLarge, "the document is longer than \(limits.documentBytes) bytes"),
        line: 0, column: 0)
    }
    self.limits = limits
    source = GraphQLSource(bytes)
    var parser = try GraphQLParser(bytes, limits: limits)
    document = try parser.document()
    try GraphQLNames.check(document, source, limits)
    operation = try Self.operation(operationName, of: document, source)
    guard operation.kind == .query else {
      throw source.fault(
        PeerChartError(.notSupported, "only queries are offered: this reads, and changes nothing"),
        at: operation.offset)
    }
    self.variables = try GraphQLVariables.values(of: operation, given: variables, source, limits)
  }

  /// Reads the body of a POST: an object with `query`, and perhaps `variables` and `operationName`.
  ///
  /// - Throws: `malformed` or `invalid` for what is no such object, a `GraphQLFault` as above.
  public init(json: [UInt8], limits: GraphQLLimits = GraphQLLimits()) throws {
    let bounds = JSONLimits(
      maximumBytes: limits.documentBytes * 2, maximumDepth: 32, maximumNodes: 20_000)
    let root = try JSONDocument(parsing: json, limits: bounds).root
    guard root.kind == .object, let query = root["query"]?.string else {
      throw PeerChartError(
        .invalid, "a GraphQL request is an object with a query", place: "query")
    }
    let name = root["operationName"]
    guard name == nil || name?.kind == .null || name?.kind == .string else {
      throw PeerChartError(
        .invalid, "the name of an operation is a string", place: "operationName")
    }
    try self.init(
      query: query, variables: root["variables"], operationName: name?.string, limits: limits)
  }

  private static func operation(
    _ name: String?, of document: GraphQLDocument, _ source: GraphQLSource
  ) throws(GraphQLFault) -> GraphQLOperation {
    if let name, !name.isEmpty {
      guard let named = document.operations.first(where: { $0.name == name }) else {
        throw source.fault(
          PeerChartError(.invalid, "the document has no operation of that name"), at: 0)
      }
      return named
    }
    guard document.operations.count == 1, let only = document.operations.first else {
      throw source.fault(
        PeerChartError(.invalid, "say by operationName which operation is meant"), at: 0)
    }
    return only
  }
}
