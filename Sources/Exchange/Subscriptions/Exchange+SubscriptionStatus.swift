import Consent
import FHIR
import Identity
import Primitives

extension Exchange {
  /// How subscriptions stand (`$status`): those of the caller, and to the node itself all.
  ///
  /// - Parameters:
  ///   - ids: only these; nil for all.
  ///   - statuses: only with one of these; empty for any.
  /// - Returns: Parameters resources by the id of their Subscription, in the order of the ids.
  /// - Throws: `forbidden` when a single one is asked for and is not the caller's.
  public func subscriptionStatus(
    ids: [String]?, statuses: [String] = [], isSingle: Bool = false, as caller: Caller
  ) async throws -> [(id: String, parameters: [UInt8])] {
    try caller.requireScope(isSingle ? .read : .search, "Subscription")
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      var found: [FoundRecord] = []
      var answers: [(id: String, parameters: [UInt8])] = []
      for (key, state) in try subscriptions(in: snapshot).sorted(by: { $0.state.id < $1.state.id })
      where ids?.contains(state.id) ?? true
        && (statuses.isEmpty || statuses.contains(state.status.rawValue))
      {
        guard let row = try snapshot.newestVersion(of: key), !row.isDeleted,
          let visible = try reading.visible(row, for: .read, scope: isSingle ? .read : .search)
        else { continue }
        let subscription = try visible.resource()
        let message = NotificationMessage(
          kind: .status, subscription: state.id,
          topic: try SubscriptionRequest(subscription).topic?.url, status: state.status,
          count: state.events, content: .fullResource, baseURL: caller.baseURL,
          error: subscription.root["error"]?.string)
        answers.append((state.id, message.parameters(id: newID()).serialized()))
        found.append(visible)
      }
      if isSingle, answers.isEmpty, let id = ids?.first {
        return try refusal(reading, .absent(type: "Subscription", id: id), action: .read)
      }
      var passage = Passage(outcome: .success(answers))
      try passage.disclose(found, asked: "Subscription/$status", of: nil, .read, reading)
      return passage
    }
  }
}
