import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// `$events` of a subscription (Subscriptions R5 Backport): those that have happened or, as a stream of
  /// server-sent events, those that happen.
  func subscriptionEvents(
    _ call: OperationCall, _ query: QueryString, _ incoming: Incoming
  ) async throws -> Response {
    guard let id = call.id else {
      throw PeerChartError(.notSupported, "$events is called on one subscription")
    }
    let caller = try await authenticator.caller(of: incoming)
    let parameters = try await parameters(query, incoming)
    try parameters.require(only: ["eventsSinceNumber", "eventsUntilNumber", "content"])
    let since = try Self.number("eventsSinceNumber", parameters)
    if EventStream.isWanted(incoming) {
      let seen = try incoming.field(.lastEventID).map { text throws(PeerChartError) in
        guard let number = DecimalDigits.parse(text.utf8) else {
          throw PeerChartError(
            .invalid, "this is no number of an event", place: "Last-Event-ID")
        }
        return number
      }
      return try await EventStream(exchange: exchange, subscription: id, caller: caller)
        .response(after: seen ?? since.map { $0 - 1 })
    }
    let bundle = try await exchange.subscriptionEvents(
      id, from: since, through: try Self.number("eventsUntilNumber", parameters),
      content: try parameters.value("content"), as: caller)
    return Answer.json(bundle, type: MediaTypes.fhir)
  }

  private static func number(
    _ name: String, _ parameters: OperationParameters
  ) throws(PeerChartError) -> Int64? {
    guard let text = try parameters.value(name) else { return nil }
    guard let number = DecimalDigits.parse(text.utf8), number > 0 else {
      throw PeerChartError(.invalid, "an event's number is 1 or more", place: name)
    }
    return number
  }
}
