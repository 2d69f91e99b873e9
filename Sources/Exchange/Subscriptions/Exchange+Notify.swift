import Primitives
import Synchronization

extension Exchange {
  private static var tasksAtOnce: Int { 256 }
  /// So many calls in a row may fail before the Subscription says so.
  private static var failuresBeforeError: Int64 { 3 }
  /// For so long, in milliseconds, an endpoint is tried again.
  private static var longestFailing: Int64 { 3 * 86_400_000 }
  private static var longestPause: Int64 { 3600 }

  /// Calls the endpoints that are due: handshakes, events in their order, heartbeats.
  ///
  /// An event counts as delivered when the endpoint has answered with success. Between the call and that
  /// being stored this program may end; then the endpoint is called once more, with the same number.
  ///
  /// - Returns: milliseconds until there is more to do; nil when nothing waits.
  public func notifySubscribers(using transport: any NotificationTransport) async throws -> Int64? {
    for _ in 0..<Self.tasksAtOnce {
      let waiting = try await store.read { [self] in try subscriptions(in: $0) }
      let due = waiting.compactMap { found in found.state.next.map { (found.key, $0.at) } }
        .min { $0.1 < $1.1 }
      guard let (key, at) = due else { return nil }
      let now = clock.now().millisecondsSinceEpoch
      guard at <= now else { return at - now }
      do { try await serve(key, transport) } catch let error as PeerChartError
        where error.code != .storage
      {
        // One that cannot be served, such as a resource that XML cannot hold, keeps no other waiting.
        try await settle(key, nil, through: 0)
      }
    }
    return 0
  }

  private func serve(_ key: RecordKey, _ transport: any NotificationTransport) async throws {
    let (prepared, version) = try await prepareNotification(key)
    switch prepared {
    case .nothing: return
    case .fault(let fault): try await move(fault)
    case .activate:
      guard let id = try await state(of: key)?.id else { return }
      try await moveSubscription(id, version: version, to: .active)
    case .call(let notification, let task, let through):
      let status: Int?
      do { status = try await call(notification, transport) } catch {
        // Broken off: whoever comes next need not wait until the claim is over.
        try? await release(key)
        throw error
      }
      if task == .handshake {
        try await settleHandshake(key, version, isAccepted: Self.isSuccess(status))
      } else {
        try await settle(key, status, through: through)
      }
    }
  }

  /// The answer's status; nil where there was none.
  private func call(
    _ notification: OutgoingNotification, _ transport: any NotificationTransport
  ) async throws -> Int? {
    do {
      try notificationHosts.withLock { $0 }.check(notification.endpoint)
      return try await transport.notify(notification)
    } catch let error as PeerChartError
      where [.unreachable, .forbidden, .invalid].contains(error.code)
    {
      return nil
    }
  }

  private func release(_ key: RecordKey) async throws {
    try await store.write { [self] transaction in
      guard var state: SubscriptionState = try item(.subscription, key.bytes, in: transaction)
      else { return }
      state.claimedUntil = 0
      try put(state, key, transaction)
    }
  }

  private static func isSuccess(_ status: Int?) -> Bool { status.map { $0 / 100 == 2 } ?? false }

  private func state(of key: RecordKey) async throws -> SubscriptionState? {
    try await store.read { [self] in try item(.subscription, key.bytes, in: $0) }
  }

  private func settleHandshake(
    _ key: RecordKey, _ version: Int64, isAccepted: Bool
  ) async throws {
    guard let state = try await state(of: key) else { return }
    if isAccepted {
      try await moveSubscription(state.id, version: version, to: .active)
    } else {
      try await move(
        SubscriptionFault(id: state.id, version: version, .error, .handshakeFailed))
    }
  }

  private func settle(_ key: RecordKey, _ status: Int?, through: Int64) async throws {
    let now = clock.now().millisecondsSinceEpoch
    let isTaken = Self.isSuccess(status)
    let settled = try await store.write { [self] transaction -> SubscriptionState? in
      guard var state: SubscriptionState = try item(.subscription, key.bytes, in: transaction)
      else { return nil }
      state.claimedUntil = 0
      state.lastSent = now
      if isTaken {
        state.delivered = max(state.delivered, through)
        state.failures = 0
        state.failingSince = nil
        state.nextAttempt = 0
      } else {
        state.failures += 1
        state.failingSince = state.failingSince ?? now
        let pause = min(Self.longestPause, 1 << min(state.failures, 12))
        state.nextAttempt = now + pause * 1000
      }
      try put(state, key, transaction)
      return state
    }
    guard let settled, settled.isAlive else { return }
    if isTaken {
      guard settled.status == .error else { return }
      try await moveSubscription(settled.id, version: settled.version, to: .active)
    } else if status == 410 {
      try await move(SubscriptionFault(settled, .off, .endpointGone))
    } else if now - (settled.failingSince ?? now) > Self.longestFailing {
      try await move(SubscriptionFault(settled, .off, .endpointFails))
    } else if settled.failures >= Self.failuresBeforeError, settled.status == .active {
      try await move(SubscriptionFault(settled, .error, .endpointFails))
    }
  }
}
