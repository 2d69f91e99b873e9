/// Where a node keeps what it keeps (rule 10: one contract, two stores).
///
/// The contract speaks of keys, tokens and sealed bytes only: a store cannot leak what it is not given.
/// Closures are synchronous and must not wait for anything but the store.
public protocol RecordStore: Sendable {
  /// Runs `body` on one consistent snapshot.
  ///
  /// A store that loses its connection runs it once more, so it must have no effects.
  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any StoreSnapshot) throws -> Result
  ) async throws -> Result

  /// Runs `body` in a transaction of its own and returns once its effects are durable.
  ///
  /// Several writes may share one commit; each stands or falls by itself. A thrown error undoes
  /// what the body did, and so does an error of the transaction that the body does not pass on.
  /// A store may run the body again when a commit came to nothing, so it must have no effects but
  /// those on the transaction. What it reads there stays true until its changes are durable,
  /// whoever else writes, in this process or another.
  ///
  /// - Throws: `storage` too when it is not known whether the changes were stored, because the store
  ///   went away in the middle and did not come back.
  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any StoreTransaction) throws -> Result
  ) async throws -> Result

  /// Takes messages that are due and puts their next attempt off until `until`, so that nobody else
  /// sends them meanwhile. Whoever calls this at the same time, in this process or another, gets
  /// others. Unlike the rest of the outbox a claim need not be durable.
  func claimOutbox(dueAt time: Int64, limit: Int, until: Int64) async throws -> [OutboxRow]

  /// Removes bodies that lie apart from their rows and that no row names: a write that failed has left
  /// them behind. One that is younger than an hour is left alone, its row may be about to come.
  ///
  /// - Returns: how many were removed.
  func sweepBodies() async throws -> Int

  /// Looks whether every body that a row names, and that lies apart from it, is there in its length.
  /// What it says is compared when it is read.
  func checkBodies() async throws -> BodyCheck

  /// Lets running writes finish, then closes. Later calls throw `storage`.
  func close() async
}

extension RecordStore {
  /// For a store whose writes follow one another: they cannot claim the same message twice.
  public func claimOutbox(
    dueAt time: Int64, limit: Int, until: Int64
  ) async throws -> [OutboxRow] {
    guard try await !read({ try $0.outbox(dueAt: time, limit: 1) }).isEmpty else { return [] }
    return try await write { transaction in
      try transaction.outbox(dueAt: time, limit: limit).map { row in
        let claimed = OutboxRow(
          id: row.id, peer: row.peer, createdAt: row.createdAt, nextAttempt: until,
          attempts: row.attempts, sealed: row.sealed)
        try transaction.putOutbox(claimed)
        return claimed
      }
    }
  }
}

/// Called by a store inside each commit that appended audit rows, so that tiles and the signed
/// checkpoint become durable together with the rows they cover.
public protocol LogSequencer: Sendable {
  func beforeCommit(_ transaction: any StoreTransaction, first: Int64, leafHashes: [[UInt8]]) throws
  /// The commit that was being prepared did not happen.
  func commitFailed()
}

/// What can be read from a store, at one moment.
public protocol StoreSnapshot {
  func chart(tag: [UInt8]) throws -> ChartRow?
  func chart(slot: Int64) throws -> ChartRow?
  /// Charts in slot order, destroyed ones included.
  func charts(after slot: Int64, limit: Int) throws -> [ChartRow]
  func dataKeys(slot: Int64) throws -> [DataKeyRow]

  func newestVersion(of key: RecordKey) throws -> VersionRow?
  func version(of key: RecordKey, number: Int64) throws -> VersionRow?
  func version(row: Int64) throws -> VersionRow?
  /// Versions by their rows, in the order in which they are asked for; those that are not there are left
  /// out. One look at the store, where `version(row:)` would be one for each.
  func versions(rows: [Int64]) throws -> [VersionRow]
  /// Versions of one record, newest first.
  func history(of key: RecordKey, before number: Int64, limit: Int) throws -> [VersionRow]
  /// Versions of all records, those stored last first.
  func versions(before row: Int64, limit: Int) throws -> [VersionRow]
  /// Versions of all records behind the given one, those stored first; 0 for the beginning. Whoever has
  /// read up to a row has seen every version stored before it: none appears later among them.
  func versions(after row: Int64, limit: Int) throws -> [VersionRow]
  /// The newest versions of a chart's records in row order; deleted ones are left out.
  func records(slot: Int64, after row: Int64, limit: Int) throws -> [VersionRow]

  /// How many index entries carry the token, counted up to `limit`.
  func entryCount(token: UInt64, slot: Int64?, limit: Int) throws -> Int
  /// Index entries in (slot, row) order behind the given one.
  func entries(
    token: UInt64, slot: Int64?, after: IndexEntryPosition?, limit: Int
  ) throws -> [IndexEntryPosition]

