import Exchange
import FHIR
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// `$meta` (R4 Resource-operation-meta) of a record, a type, or everything.
  func meta(
    _ call: OperationCall, _ query: QueryString, _ incoming: Incoming
  ) async throws -> Response {
    let caller = try await authenticator.caller(of: incoming)
    try await parameters(query, incoming).require(only: [])
    var labels = MetaUnion()
    if let type = call.type, let id = call.id {
      labels.add(try Resource(parsing: try await exchange.read(type, id: id, as: caller).json))
    } else {
      labels = try await exchange.meta(call.type, as: caller)
    }
    return Answer.json(labels.parameters, type: MediaTypes.fhir)
  }
}
