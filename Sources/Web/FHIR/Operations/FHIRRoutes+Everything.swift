import Exchange
import FHIR
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// `Patient/[id]/$everything` (R4 Patient-operation-everything).
  func everything(
    _ call: OperationCall, _ query: QueryString, _ incoming: Incoming
  ) async throws -> Response {
    let caller = try await authenticator.caller(of: incoming)
    let input = try await parameters(query, incoming)
    try input.require(only: ["start", "end", "_since", "_type", "_count", "_cursor"])
    var request = EverythingRequest()
    let (start, end) = (try input.value("start"), try input.value("end"))
    if start != nil || end != nil { request.period = try CarePeriod(start: start, end: end) }
    request.since = try input.instant("_since")
    request.types = try input.types("_type")
    let pairs = input.pairs.map { ($0.name, $0.value) }
    let page = try await exchange.everything(
      of: call.id ?? "", request, cursor: input.value("_cursor"), count: input.number("_count"),
      query: pairs, as: caller)
    return try found(page, at: "Patient/\(call.id ?? "")/$everything", pairs, incoming)
  }
}