  /// Those of some rows of a chart that carry one of the tokens.
  ///
  /// - Parameters:
  ///   - rows: in order, each once.
  ///   - limit: how many entries may be stepped over to find out.
  /// - Returns: nil where that is not enough.
  func rows(
    _ rows: [Int64], carrying tokens: [UInt64], slot: Int64, limit: Int
  ) throws -> [Int64]?

  func item(_ kind: ItemKind, key: [UInt8]) throws -> [UInt8]?
  /// The keys of a kind's items, in order.
  func itemKeys(_ kind: ItemKind) throws -> [[UInt8]]
  /// Items of a kind in key order. Not for kinds whose items are large.
  func items(_ kind: ItemKind) throws -> [(key: [UInt8], sealed: [UInt8])]
  /// Items of a kind whose keys begin with a prefix, in key order, behind the given key.
  func items(
    _ kind: ItemKind, prefix: [UInt8], after key: [UInt8]?, limit: Int
  ) throws -> [(key: [UInt8], sealed: [UInt8])]
  func counter(_ key: [UInt8]) throws -> Int64

  func auditSize() throws -> Int64
  func auditRows(from sequence: Int64, limit: Int) throws -> [AuditRow]
  /// A chart's audit rows, newest first.
  func auditRows(slot: Int64, before sequence: Int64, limit: Int) throws -> [AuditRow]
  func leafHashes(from sequence: Int64, to end: Int64) throws -> [[UInt8]]
  func tileRoots(level: Int, from index: Int64, to end: Int64) throws -> [[UInt8]]
  /// All stored tile roots in (level, index) order behind the given one.
  func tileRoots(afterLevel level: Int, index: Int64, limit: Int) throws -> [TileRootRow]
  /// Stored checkpoints by size.
  func checkpoints() throws -> [CheckpointRow]
  /// The one over the most entries.
  func newestCheckpoint() throws -> CheckpointRow?

  func outbox(dueAt time: Int64, limit: Int) throws -> [OutboxRow]
  func outboxRows() throws -> [OutboxRow]
  func hasReceived(_ messageID: [UInt8]) throws -> Bool
}

extension StoreSnapshot {
  /// For a store that has no shorter way.
  public func rows(
    _ rows: [Int64], carrying tokens: [UInt64], slot: Int64, limit: Int
  ) throws -> [Int64]? {
    guard let first = rows.first, let last = rows.last else { return [] }
    let start = IndexEntryPosition(slot: slot, row: first - 1)
    var found: Set<Int64> = []
    var left = limit
    for token in tokens {
      let entries = try entries(token: token, slot: slot, after: start, limit: left + 1)
        .prefix { $0.row <= last }
      left -= entries.count
      guard left >= 0 else { return nil }
      found.formUnion(entries.map(\.row))
    }
    return rows.filter(found.contains)
  }
}

/// What can be changed in a store, all or nothing.
public protocol StoreTransaction: StoreSnapshot {
  /// Adds a chart; its slot is the next free one.
  func insertChart(tag: [UInt8]) throws -> Int64
  func setChartKey(slot: Int64, generation: Int64, wrapped: [UInt8]?) throws
  /// Says that something which decides about access to the chart has changed.
  func bumpConsentRevision(slot: Int64) throws
  func insertDataKey(_ row: DataKeyRow) throws
  /// Deletes the keys, and with them large bodies of the chart that lie apart: nobody can open them
  /// any more.
  func deleteDataKeys(slot: Int64) throws

  /// The moment up to which everything is settled, in milliseconds since 1970; nil where nothing is.
  func settledTime() throws -> Int64?
  /// Settles everything up to a moment, if more than that is not settled already: whoever reads after
  /// this has become durable finds every version with such a time that there will ever be.
  func settle(_ time: Int64) throws

  /// Appends a version and returns its row, which within the chart is larger than all before.
  ///
  /// Throws `conflict` if that number of the record exists, or its time is settled; a store that gathers
  /// changes may say so only when the body has ended.
  func append(_ version: NewVersion) throws -> Int64
  func removeEntries(slot: Int64, row: Int64, tokens: [UInt64]) throws

  func putItem(_ kind: ItemKind, key: [UInt8], sealed: [UInt8]) throws
  func deleteItem(_ kind: ItemKind, key: [UInt8]) throws
  /// Adds one and returns the new value.
  func incrementCounter(_ key: [UInt8]) throws -> Int64

  /// Appends to the log and returns the entry's sequence number (its leaf index).
  func appendAudit(slot: Int64?, sealed: [UInt8], leafHash: [UInt8]) throws -> Int64
  func putTileRoot(_ row: TileRootRow) throws
  /// Keeps the newest checkpoint. `pinned` ones stay when a newer one comes.
  func putCheckpoint(_ row: CheckpointRow) throws

  func putOutbox(_ row: OutboxRow) throws
  func deleteOutbox(id: [UInt8]) throws
  /// Marks a message as received; false if it was before.
  func receive(messageID: [UInt8], at time: Int64) throws -> Bool
}
