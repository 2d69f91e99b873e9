import Consent
import FHIR
import Identity
import Primitives

/// Goes through stored versions in the order of their commits, on one snapshot, and finds out which of them
/// are events for which subscription. Each subscriber's own rights decide, before anything else is asked of
/// a record: what is not for the subscriber is in no number.
final class SubscriptionFeed {
  /// A subscription as the feed sees it.
  struct Follower {
    let key: RecordKey
    let id: String
    let version: Int64
    var isListening: Bool
    let request: SubscriptionRequest
    let view: SearchView
    var events: [SubscriptionEvent] = []
    var isTouched = false

    var progress: Progress {
      Progress(key: key, version: version, isListening: isListening, events: events)
    }
  }

  /// What is to be stored of a follower.
  struct Progress: Sendable {
    let key: RecordKey
    let version: Int64
    let isListening: Bool
    let events: [SubscriptionEvent]
  }

  private let exchange: Exchange
  private let snapshot: any StoreSnapshot
  /// Opens records, and decides nothing.
  private let opener: Reading
  private(set) var followers: [Follower] = []
  /// Subscriptions that cannot go on, and why.
  private(set) var faults: [SubscriptionFault] = []

  init(_ exchange: Exchange, _ snapshot: any StoreSnapshot) throws {
    self.exchange = exchange
    self.snapshot = snapshot
    opener = Reading(exchange, snapshot, exchange.nodeOperator())
    for (key, state) in try exchange.subscriptions(in: snapshot)
    where state.isAlive || state.isListening {
      guard let row = try snapshot.newestVersion(of: key), !row.isDeleted else { continue }
      guard let caller = try state.subscriber.caller(exchange, in: snapshot) else {
        faults.append(SubscriptionFault(state, .off, .noLongerKnown))
        continue
      }
      guard let request = try? opener.open(row).subscriptionRequest() else {
        faults.append(SubscriptionFault(state, .off, .undecidable))
        continue
      }
      followers.append(
        Follower(
          key: key, id: state.id, version: state.version, isListening: state.isListening,
          request: request,
          view: SearchView(Reading(exchange, snapshot, caller))))
    }
  }

  /// The access rules that the events found rest on.
  var guards: [Int64: Int64] {
    followers.reduce(into: [:]) { guards, follower in
      if !follower.events.isEmpty { guards.merge(follower.view.reading.guards) { $1 } }
    }
  }

  func take(_ row: VersionRow) throws {
    let record: ClosedRecord
    do { record = try opener.open(row) } catch let error as PeerChartError
      where error.code == .chartDestroyed
    { return }
    guard record.type != "Subscription" else { return try follow(record) }
    var previous: ClosedRecord??
    func before() throws -> ClosedRecord? {
      if let previous { return previous }
      let found = try version(before: row)
      previous = .some(found)
      return found
    }
    for index in followers.indices
    where followers[index].isListening && followers[index].request.concerns(record.type) {
      do {
        guard let trigger = try followers[index].trigger(record, before: before) else { continue }
        followers[index].events.append(
          SubscriptionEvent(
            key: Hex.encode(row.key.bytes), version: row.number, trigger: trigger,
            at: row.storedAt))
        followers[index].isTouched = true
      } catch let error as PeerChartError where error.code == .tooCostly || error.code == .invalid {
        let follower = followers[index]
        faults.append(
          SubscriptionFault(id: follower.id, version: follower.version, .off, .undecidable))
        followers[index].isListening = false
      }
    }
  }

  /// A subscription listens from its version that says active on, until one that says otherwise.
  private func follow(_ record: ClosedRecord) throws {
    guard let index = followers.firstIndex(where: { $0.key == record.row.key }) else { return }
    let status = record.row.isDeleted ? .off : try record.subscriptionRequest().status
    guard status != .error else { return }
    followers[index].isListening = status == .active
    followers[index].isTouched = true
  }

  private func version(before row: VersionRow) throws -> ClosedRecord? {
    guard let row = try snapshot.history(of: row.key, before: row.number, limit: 1).first,
      !row.isDeleted
    else { return nil }
    return try opener.open(row)
  }
}

extension SubscriptionFeed.Follower {
  /// What the change of a record is for this subscription; nil where it is no event.
  func trigger(
    _ record: ClosedRecord, before previous: () throws -> ClosedRecord?
  ) throws -> SubscriptionEvent.Trigger? {
    guard !record.row.isDeleted else {
      // R4's own form tells of no deletions (2.46.1), nor does a topic about what a record becomes.
      guard let topic = request.topic, topic.transition == nil, let last = try previous(),
        try isOpen(last), try fulfils(last)
      else { return nil }
      return .delete
    }
    guard try isOpen(record), try fulfils(record) else { return nil }
    let old = try previous()
    if let transition = request.topic?.transition {
      guard try record.matches(transition, following: view) else { return nil }
      if let old, try isOpen(old), try old.matches(transition, following: view) { return nil }
    }
    return old == nil ? .create : .update
  }

  private func isOpen(_ record: ClosedRecord) throws -> Bool {
    guard view.reading.caller.scopes?.allows(record.type, .search) ?? true else { return false }
    if case .permit = try view.reading.decide(record, action: .search) { return true }
    return false
  }

  private func fulfils(_ record: ClosedRecord) throws -> Bool {
    try request.filters.allSatisfy {
      try $0.resourceType != record.type || record.matches($0, following: view)
    }
  }
}
