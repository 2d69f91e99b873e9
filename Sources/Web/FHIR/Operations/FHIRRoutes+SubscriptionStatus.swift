import Exchange
import FHIR
import Hummingbird
import Primitives

extension FHIRRoutes {
  /// `$status` of one subscription or several (Subscriptions R5 Backport).
  func subscriptionStatus(
    _ call: OperationCall, _ query: QueryString, _ incoming: Incoming
  ) async throws -> Response {
    let base = try incoming.baseURL()
    let caller = try await authenticator.caller(of: incoming)
    let parameters = try await parameters(query, incoming)
    try parameters.require(only: ["id", "status"])
    let named = parameters.values("id")
    let found = try await exchange.subscriptionStatus(
      ids: call.id.map { [$0] } ?? (named.isEmpty ? nil : named),
      statuses: call.id == nil ? parameters.values("status") : [], isSingle: call.id != nil,
      as: caller)
    return Answer.bundle(
      BundleWriter(.searchset, total: found.count), found, size: \.parameters.count
    ) { bundle, status in
      bundle.entry(
        fullUrl: "\(base.fhir)/Subscription/\(status.id)/$status", resource: status.parameters,
        searchMode: "match")
    }
  }
}
