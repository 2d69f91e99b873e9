import Primitives

/// What one use case has worked out and wants to happen: the outcome for the caller, the audit
/// entries that must be durable before it, and the changes that belong to the same transaction.
struct Passage<Value: Sendable>: Sendable {
  /// What the caller gets, once the entries are durable. A refusal is logged like a release.
  var outcome: Result<Value, PeerChartError>
  var entries: [PreparedEntry] = []
  /// Charts whose access rules the decision was made under. If one has changed when the entries
  /// are written, the decision is made again: that is what makes revocation immediate.
  var guards: [Int64: Int64] = [:]
  /// Grants with a maximum number of uses that this passage draws on.
  var uses: [GrantUse] = []
  /// Changes to the store, all or nothing with the entries. May throw `staleDecision` to start over.
  var apply: (@Sendable (any StoreTransaction) throws -> Void)?

  /// Whether all that happens is that something is in the log.
  fileprivate var onlyAppends: Bool { apply == nil && uses.isEmpty && !entries.isEmpty }

  /// Adds a change to those made so far.
  mutating func also(_ change: @escaping @Sendable (any StoreTransaction) throws -> Void) {
    let before = apply
    apply = { transaction in
      try before?(transaction)
      try change(transaction)
    }
  }
}

/// One use of a grant that has a limit.
struct GrantUse: Sendable, Hashable {
  let counter: [UInt8]
  let maximum: Int64
}

extension PeerChartError.Code {
  /// What the decision rested on has changed since; make it again. Never leaves `Exchange`.
  static let staleDecision = Self("stale-decision")
}

extension Exchange {
  /// The one door. Decides on a snapshot, writes the audit entries and changes durably, and only
  /// then hands out the outcome (rules 1, 2 and 6).
  func pass<Value: Sendable>(
    _ decide: @escaping @Sendable (any StoreSnapshot) throws -> Passage<Value>
  ) async throws -> Value {
    for _ in 0..<Self.attempts {
      let passage = try await store.read(decide)
      do {
        if passage.onlyAppends, let promptStore {
          try await promptStore.append { try Self.stands(passage, $0) }
        } else if passage.apply != nil || !passage.entries.isEmpty {
          try await store.write { try Self.commit(passage, $0) }
          if passage.apply != nil { signalChange() }
        }
        return try passage.outcome.get()
      } catch let error as PeerChartError where error.code == .staleDecision {
        continue
      }
    }
    throw PeerChartError(.conflict, "too many others are changing this at the moment; try again")
  }

  private static var attempts: Int { 16 }

  /// Looks whether the decision stands.
  ///
  /// - Returns: the entries that say so in the log.
  /// - Throws: `staleDecision` where it does not.
  static func stands<Value>(
    _ passage: Passage<Value>, _ snapshot: any StoreSnapshot
  ) throws -> [PreparedEntry] {
    for (slot, revision) in passage.guards {
      guard try snapshot.chart(slot: slot)?.consentRevision == revision else {
        throw PeerChartError(.staleDecision, "the access rules have changed")
      }
    }
    return passage.entries
  }

  /// - Throws: `staleDecision` before anything is changed, where the decision no longer stands.
  static func commit<Value>(
    _ passage: Passage<Value>, _ transaction: any StoreTransaction
  ) throws {
    let entries = try stands(passage, transaction)
    for use in passage.uses where try transaction.incrementCounter(use.counter) > use.maximum {
      throw PeerChartError(.staleDecision, "the grant was used up meanwhile")
    }
    try passage.apply?(transaction)
    for entry in entries {
      _ = try transaction.appendAudit(
        slot: entry.slot, sealed: entry.sealed, leafHash: entry.leafHash)
    }
  }
}
