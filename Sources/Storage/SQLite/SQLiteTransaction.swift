import Exchange
import Primitives

/// Changes to the SQLite store, within the commit that the writer is preparing.
final class SQLiteTransaction: StoreTransaction {
  let snapshot: SQLiteSnapshot
  /// Sequence number of the first audit row of this commit.
  let firstSequence: Int64
  /// Leaf hashes appended so far; the writer cuts it back when a write is undone.
  var leafHashes: [[UInt8]] = []

  /// The first error of the write that is running: a body that swallows it has not succeeded.
  private(set) var failure: (any Error)?

  /// What is settled, once the write that is running has asked.
  private var settled: Int64??

  /// The large bodies of the write that is running; nil where they stay in the rows.
  var staging: BlobStaging? { didSet { snapshot.blobs.look(into: staging) } }

  /// - Parameter blobs: for what the writes read.
  init(_ connection: SQLiteConnection, blobs: BlobReading) throws {
    snapshot = SQLiteSnapshot(connection: connection, blobs: blobs)
    firstSequence = try snapshot.auditSize()
  }

  private var connection: SQLiteConnection { snapshot.connection }

  func beginWrite() {
    failure = nil
    staging = nil
    settled = nil
  }

  /// Where a body goes that is to be stored.
  private func blob(for sealed: [UInt8], isRepeatable: Bool = true) -> BlobReference? {
    staging?.reference(for: sealed, isRepeatable: isRepeatable)
  }

  private func run(_ statement: SQLiteStatement) throws {
    do {
      try statement.run()
    } catch {
      failure = failure ?? error
      throw error
    }
  }

  func insertChart(tag: [UInt8]) throws -> Int64 {
    // Slot 0 is the node's own; it is the first chart ever inserted.
    let statement = try SQLiteStatement(
      connection,
      "INSERT INTO chart (slot, tag) VALUES ((SELECT ifnull(max(slot) + 1, 0) FROM chart), ?)")
    statement.bind(1, tag)
    try run(statement)
    return connection.lastInsertedRow
  }

  func setChartKey(slot: Int64, generation: Int64, wrapped: [UInt8]?) throws {
    let statement = try SQLiteStatement(
      connection, "UPDATE chart SET key_generation = ?, wrapped_key = ? WHERE slot = ?")
    statement.bind(1, generation)
    statement.bind(2, wrapped)
    statement.bind(3, slot)
    try run(statement)
  }

  func bumpConsentRevision(slot: Int64) throws {
    let statement = try SQLiteStatement(
      connection, "UPDATE chart SET consent_revision = consent_revision + 1 WHERE slot = ?")
    statement.bind(1, slot)
    try run(statement)
  }

  func insertDataKey(_ row: DataKeyRow) throws {
    let statement = try SQLiteStatement(
      connection, "INSERT INTO data_key (slot, generation, wrapped) VALUES (?, ?, ?)")
    statement.bind(1, row.slot)
    statement.bind(2, row.generation)
    statement.bind(3, row.wrapped)
    try run(statement)
  }

  func deleteDataKeys(slot: Int64) throws {
    staging?.release(try snapshot.blobs(ofChart: slot))
    for table in ["data_key", "version_blob"] {
      let statement = try SQLiteStatement(connection, "DELETE FROM \(table) WHERE slot = ?")
      statement.bind(1, slot)
      try run(statement)
    }
  }

  func settledTime() throws -> Int64? {
    if let settled { return settled }
    let time = try snapshot.settledTime()
    settled = .some(time)
    return time
  }

  func settle(_ time: Int64) throws {
    let statement = try SQLiteStatement(
      connection,
      """
      INSERT INTO counter (key, value) VALUES (?1, ?2)
      ON CONFLICT (key) DO UPDATE SET value = max(value, ?2)
      """)
    statement.bind(1, SettledCounter.key)
    statement.bind(2, time)
    try run(statement)
    settled = nil
  }

  func append(_ version: NewVersion) throws -> Int64 {
    do {
      try SettledCounter.check(version, settledTime())
    } catch {
      failure = failure ?? error
      throw error
    }
    let blob = blob(for: version.sealed, isRepeatable: !version.isSealedHere)
    let statement = try SQLiteStatement(
      connection,
      """
      INSERT INTO version (key, slot, number, stored_at, deleted, sealed)
      VALUES (?, ?, ?, ?, ?, ?)
      """)
    statement.bind(1, version.key.bytes)
    statement.bind(2, version.slot)
    statement.bind(3, version.number)
    statement.bind(4, version.storedAt)
    statement.bind(5, version.isDeleted ? 1 : 0)
    statement.bind(6, blob == nil ? version.sealed : [])
    try run(statement)
    let row = connection.lastInsertedRow
    if let blob { try name(blob, row: row, slot: version.slot) }
    let entry = try SQLiteStatement(
      connection, "INSERT OR IGNORE INTO token (token, slot, row) VALUES (?, ?, ?)")
    for token in version.tokens {
      entry.bind(1, Int64(bitPattern: token))
      entry.bind(2, version.slot)
      entry.bind(3, row)
      try run(entry)
    }
    return row
  }

  private func name(_ blob: BlobReference, row: Int64, slot: Int64) throws {
    let statement = try SQLiteStatement(
      connection, "INSERT INTO version_blob (row, slot, hash, length) VALUES (?, ?, ?, ?)")
    statement.bind(1, row)
    statement.bind(2, slot)
    statement.bind(3, blob.hash)
    statement.bind(4, Int64(blob.length))
    try run(statement)
  }

