import Audit
import Consent
public import FHIR
import Identity
import Primitives

extension Exchange {
  /// Answers a GraphQL request about the whole node, or about one record (R4 graphql.html).
  ///
  /// All of its reads and searches go through one passage: everything is decided under one snapshot, and
  /// the log names each record that was handed out, before the answer leaves. What is refused within it
  /// is an error of its field, and on the log as well; it looks like what is not there.
  ///
  /// - Parameter focus: the record that the request is about; nil for the whole node.
  /// - Throws: `invalid` for an address that is none. What is wrong with the request, and a record that
  ///   may not be read, is told in the answer.
  public func graphQL(
    _ request: GraphQLRequest, about focus: (type: String, id: String)? = nil, as caller: Caller
  ) async throws -> GraphQLAnswer {
    if let focus { try Self.checkAddress(focus.type, focus.id) }
    do {
      try request.check(on: focus?.type)
    } catch {
      return GraphQLAnswer(refusing: error)
    }
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      let records = GraphQLRecordView(reading)
      var passage: Passage<GraphQLAnswer>
      do {
        let resource = try focus.map { try records.read($0.type, id: $0.id) }
        passage = Passage(
          outcome: .success(try request.answer(about: resource, from: records, at: reading.time)))
      } catch let error as PeerChartError where GraphQLRecordView.isTold(error) {
        passage = Passage(outcome: .success(GraphQLAnswer(refusing: error)))
      }
      try records.record(in: &passage)
      return passage
    }
  }
}
