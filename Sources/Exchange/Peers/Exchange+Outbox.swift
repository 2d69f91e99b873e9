import Audit
import Foundation
import Primitives
import Synchronization

/// A message on its way.
public struct OutboxSummary: Sendable, Encodable {
  public let id: String
  public let peer: String
  public let attempts: Int64
  public let createdAt: String
  public let nextAttempt: String
}

extension Exchange {
  private static var deliveryBatch: Int { 32 }
  /// How long a message is left to whoever has claimed it, in milliseconds: longer than an attempt.
  private static var claimTime: Int64 { 30_000 }
  private static var longestPause: Int64 { 3600 }

  /// Tries to deliver every message that is due.
  ///
  /// A message leaves the outbox when its receiver has acknowledged it, and in no other way but a
  /// refusal for good. The receiver knows ids, so one that was acknowledged in vain does no harm.
  ///
  /// - Returns: milliseconds until the next attempt is due; nil when nothing waits.
  public func deliverDue(using transport: any PeerTransport) async throws -> Int64? {
    // Peers that could not be reached, and when to try them again.
    var pauses: [[UInt8]: Int64] = [:]
    while true {
      let now = clock.now().millisecondsSinceEpoch
      let due = try await store.claimOutbox(
        dueAt: now, limit: Self.deliveryBatch, until: now + Self.claimTime)
      if due.isEmpty { break }
      for (index, row) in due.enumerated() {
        do {
          if let next = pauses[row.peer] {
            try await putBack(row, attempts: row.attempts, next: next)
          } else {
            pauses[row.peer] = try await deliver(row, transport)
          }
        } catch {
          // Whoever comes next need not wait until the claim is over.
          for row in due[index...] {
            try? await putBack(row, attempts: row.attempts, next: now)
          }
          throw error
        }
      }
    }
    let rows = try await store.read { try $0.outboxRows() }
    let now = clock.now().millisecondsSinceEpoch
    return rows.map(\.nextAttempt).min().map { max(0, $0 - now) }
  }

  /// - Returns: when to try the peer again, if it could not be reached.
  private func deliver(_ row: OutboxRow, _ transport: any PeerTransport) async throws -> Int64? {
    guard let node = NodeID(bytes: row.peer),
      let peer = try await store.read({ [self] in try peer(node, in: $0) })
    else {
      try await store.write { try $0.deleteOutbox(id: row.id) }
      return nil
    }
    do {
      let reply = try await transport.deliver(row.sealed, to: peer.endpoint())
      switch reply.status {
      case 200: try await settle(row, .messageSent, peer, status: 200)
      case 408, 409, 425, 429, 500...: return try await postpone(row)
      default: try await settle(row, .peerRefused, peer, status: reply.status)
      }
      return nil
    } catch let error as PeerChartError where error.code == .unreachable || error.code == .integrity
    {
      return try await postpone(row)
    }
  }

  /// Exponential pauses from two seconds to an hour.
  private func postpone(_ row: OutboxRow) async throws -> Int64 {
    let pause = min(Self.longestPause, 1 << min(row.attempts + 1, 12))
    let next = clock.now().adding(seconds: pause).millisecondsSinceEpoch
    try await putBack(row, attempts: row.attempts + 1, next: next)
    return next
  }

  private func putBack(_ row: OutboxRow, attempts: Int64, next: Int64) async throws {
    let waiting = OutboxRow(
      id: row.id, peer: row.peer, createdAt: row.createdAt, nextAttempt: next, attempts: attempts,
      sealed: row.sealed)
    try await store.write { transaction in
      // Another process may have delivered it meanwhile.
      guard try transaction.outboxRows().contains(where: { $0.id == row.id }) else { return }
      try transaction.putOutbox(waiting)
    }
  }

  private func settle(
    _ row: OutboxRow, _ kind: AuditEventKind, _ peer: PeerRecord, status: Int
  ) async throws {
    let now = clock.now()
    var draft = EventDraft(kind: kind)
    draft.detail = ["peer": peer.node, "message": Hex.encode(row.id), "status": String(status)]
    var passage = Passage(outcome: .success(()))
    passage.also { try $0.deleteOutbox(id: row.id) }
    if kind == .peerRefused {
      passage.change(
        try notice(
          .messageRefused, at: now, peer: peer.name, reference: Hex.encode(row.id),
          text: "status \(status)"), &draft)
    }
    passage.entries = [try entry(draft, nodeOperator(), at: now)]
    try await pass { [passage] _ in passage }
  }

  /// What waits to be delivered.
  public func outbox() async throws -> [OutboxSummary] {
    try await store.read { [self] snapshot in
      try snapshot.outboxRows().map { row in
        let name = try NodeID(bytes: row.peer).flatMap { try peer($0, in: snapshot)?.name }
        return OutboxSummary(
          id: Hex.encode(row.id), peer: name ?? Hex.encode(row.peer), attempts: row.attempts,
          createdAt: Instant(millisecondsSinceEpoch: row.createdAt).description,
          nextAttempt: Instant(millisecondsSinceEpoch: row.nextAttempt).description)
      }
    }
  }

  /// Wakes whoever delivers messages in this process.
  func signalOutbox() { outboxSignal.withLock { $0 }?() }

  /// Says how to wake the delivery of messages.
  public func onOutboxChange(_ signal: @escaping @Sendable () -> Void) {
    outboxSignal.withLock { $0 = signal }
  }
}
