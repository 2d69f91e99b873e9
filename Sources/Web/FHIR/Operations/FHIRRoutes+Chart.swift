import Exchange
import FHIR
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// `Patient/[id]/$chart`: what a page about the chart shows (docs/design/operations.md).
  func chart(
    _ call: OperationCall, _ query: QueryString, _ incoming: Incoming
  ) async throws -> Response {
    let caller = try await authenticator.caller(of: incoming)
    let input = try await parameters(query, incoming)
    try input.require(only: ["type", "q", "from", "to", "_count", "_cursor"])
    let question = try ChartQuestion(
      typeCodes: input.value("type"), words: input.value("q"), from: input.value("from"),
      to: input.value("to"))
    let page = try await exchange.chart(
      of: call.id ?? "", question, cursor: input.value("_cursor"), count: input.number("_count"),
      as: caller)
    return Answer.json(page.parameters, type: MediaTypes.fhir)
  }
}
