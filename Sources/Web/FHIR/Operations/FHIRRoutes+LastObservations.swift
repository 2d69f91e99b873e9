import Exchange
import FHIR
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// `Observation/$lastn` (R4 Observation-operation-lastn).
  func lastObservations(_ query: QueryString, _ incoming: Incoming) async throws -> Response {
    let caller = try await authenticator.caller(of: incoming)
    let input = try await parameters(query, incoming)
    let pairs = input.pairs.filter { $0.name != "max" }.map { ($0.name, $0.value) }
    let page = try await exchange.lastObservations(
      pairs, most: input.number("max") ?? 1, as: caller)
    return try found(
      page, at: "Observation/$lastn", input.pairs.map { ($0.name, $0.value) }, incoming)
  }
}
