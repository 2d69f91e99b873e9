import Foundation
import Primitives
import Synchronization
import TransparencyLog

/// Making anchors and following them until they are final.
extension Exchange {
  /// How long an anchor is left to whoever works on it, in milliseconds.
  private static var lease: Int64 { 60_000 }
  private static var mostOpen: Int { 1000 }
  /// After so long in vain, in milliseconds, an anchor that has taken no number is given up.
  private static var longest: Int64 { 30 * 86_400_000 }

  /// Makes the anchors that are due, and looks after those under way. Providers do not wait for one another.
  ///
  /// - Returns: milliseconds until there is more to do; nil when nothing waits.
  public func workOnAnchors(using transport: any AnchorTransport) async throws -> Int64? {
    let places = try await store.read { [self] in
      try items(.anchorPlace, as: AnchorPlace.self, in: $0).map(\.value)
    }
    guard !places.isEmpty else { return nil }
    return try await withThrowingTaskGroup(of: Int64?.self) { group in
      for place in places {
        group.addTask { [self] in
          try await anchorIfDue(place)
          try await advance(place, using: transport, isUrgent: false)
          return try await untilDue(place)
        }
      }
      return try await group.reduce(nil) { soonest, next in
        soonest.map { min($0, next ?? .max) } ?? next
      }
    }
  }

  private func untilDue(_ place: AnchorPlace) async throws -> Int64? {
    let now = clock.now().millisecondsSinceEpoch
    return try await store.read { [self] snapshot in
      // What is overdue waits for something else, a new entry or another worker: it is looked at by the way.
      let times =
        try openAnchors(place.name, in: snapshot).map(\.nextAttempt)
        + [anchorTurn(place.name, in: snapshot).createdAt + place.interval * 1000]
      return times.map { $0 - now }.filter { $0 > 0 }.min()
    }
  }

  // MARK: Making

  private func anchorIfDue(_ place: AnchorPlace) async throws {
    let now = clock.now().millisecondsSinceEpoch
    let isDue = try await store.read { [self] snapshot in
      let turn = try anchorTurn(place.name, in: snapshot)
      guard now - turn.createdAt >= place.interval * 1000 else { return false }
      return try snapshot.newestCheckpoint()?.size ?? 0 > turn.size
    }
    if isDue { _ = try await beginAnchor(place, at: now, ifDue: true) }
  }

  /// Puts an anchor of the newest checkpoint there, unless that one is there, or a chain's last one is still
  /// to be sent: the next takes in what this one would have.
  ///
  /// - Parameter ifDue: whether the place's interval must be over: another process may have been faster.
  /// - Returns: the size of the newest anchor.
  func beginAnchor(_ place: AnchorPlace, at now: Int64, ifDue: Bool = false) async throws -> Int64 {
    try await store.write { [self] transaction in
      var turn = try anchorTurn(place.name, in: transaction)
      guard let newest = try transaction.newestCheckpoint(), newest.size > turn.size,
        !ifDue || now - turn.createdAt >= place.interval * 1000
      else { return turn.size }
      if case .chain(let chain) = place.target {
        guard chain.registry ?? turn.registry != nil,
          try !openAnchors(place.name, in: transaction).contains(where: { $0.state == .pending })
        else { return turn.size }
      }
      let checkpoint = try SignedCheckpoint(parsing: Array(newest.note.utf8)).checkpoint
      let anchor = LogAnchorRecord(
        place: place.name, subject: .checkpoint(text: checkpoint.text), number: newest.size, at: now
      )
      turn.createdAt = now
      turn.size = newest.size
      try put(anchor, transaction)
      try transaction.putItem(
        .anchorTurn, key: Array(place.name.utf8),
        sealed: sealedItem(.anchorTurn, Array(place.name.utf8), turn))
      // Somebody outside will have it: its signature stays.
      try transaction.putCheckpoint(
        CheckpointRow(size: newest.size, note: newest.note, pinned: true))
      return newest.size
    }
  }

  // MARK: Following

  /// Looks after every anchor of a place that is due, in the order of their sizes.
  ///
  /// - Parameter isUrgent: whether those are looked at too whose time has not come.
  func advance(
    _ place: AnchorPlace, using transport: any AnchorTransport, isUrgent: Bool
  ) async throws {
    let keys = try await store.read { [self] snapshot in
      try openAnchors(place.name, in: snapshot).map { $0.key(settled: false) }
    }
    for key in keys {
      guard let anchor = try await claim(key, isUrgent: isUrgent) else { continue }
      try await advance(anchor, place, transport)
    }
  }

  private func claim(_ key: [UInt8], isUrgent: Bool) async throws -> LogAnchorRecord? {
    let now = clock.now().millisecondsSinceEpoch
    return try await store.write { [self] transaction in
      guard var anchor: LogAnchorRecord = try item(.logAnchor, key, in: transaction),
        isUrgent || anchor.nextAttempt <= now
      else { return nil }
      anchor.nextAttempt = now + Self.lease
      try put(anchor, transaction)
      return anchor
    }
  }

