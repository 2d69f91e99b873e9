public import Primitives

/// The answer to a GraphQL request (October 2021, 7.1).
public struct GraphQLAnswer: Sendable {
  /// Nil where the request itself was refused; null is an answer of which nothing is left.
  let data: JSONTree?
  /// What is wrong, or missing from the data.
  public let faults: [GraphQLFault]
  /// Whether anything is in it besides errors.
  public let hasData: Bool

  /// The answer to a request that was refused as a whole.
  public init(refusing fault: GraphQLFault) {
    data = .null
    faults = [fault]
    hasData = false
  }

  /// The same for an error that has no place in the document.
  public init(refusing error: PeerChartError) {
    self.init(refusing: GraphQLFault(error, line: 0, column: 0))
  }

  init(data: JSONTree, faults: [GraphQLFault], hasData: Bool) {
    self.data = data
    self.faults = faults
    self.hasData = hasData
  }

  /// The answer as JSON.
  public var bytes: [UInt8] {
    var members: [(String, JSONTree)] = []
    if !faults.isEmpty { members.append(("errors", .array(faults.map(\.tree)))) }
    if let data { members.append(("data", data)) }
    return JSONTree.object(members).serialized()
  }
}

extension GraphQLRequest {
  /// Holds the request against what FHIR defines.
  ///
  /// - Parameter type: of the resource that it is about; nil for the whole node.
  /// - Throws: `invalid` for what there is not, `not-supported` for introspection.
  public func check(on type: String?) throws(GraphQLFault) {
    var validator = GraphQLValidator(self)
    try validator.check(on: type)
  }

  /// Answers the request, which must have been checked.
  ///
  /// - Parameters:
  ///   - focus: the resource that it is about; nil for the whole node.
  ///   - time: what FHIRPath's `now()` goes by.
  /// - Throws: `too-costly` for what would go beyond the bounds; whatever `records` throws besides
  ///   what concerns one field.
  public func answer(
    about focus: Resource?, from records: any GraphQLRecords, at time: Instant
  ) throws -> GraphQLAnswer {
    let execution = GraphQLExecution(self, records, time)
    return try execution.answer(about: focus)
  }
}
