import Exchange
import Primitives

/// Reads of the SQLite store, on one connection inside one transaction.
struct SQLiteSnapshot: StoreSnapshot {
  let connection: SQLiteConnection
  let blobs: BlobReading
  /// Nil where nothing of the log is anywhere else.
  var log: LogSight?

  func chart(tag: [UInt8]) throws -> ChartRow? {
    let statement = try SQLiteStatement(connection, Self.chartByTag)
    statement.bind(1, tag)
    return try first(statement, Self.chartRow)
  }

  func chart(slot: Int64) throws -> ChartRow? {
    let statement = try SQLiteStatement(connection, Self.chartBySlot)
    statement.bind(1, slot)
    return try first(statement, Self.chartRow)
  }

  func charts(after slot: Int64, limit: Int) throws -> [ChartRow] {
    let statement = try SQLiteStatement(
      connection, Self.chartColumns + " WHERE slot > ? ORDER BY slot LIMIT ?")
    statement.bind(1, slot)
    statement.bind(2, Int64(limit))
    return try all(statement, Self.chartRow)
  }

  func dataKeys(slot: Int64) throws -> [DataKeyRow] {
    let statement = try SQLiteStatement(
      connection,
      "SELECT slot, generation, wrapped FROM data_key WHERE slot = ? ORDER BY generation")
    statement.bind(1, slot)
    return try all(statement) {
      DataKeyRow(slot: $0.int(0), generation: $0.int(1), wrapped: $0.blob(2))
    }
  }

  func newestVersion(of key: RecordKey) throws -> VersionRow? {
    let statement = try SQLiteStatement(
      connection, Self.newestByKey)
    statement.bind(1, key.bytes)
    return try first(statement, versionRow)
  }

  func version(of key: RecordKey, number: Int64) throws -> VersionRow? {
    let statement = try SQLiteStatement(
      connection, Self.versionColumns + " WHERE key = ? AND number = ?")
    statement.bind(1, key.bytes)
    statement.bind(2, number)
    return try first(statement, versionRow)
  }

  func version(row: Int64) throws -> VersionRow? {
    let statement = try SQLiteStatement(connection, Self.versionByRow)
    statement.bind(1, row)
    return try first(statement, versionRow)
  }

  func versions(rows: [Int64]) throws -> [VersionRow] {
    let statement = try SQLiteStatement(connection, Self.versionByRow)
    return try rows.compactMap { row in
      statement.bind(1, row)
      return try first(statement, versionRow)
    }
  }

  func history(of key: RecordKey, before number: Int64, limit: Int) throws -> [VersionRow] {
    let statement = try SQLiteStatement(
      connection, Self.versionColumns + " WHERE key = ? AND number < ? ORDER BY number DESC LIMIT ?"
    )
    statement.bind(1, key.bytes)
    statement.bind(2, number)
    statement.bind(3, Int64(limit))
    return try all(statement, versionRow)
  }

  func versions(before row: Int64, limit: Int) throws -> [VersionRow] {
    let statement = try SQLiteStatement(
      connection, Self.versionColumns + " WHERE row < ? ORDER BY row DESC LIMIT ?")
    statement.bind(1, row)
    statement.bind(2, Int64(limit))
    return try all(statement, versionRow)
  }

  func versions(after row: Int64, limit: Int) throws -> [VersionRow] {
    let statement = try SQLiteStatement(
      connection, Self.versionColumns + " WHERE row > ? ORDER BY row LIMIT ?")
    statement.bind(1, row)
    statement.bind(2, Int64(limit))
    return try all(statement, versionRow)
  }

  func records(slot: Int64, after row: Int64, limit: Int) throws -> [VersionRow] {
    let statement = try SQLiteStatement(
      connection,
      Self.versionColumns
        + """
         AS v WHERE slot = ? AND row > ? AND deleted = 0 AND NOT EXISTS (
          SELECT 1 FROM version AS newer WHERE newer.key = v.key AND newer.number > v.number)
        ORDER BY row LIMIT ?
        """)
    statement.bind(1, slot)
    statement.bind(2, row)
    statement.bind(3, Int64(limit))
    return try all(statement, versionRow)
  }

  func entryCount(token: UInt64, slot: Int64?, limit: Int) throws -> Int {
    let statement = try SQLiteStatement(
      connection,
      slot == nil
        ? "SELECT count(*) FROM (SELECT 1 FROM token WHERE token = ?1 LIMIT ?2)"
        : "SELECT count(*) FROM (SELECT 1 FROM token WHERE token = ?1 AND slot = ?3 LIMIT ?2)")
    statement.bind(1, Int64(bitPattern: token))
    statement.bind(2, Int64(limit))
    if let slot { statement.bind(3, slot) }
    return try first(statement) { Int($0.int(0)) } ?? 0
  }

