import Consent
import FHIR
import Identity
import Primitives

/// What somebody who listens to a subscription's events is given at once.
public struct SubscriptionNews: Sendable {
  /// Notifications with the number of the event in each.
  public let notifications: [(number: Int64, bundle: [UInt8])]
  /// The number up to which events were looked at.
  public let last: Int64
  /// Whether the subscription has ended, so that there will be none.
  public let hasEnded: Bool
}

extension Exchange {
  private static var mostAtOnce: Int { 32 }
  /// Events that one answer of `$events` looks at.
  private static var mostQueried: Int { 1000 }

  /// Events that have happened (`$events`), as one notification.
  ///
  /// - Parameters:
  ///   - first: the number of the first event wanted; nil for the first that is kept.
  ///   - last: of the last.
  ///   - content: `empty`, `id-only` or `full-resource`; nil for what the subscription says.
  /// - Throws: `forbidden` for others than the subscriber, `invalid`.
  public func subscriptionEvents(
    _ id: String, from first: Int64?, through last: Int64?, content: String?, as caller: Caller
  ) async throws -> [UInt8] {
    let content = try content.map { word in
      guard let content = SubscriptionRequest.Content(rawValue: word) else {
        throw PeerChartError(
          .invalid, "content is empty, id-only or full-resource", place: "content")
      }
      return content
    }
    return try await ownSubscription(id, isAsked: true, caller) { [self] own, reading in
      let found = try events(
        of: own.key, after: (first ?? 1) - 1, until: last ?? .max, limit: Self.mostQueried, reading)
      let message = own.message(.events, content: content, try found.messages(), caller)
      return (message.bundle(at: reading.time, newID: newID), found)
    }
  }

  /// Events behind a number, one notification for each, for those who listen to a stream. The subscriber's
  /// token and rights are asked about anew each time.
  ///
  /// - Parameters:
  ///   - number: of the last event that was seen; nil for the last there is.
  ///   - isOpening: whether listening begins: that is in the log, whatever there is to hear.
  /// - Throws: as above; `unauthenticated` once the token is no longer good.
  public func subscriptionNews(
    _ id: String, after number: Int64?, isOpening: Bool = false, as caller: Caller
  ) async throws -> SubscriptionNews {
    try await ownSubscription(id, isAsked: isOpening, caller) { [self] own, reading in
      let hasEnded = own.state.status == .off
      guard let number, number < own.state.events else {
        return (
          SubscriptionNews(notifications: [], last: own.state.events, hasEnded: hasEnded),
          FoundEvents(last: own.state.events)
        )
      }
      let found = try events(of: own.key, after: number, limit: Self.mostAtOnce, reading)
      let notifications = try found.messages().map { event in
        (
          event.number,
          own.message(.event, content: nil, [event], caller)
            .bundle(at: reading.time, newID: newID)
        )
      }
      // Events that are kept no longer are passed over.
      let last = found.last == number ? own.state.events : found.last
      return (
        SubscriptionNews(notifications: notifications, last: last, hasEnded: hasEnded), found
      )
    }
  }

  /// Rings when there may be news of some subscription.
  public func subscriptionRings() -> AsyncStream<Void> { eventBell.rings() }

  private func ownSubscription<Value: Sendable>(
    _ id: String, isAsked: Bool, _ caller: Caller,
    _ body: @escaping @Sendable (OwnSubscription, Reading) throws -> (Value, FoundEvents)
  ) async throws -> Value {
    try Self.checkAddress("Subscription", id)
    try caller.requireScope(.read, "Subscription")
    return try await pass { [self] snapshot in
      let first = Reading(self, snapshot, caller)
      let key = keys.recordKey("Subscription", id)
      guard let row = try snapshot.newestVersion(of: key), !row.isDeleted else {
        return try refusal(first, .absent(type: "Subscription", id: id), action: .read)
      }
      let record = try first.open(row)
      guard case .permit = try first.decide(record, action: .read),
        record.patients.first == caller.subscriberChart,
        let state: SubscriptionState = try item(.subscription, key.bytes, in: snapshot)
      else { return try refusal(first, .record(record, [Reason(.noGrant)]), action: .read) }
      guard let now = try state.subscriber.caller(self, in: snapshot) else {
        throw PeerChartError(.unauthenticated, "this bearer token is not valid here")
      }
      let subscriber = Caller(
        identity: now.identity, name: now.name.exposed, role: now.role, scopes: now.scopes,
        purpose: now.purpose, patients: now.patients, person: now.person,
        networkAddress: caller.networkAddress, requestID: caller.requestID, baseURL: now.baseURL
      ).limited(to: now.limits)
      let reading = Reading(self, snapshot, subscriber)
      let own = OwnSubscription(
        key: key, state: state, request: try record.subscriptionRequest())
      let (value, found) = try body(own, reading)
      var passage = Passage(outcome: .success(value))
      if isAsked || !found.records.isEmpty {
        try passage.disclose(
          found.records, asked: "Subscription/\(id)/$events", of: nil, .search, reading)
      }
      return passage
    }
  }
}

/// A subscription of the caller's own.
private struct OwnSubscription {
  let key: RecordKey
  let state: SubscriptionState
  let request: SubscriptionRequest

  func message(
    _ kind: NotificationMessage.Kind, content: SubscriptionRequest.Content?,
    _ events: [NotificationMessage.Event], _ caller: Caller
  ) -> NotificationMessage {
    NotificationMessage(
      kind: kind, subscription: state.id, topic: request.topic?.url, status: state.status,
      count: state.events, content: content ?? request.content, baseURL: caller.baseURL,
      events: events)
  }
}