  func removeEntries(slot: Int64, row: Int64, tokens: [UInt64]) throws {
    let statement = try SQLiteStatement(
      connection, "DELETE FROM token WHERE token = ? AND slot = ? AND row = ?")
    for token in tokens {
      statement.bind(1, Int64(bitPattern: token))
      statement.bind(2, slot)
      statement.bind(3, row)
      try run(statement)
    }
  }

  func putItem(_ kind: ItemKind, key: [UInt8], sealed: [UInt8]) throws {
    let blob = blob(for: sealed)
    try forgetBlob(ofItem: kind, key)
    let statement = try SQLiteStatement(
      connection, "INSERT OR REPLACE INTO item (kind, key, sealed) VALUES (?, ?, ?)")
    statement.bind(1, kind.rawValue)
    statement.bind(2, key)
    statement.bind(3, blob == nil ? sealed : [])
    try run(statement)
    guard let blob else { return }
    let name = try SQLiteStatement(
      connection, "INSERT INTO item_blob (kind, key, hash, length) VALUES (?, ?, ?, ?)")
    name.bind(1, kind.rawValue)
    name.bind(2, key)
    name.bind(3, blob.hash)
    name.bind(4, Int64(blob.length))
    try run(name)
  }

  func deleteItem(_ kind: ItemKind, key: [UInt8]) throws {
    try forgetBlob(ofItem: kind, key)
    let statement = try SQLiteStatement(connection, "DELETE FROM item WHERE kind = ? AND key = ?")
    statement.bind(1, kind.rawValue)
    statement.bind(2, key)
    try run(statement)
  }

  private func forgetBlob(ofItem kind: ItemKind, _ key: [UInt8]) throws {
    guard let old = try snapshot.blob(ofItem: kind, key) else { return }
    staging?.release([old])
    let statement = try SQLiteStatement(
      connection, "DELETE FROM item_blob WHERE kind = ? AND key = ?")
    statement.bind(1, kind.rawValue)
    statement.bind(2, key)
    try run(statement)
  }

  func incrementCounter(_ key: [UInt8]) throws -> Int64 {
    let statement = try SQLiteStatement(
      connection,
      """
      INSERT INTO counter (key, value) VALUES (?, 1)
      ON CONFLICT (key) DO UPDATE SET value = value + 1 RETURNING value
      """)
    statement.bind(1, key)
    var value: Int64 = 0
    while try statement.step() { value = statement.int(0) }
    return value
  }

  // MARK: Counters of journals

  func counters(from first: [UInt8], to end: [UInt8]) throws -> [(key: [UInt8], value: Int64)] {
    try snapshot.counters(from: first, to: end)
  }

  func setCounter(_ key: [UInt8], _ value: Int64) throws {
    let statement = try SQLiteStatement(
      connection, "INSERT OR REPLACE INTO counter (key, value) VALUES (?, ?)")
    statement.bind(1, key)
    statement.bind(2, value)
    try run(statement)
  }

  func deleteCounter(_ key: [UInt8]) throws {
    let statement = try SQLiteStatement(connection, "DELETE FROM counter WHERE key = ?")
    statement.bind(1, key)
    try run(statement)
  }

  // MARK: The log

  func appendAudit(slot: Int64?, sealed: [UInt8], leafHash: [UInt8]) throws -> Int64 {
    let sequence = firstSequence + Int64(leafHashes.count)
    let statement = try SQLiteStatement(
      connection, "INSERT INTO audit (sequence, slot, sealed, leaf_hash) VALUES (?, ?, ?, ?)")
    statement.bind(1, sequence)
    statement.bind(2, slot)
    statement.bind(3, sealed)
    statement.bind(4, leafHash)
    try run(statement)
    leafHashes.append(leafHash)
    return sequence
  }

  func putTileRoot(_ row: TileRootRow) throws {
    let statement = try SQLiteStatement(
      connection, "INSERT INTO log_tile (level, tile, hash) VALUES (?, ?, ?)")
    statement.bind(1, Int64(row.level))
    statement.bind(2, row.index)
    statement.bind(3, row.hash)
    try run(statement)
  }

  func putCheckpoint(_ row: CheckpointRow) throws {
    let removal = try SQLiteStatement(
      connection, "DELETE FROM checkpoint WHERE pinned = 0 AND size <= ?")
    removal.bind(1, row.size)
    try run(removal)
    let statement = try SQLiteStatement(
      connection,
      """
      INSERT INTO checkpoint (size, note, pinned) VALUES (?1, ?2, ?3)
      ON CONFLICT (size) DO UPDATE SET note = ?2, pinned = max(pinned, ?3)
      """)
    statement.bind(1, row.size)
    statement.bind(2, row.note)
    statement.bind(3, row.pinned ? 1 : 0)
    try run(statement)
  }

  func putOutbox(_ row: OutboxRow) throws {
    let statement = try SQLiteStatement(
      connection,
      """
      INSERT INTO outbox (id, peer, created_at, next_attempt, attempts, sealed)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT (id) DO UPDATE SET next_attempt = ?4, attempts = ?5
      """)
    statement.bind(1, row.id)
    statement.bind(2, row.peer)
    statement.bind(3, row.createdAt)
    statement.bind(4, row.nextAttempt)
    statement.bind(5, row.attempts)
    statement.bind(6, row.sealed)
    try run(statement)
  }

  func deleteOutbox(id: [UInt8]) throws {
    let statement = try SQLiteStatement(connection, "DELETE FROM outbox WHERE id = ?")
    statement.bind(1, id)
    try run(statement)
  }

  func receive(messageID: [UInt8], at time: Int64) throws -> Bool {
    let statement = try SQLiteStatement(
      connection, "INSERT OR IGNORE INTO inbox (id, received_at) VALUES (?, ?)")
    statement.bind(1, messageID)
    statement.bind(2, time)
    try run(statement)
    return connection.changedRows == 1
  }
}