  func entries(
    token: UInt64, slot: Int64?, after: IndexEntryPosition?, limit: Int
  ) throws -> [IndexEntryPosition] {
    let (afterSlot, afterRow) = (after?.slot ?? -1, after?.row ?? -1)
    let statement: SQLiteStatement
    if let slot {
      guard slot >= afterSlot else { return [] }
      // Behind a pair, SQLite would go through the entries of all charts to find those of this one.
      statement = try SQLiteStatement(
        connection,
        "SELECT slot, row FROM token WHERE token = ?1 AND slot = ?2 AND row > ?3 ORDER BY row LIMIT ?4"
      )
      statement.bind(2, slot)
      statement.bind(3, slot == afterSlot ? afterRow : -1)
    } else {
      statement = try SQLiteStatement(
        connection,
        """
        SELECT slot, row FROM token WHERE token = ?1 AND (slot, row) > (?2, ?3)
        ORDER BY slot, row LIMIT ?4
        """)
      statement.bind(2, afterSlot)
      statement.bind(3, afterRow)
    }
    statement.bind(1, Int64(bitPattern: token))
    statement.bind(4, Int64(limit))
    return try all(statement) { IndexEntryPosition(slot: $0.int(0), row: $0.int(1)) }
  }

  /// To seek an entry costs as much as stepping over so many.
  private static let stepsForSeek: Int64 = 6

  func rows(
    _ rows: [Int64], carrying tokens: [UInt64], slot: Int64, limit: Int
  ) throws -> [Int64]? {
    guard let last = rows.last else { return [] }
    let statement = try SQLiteStatement(
      connection,
      "SELECT row FROM token WHERE token = ?1 AND slot = ?2 AND row BETWEEN ?3 AND ?4 ORDER BY row")
    statement.bind(2, slot)
    statement.bind(4, last)
    var isFound = [Bool](repeating: false, count: rows.count)
    var steps = 0
    for token in tokens {
      statement.bind(1, Int64(bitPattern: token))
      var place = 0
      seeking: while place < rows.count {
        statement.bind(3, rows[place])
        while try statement.step() {
          steps += 1
          let row = statement.int(0)
          while place < rows.count, rows[place] < row { place += 1 }
          guard place < rows.count, steps <= limit else { break }
          if rows[place] == row {
            isFound[place] = true
            place += 1
          } else if rows[place] - row > Self.stepsForSeek {
            statement.reset()
            continue seeking
          }
        }
        statement.reset()
        if steps > limit { return nil }
        break
      }
    }
    return zip(rows, isFound).compactMap { $1 ? $0 : nil }
  }

  func item(_ kind: ItemKind, key: [UInt8]) throws -> [UInt8]? {
    let statement = try SQLiteStatement(
      connection, "SELECT sealed FROM item WHERE kind = ? AND key = ?")
    statement.bind(1, kind.rawValue)
    statement.bind(2, key)
    guard let sealed = try first(statement, { $0.blob(0) }) else { return nil }
    guard sealed.isEmpty, let reference = try blob(ofItem: kind, key) else { return sealed }
    return try blobs.get(reference)
  }

  func itemKeys(_ kind: ItemKind) throws -> [[UInt8]] {
    let statement = try SQLiteStatement(
      connection, "SELECT key FROM item WHERE kind = ? ORDER BY key")
    statement.bind(1, kind.rawValue)
    return try all(statement) { $0.blob(0) }
  }

  func items(_ kind: ItemKind) throws -> [(key: [UInt8], sealed: [UInt8])] {
    let statement = try SQLiteStatement(
      connection, "SELECT key, sealed FROM item WHERE kind = ? ORDER BY key")
    statement.bind(1, kind.rawValue)
    return try whole(kind, try all(statement) { ($0.blob(0), $0.blob(1)) })
  }

  /// Items with what of them lies in blobs.
  private func whole(
    _ kind: ItemKind, _ items: [(key: [UInt8], sealed: [UInt8])]
  ) throws -> [(key: [UInt8], sealed: [UInt8])] {
    try items.map { key, sealed in
      guard sealed.isEmpty, let reference = try blob(ofItem: kind, key) else {
        return (key, sealed)
      }
      return (key, try blobs.get(reference))
    }
  }

