import FHIR
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// A FHIR operation (R4 3.2).
  func operation(
    _ call: OperationCall, _ query: QueryString, _ incoming: Incoming
  ) async throws -> Response {
    switch call.name {
    case .chart: return try await chart(call, query, incoming)
    case .docref: return try await documents(query, incoming)
    case .document: return try await document(call, query, incoming)
    case .everything: return try await everything(call, query, incoming)
    case .export: return try await beginExport(call, query, incoming)
    case .graphql: return try await graphQL(call, query, incoming)
    case .import: return try await beginImport(call, incoming)
    case .lastn: return try await lastObservations(query, incoming)
    case .meta: return try await meta(call, query, incoming)
    case .summary: return try await summary(call, query, incoming)
    case .validate: return try await validate(call, query, incoming)
    case .subscriptionStatus: return try await subscriptionStatus(call, query, incoming)
    case .subscriptionEvents: return try await subscriptionEvents(call, query, incoming)
    }
  }

  /// The input of an operation: the query, and by POST a Parameters resource besides.
  func parameters(
    _ query: QueryString, _ incoming: Incoming
  ) async throws -> OperationParameters {
    let asked = OperationParameters(pairs: query.pairs)
    guard incoming.request.method == .post else { return asked }
    let body = try await resource(incoming)
    return body.isEmpty ? asked : asked.adding(try OperationParameters(parsing: body))
  }
}
