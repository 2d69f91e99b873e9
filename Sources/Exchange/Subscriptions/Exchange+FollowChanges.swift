import FHIR
import Foundation
import Primitives
import Synchronization

extension Exchange {
  private static var versionsAtOnce: Int { 128 }

  /// Looks at what was stored since the last call, by whichever instance, and gives each subscription its
  /// events. Events and position are stored together, so nothing is looked at twice or left out, whoever
  /// else does the same at the same time and wherever it is interrupted.
  public func followChanges() async throws {
    while try await followSome() {}
  }

  /// - Returns: whether there may be more.
  private func followSome() async throws -> Bool {
    let (hasMore, events, faults) = try await pass {
      [self] snapshot -> Passage<(Bool, Int, [SubscriptionFault])> in
      guard let position = try feedPosition(in: snapshot) else {
        return Passage(outcome: .success((false, 0, [])))
      }
      let rows = try snapshot.versions(
        after: position.row(in: snapshot), limit: Self.versionsAtOnce)
      guard let last = rows.last else { return Passage(outcome: .success((false, 0, []))) }
      let feed = try SubscriptionFeed(self, snapshot)
      guard !feed.followers.isEmpty else {
        // Nobody listens: the position is set anew when somebody does.
        return Passage(outcome: .success((false, 0, feed.faults)))
      }
      for row in rows { try feed.take(row) }
      let touched = feed.followers.filter(\.isTouched).map(\.progress)
      let next = FeedPosition(last)
      let before = try snapshot.item(.subscription, key: FeedPosition.itemKey)
      let events = touched.reduce(0) { $0 + $1.events.count }
      var passage = Passage(
        outcome: .success((rows.count == Self.versionsAtOnce, events, feed.faults)))
      passage.guards = feed.guards
      passage.apply = { [self, touched] transaction in
        guard try transaction.item(.subscription, key: FeedPosition.itemKey) == before else {
          throw PeerChartError(.staleDecision, "another instance has followed these changes")
        }
        try put(next, transaction)
        for follower in touched { try record(follower, transaction) }
      }
      return passage
    }
    for fault in faults { try await move(fault) }
    if events > 0 { signalEvents() }
    return hasMore
  }

  private func record(
    _ follower: SubscriptionFeed.Progress, _ transaction: any StoreTransaction
  ) throws {
    guard
      var state: SubscriptionState = try item(.subscription, follower.key.bytes, in: transaction),
      state.version == follower.version
    else { throw PeerChartError(.staleDecision, "the subscription has changed meanwhile") }
    state.isListening = follower.isListening
    for event in follower.events {
      state.events += 1
      let key = SubscriptionEvent.key(follower.key, state.events)
      try transaction.putItem(
        .subscriptionEvent, key: key, sealed: sealedItem(.subscriptionEvent, key, event))
    }
    try put(state, follower.key, transaction)
    try forgetOldEvents(of: follower.key, state, transaction)
  }

  /// Takes away what is kept beyond the bounds, as many as came at least.
  private func forgetOldEvents(
    of key: RecordKey, _ state: SubscriptionState, _ transaction: any StoreTransaction
  ) throws {
    let oldest = clock.now().millisecondsSinceEpoch - SubscriptionEvent.keptFor
    let kept = try transaction.items(
      .subscriptionEvent, prefix: key.bytes, after: nil, limit: 2 * Self.versionsAtOnce)
    for (itemKey, sealed) in kept {
      let number = SubscriptionEvent.number(ofKey: itemKey) ?? 0
      let event: SubscriptionEvent = try decode(sealed, .subscriptionEvent, itemKey)
      guard number <= state.events - SubscriptionEvent.mostKept || event.at < oldest else { return }
      try transaction.deleteItem(.subscriptionEvent, key: itemKey)
    }
  }

  func feedPosition(in snapshot: any StoreSnapshot) throws -> FeedPosition? {
    try item(.subscription, FeedPosition.itemKey, in: snapshot)
  }

  func put(_ position: FeedPosition, _ transaction: any StoreTransaction) throws {
    let key = FeedPosition.itemKey
    try transaction.putItem(
      .subscription, key: key, sealed: sealedItem(.subscription, key, position))
  }

  // MARK: Signals

  /// Says how to wake whoever follows changes.
  public func onChange(_ signal: @escaping @Sendable () -> Void) {
    changeSignal.withLock { $0 = signal }
  }

  /// Says how to wake whoever calls endpoints.
  public func onNotification(_ signal: @escaping @Sendable () -> Void) {
    notificationSignal.withLock { $0 = signal }
  }

  /// Says that another instance has stored something.
  public func noteChangesElsewhere() {
    signalChange()
    signalEvents()
  }

  /// Says which hosts the operator has named as receivers of notifications.
  public func nameNotificationHosts(_ hosts: NotificationHosts) {
    notificationHosts.withLock { $0 = hosts }
  }

  func signalChange() { changeSignal.withLock { $0 }?() }

  func signalEvents() {
    eventBell.ring()
    notificationSignal.withLock { $0 }?()
  }
}
