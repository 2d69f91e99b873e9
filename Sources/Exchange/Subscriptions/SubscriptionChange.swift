import FHIR
import Identity
import Primitives
import Synchronization

/// What a write of a Subscription changes beside the record.
struct SubscriptionChange: Sendable {
  enum Kind: Sendable {
    case taken(SubscriptionState)
    case removed
  }

  let key: RecordKey
  let kind: Kind

  init(key: RecordKey, _ kind: Kind) {
    self.key = key
    self.kind = kind
  }

  func apply(_ transaction: any StoreTransaction, _ exchange: Exchange) throws {
    switch kind {
    case .taken(let new):
      var state = new
      if let old: SubscriptionState = try exchange.item(.subscription, key.bytes, in: transaction) {
        // Numbers go on, so that who keeps the last one it has seen sees what it has missed.
        state.events = old.events
        state.delivered = old.delivered
        state.isListening = old.isListening
        state.claimedUntil = old.claimedUntil
        state.lastSent = old.lastSent
      }
      try exchange.put(state, key, transaction)
    case .removed:
      try transaction.deleteItem(.subscription, key: key.bytes)
      while true {
        let events = try transaction.items(
          .subscriptionEvent, prefix: key.bytes, after: nil, limit: 500)
        for event in events { try transaction.deleteItem(.subscriptionEvent, key: event.key) }
        if events.count < 500 { return }
      }
    }
  }
}

extension Exchange {
  private static var mostSubscriptions: Int { 1000 }
  private static var mostForOne: Int { 100 }

  func put(
    _ state: SubscriptionState, _ key: RecordKey, _ transaction: any StoreTransaction
  ) throws {
    try transaction.putItem(
      .subscription, key: key.bytes, sealed: sealedItem(.subscription, key.bytes, state))
  }

  /// All subscriptions and how far they have come.
  func subscriptions(
    in snapshot: any StoreSnapshot
  ) throws -> [(key: RecordKey, state: SubscriptionState)] {
    try snapshot.items(.subscription).filter { $0.key != FeedPosition.itemKey }.map {
      (RecordKey($0.key), try decode($0.sealed, .subscription, $0.key))
    }
  }

  /// Looks at what a caller asks to be told.
  ///
  /// - Throws: `invalid` with the place for what is not offered, `forbidden`, `too-large` beyond the number
  ///   of subscriptions.
  func accept(
    _ resource: Resource, id: String, version: Int64, replacing old: ClosedRecord?,
    _ reading: Reading
  ) throws -> SubscriptionState {
    let caller = reading.caller
    let request = try SubscriptionRequest(resource)
    let isTheirs = old?.patients.first.map {
      $0 == caller.subscriberChart || !Subscriber.isChart($0)
    }
    let known = try subscriptions(in: reading.snapshot)
    let before = known.first { $0.key == keys.recordKey("Subscription", id) }?.state
    guard isTheirs ?? true || request.status == .off else {
      throw PeerChartError(
        .forbidden, "only the subscriber changes a subscription; others can turn it off")
    }
    guard request.status == .requested || request.status == .off else {
      throw PeerChartError(
        .invalid, "a client asks for a subscription (requested) or ends it (off)",
        place: "Subscription.status")
    }
    var state = SubscriptionState(
      id: id, version: version, status: request.status,
      subscriber: try isTheirs == false
        ? before?.subscriber ?? Subscriber() : subscriber(caller, in: reading.snapshot))
    state.plan = SubscriptionState.Plan(request)
    guard request.status == .requested else { return state }
    if case .restHook(let endpoint) = request.channel {
      do { try notificationHosts.withLock { $0 }.check(endpoint) } catch {
        throw PeerChartError(error.code, error.reason, place: "Subscription.channel.endpoint")
      }
    }
    for filter in request.filters { try caller.requireScope(.search, filter.resourceType) }
    if let type = request.topic?.type { try caller.requireScope(.search, type) }
    if let end = request.end, end <= reading.time {
      throw PeerChartError(.invalid, "it would have ended already", place: "Subscription.end")
    }
    let others = known.filter { $0.state.id != id }
    guard others.count < Self.mostSubscriptions,
      others.count(where: { $0.state.subscriber.token?.id == state.subscriber.token?.id })
        < Self.mostForOne
    else {
      throw PeerChartError(
        .tooLarge, "there are too many subscriptions; delete those that are not needed")
    }
    state.nextAttempt = reading.time.millisecondsSinceEpoch
    return state
  }
}