  private func advance(
    _ anchor: LogAnchorRecord, _ place: AnchorPlace, _ transport: any AnchorTransport
  ) async throws {
    let now = clock.now().millisecondsSinceEpoch
    let latest = LatestAnchor(anchor)
    var outcome: LogAnchorRecord
    do {
      let anchoring = try await anchoring(place, beside: anchor, transport)
      outcome = try await anchoring.advance(anchor, now: now) { [self] kept in
        try await store.write { [self] transaction in
          try replace(latest.value, by: kept, transaction)
        }
        latest.value = kept
      }
    } catch let error as PeerChartError where error.code == .staleDecision {
      // Somebody else has kept an intent first, and goes on with it.
      return
    } catch let error as PeerChartError where error.code != .storage {
      outcome = latest.value
      outcome.postpone(at: now, error.reason)
    }
    if !outcome.isSettled, outcome.state == .pending, outcome.transactions.isEmpty,
      outcome.proof == nil, now - outcome.createdAt > Self.longest
    {
      outcome.settle(.failed, "given up after 30 days: \(outcome.reason ?? "no answer")")
    }
    let settled = outcome
    do {
      try await store.write { [self] transaction in
        try replace(latest.value, by: settled, transaction)
        if case .deployment = settled.subject, settled.state == .included || settled.state == .final
        {
          try noteRegistry(settled, place, transaction)
        }
      }
    } catch let error as PeerChartError where error.code == .staleDecision {
      // Somebody else works on it: theirs counts.
    }
  }

  /// Writes the new state, if nobody else has changed it since: of two who work on the same anchor, the one
  /// that kept its intent first goes on.
  private func replace(
    _ before: LogAnchorRecord, by after: LogAnchorRecord, _ transaction: any StoreTransaction
  ) throws {
    let key = before.key(settled: false)
    guard let now: LogAnchorRecord = try item(.logAnchor, key, in: transaction),
      now.transactions.map(\.name) == before.transactions.map(\.name), now.nonce == before.nonce
    else { throw PeerChartError(.staleDecision, "somebody else works on this anchor") }
    if after.isSettled { try transaction.deleteItem(.logAnchor, key: key) }
    try put(after, transaction)
  }

  private func noteRegistry(
    _ anchor: LogAnchorRecord, _ place: AnchorPlace, _ transaction: any StoreTransaction
  ) throws {
    guard let key = place.key, let block = anchor.block,
      let sent = anchor.transactions.first(where: { $0.name == block.transaction })
    else { return }
    var turn = try anchorTurn(place.name, in: transaction)
    turn.registry = key.address.contract(nonce: sent.nonce)
    try transaction.putItem(
      .anchorTurn, key: Array(place.name.utf8),
      sealed: sealedItem(.anchorTurn, Array(place.name.utf8), turn))
  }

  func put(_ anchor: LogAnchorRecord, _ transaction: any StoreTransaction) throws {
    let key = anchor.key(settled: anchor.isSettled)
    try transaction.putItem(.logAnchor, key: key, sealed: sealedItem(.logAnchor, key, anchor))
  }

  func openAnchors(
    _ place: String, in snapshot: any StoreSnapshot
  ) throws -> [LogAnchorRecord] {
    try snapshot.items(
      .logAnchor, prefix: LogAnchorRecord.prefix(place, settled: false), after: nil,
      limit: Self.mostOpen
    ).map { try decode($0.sealed, .logAnchor, $0.key) }
  }

  private func anchoring(
    _ place: AnchorPlace, beside anchor: LogAnchorRecord, _ transport: any AnchorTransport
  ) async throws -> any LogAnchoring {
    switch place.target {
    case .calendars(let target):
      return CalendarAnchoring(
        place: target, credentials: place.credentials, transport: transport, random: random)
    case .authority(let target):
      return AuthorityAnchoring(
        place: target, credentials: place.credentials, transport: transport, random: random)
    case .chain(let target):
      guard let key = place.key else {
        throw PeerChartError(.invalid, "the provider has no account")
      }
      let own = anchor.key(settled: false)
      let (turn, taken) = try await store.read { [self] snapshot in
        let others = try openAnchors(place.name, in: snapshot)
          .filter { $0.key(settled: false) != own }
        return (
          try anchorTurn(place.name, in: snapshot),
          Set(others.compactMap(\.transactions.last?.nonce))
        )
      }
      return ChainAnchoring(
        place: target, registry: target.registry ?? turn.registry, key: key,
        client: ChainClient(
          address: target.node, credentials: place.credentials, transport: transport),
        random: random, taken: taken)
    }
  }
}

/// The anchor as it was last made durable. One task at a time uses it.
private final class LatestAnchor: Sendable {
  private let state: Mutex<LogAnchorRecord>
  init(_ anchor: LogAnchorRecord) { state = Mutex(anchor) }
  var value: LogAnchorRecord {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }
}