  func items(
    _ kind: ItemKind, prefix: [UInt8], after key: [UInt8]?, limit: Int
  ) throws -> [(key: [UInt8], sealed: [UInt8])] {
    let range = ItemKeyRange(prefix: prefix, after: key)
    let filter = range.end == nil ? "" : " AND key < ?4"
    let statement = try SQLiteStatement(
      connection,
      "SELECT key, sealed FROM item WHERE kind = ?1 AND key >= ?2\(filter) ORDER BY key LIMIT ?3")
    statement.bind(1, kind.rawValue)
    statement.bind(2, range.start)
    statement.bind(3, Int64(limit))
    if let end = range.end { statement.bind(4, end) }
    return try whole(kind, try all(statement) { ($0.blob(0), $0.blob(1)) })
  }

  func settledTime() throws -> Int64? {
    let statement = try SQLiteStatement(connection, "SELECT value FROM counter WHERE key = ?")
    statement.bind(1, SettledCounter.key)
    return try first(statement) { $0.int(0) }
  }

  func counter(_ key: [UInt8]) throws -> Int64 {
    let statement = try SQLiteStatement(connection, "SELECT value FROM counter WHERE key = ?")
    statement.bind(1, key)
    return try first(statement) { $0.int(0) } ?? 0
  }

  func counters(from first: [UInt8], to end: [UInt8]) throws -> [(key: [UInt8], value: Int64)] {
    let statement = try SQLiteStatement(
      connection, "SELECT key, value FROM counter WHERE key >= ? AND key < ? ORDER BY key")
    statement.bind(1, first)
    statement.bind(2, end)
    return try all(statement) { ($0.blob(0), $0.int(1)) }
  }

  func outbox(dueAt time: Int64, limit: Int) throws -> [OutboxRow] {
    let statement = try SQLiteStatement(
      connection,
      Self.outboxColumns + " WHERE next_attempt <= ? ORDER BY next_attempt, rowid LIMIT ?")
    statement.bind(1, time)
    statement.bind(2, Int64(limit))
    return try all(statement, Self.outboxRow)
  }

  func outboxRows() throws -> [OutboxRow] {
    try all(try SQLiteStatement(connection, Self.outboxColumns + " ORDER BY rowid"), Self.outboxRow)
  }

  func hasReceived(_ messageID: [UInt8]) throws -> Bool {
    let statement = try SQLiteStatement(connection, "SELECT 1 FROM inbox WHERE id = ?")
    statement.bind(1, messageID)
    return try first(statement) { _ in true } ?? false
  }

  func first<Value>(
    _ statement: SQLiteStatement, _ make: (SQLiteStatement) throws -> Value
  ) throws -> Value? {
    guard try statement.step() else { return nil }
    defer { statement.reset() }
    return try make(statement)
  }

  func all<Value>(
    _ statement: SQLiteStatement, _ make: (SQLiteStatement) throws -> Value
  ) throws -> [Value] {
    var rows: [Value] = []
    defer { statement.reset() }
    while try statement.step() { rows.append(try make(statement)) }
    return rows
  }
}

extension SQLiteSnapshot {
  static let chartColumns =
    "SELECT slot, tag, key_generation, wrapped_key, consent_revision FROM chart"

  // Put together once: with every read it would cost as much as looking the statement up.
  private static let chartByTag = chartColumns + " WHERE tag = ?"
  private static let chartBySlot = chartColumns + " WHERE slot = ?"
  private static let newestByKey =
    versionColumns + " WHERE key = ? ORDER BY number DESC LIMIT 1"
  private static let versionByRow = versionColumns + " WHERE row = ?"

  static func chartRow(_ row: SQLiteStatement) -> ChartRow {
    ChartRow(
      slot: row.int(0), tag: row.blob(1), keyGeneration: row.int(2),
      wrappedKey: row.optionalBlob(3), consentRevision: row.int(4))
  }

  static let versionColumns =
    "SELECT row, key, slot, number, stored_at, deleted, sealed FROM version"

  func versionRow(_ row: SQLiteStatement) throws -> VersionRow {
    let sealed = row.blob(6)
    return VersionRow(
      row: row.int(0), key: RecordKey(row.blob(1)), slot: row.int(2), number: row.int(3),
      storedAt: row.int(4), isDeleted: row.int(5) != 0,
      body: sealed.isEmpty ? try bodyApart(row: row.int(0)) : SealedBody(sealed))
  }

  static let outboxColumns =
    "SELECT id, peer, created_at, next_attempt, attempts, sealed FROM outbox"

  static func outboxRow(_ row: SQLiteStatement) -> OutboxRow {
    OutboxRow(
      id: row.blob(0), peer: row.blob(1), createdAt: row.int(2), nextAttempt: row.int(3),
      attempts: row.int(4), sealed: row.blob(5))
  }
}
