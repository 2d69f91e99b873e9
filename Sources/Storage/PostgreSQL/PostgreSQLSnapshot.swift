import Exchange
import Primitives

/// Reads of the PostgreSQL store, on one connection inside one transaction.
///
/// A record is found in two steps: `version_place` says under which row it lies, and the row's number
/// tells the partition, so that each query touches one.
struct PostgreSQLSnapshot: StoreSnapshot {
  let connection: PostgreSQLConnection
  let blobs: BlobReading

  func chart(tag: [UInt8]) throws -> ChartRow? {
    try connection.run(Self.charts + " WHERE tag = $1", .bytes(tag)).first.map(Self.chart)
  }

  func chart(slot: Int64) throws -> ChartRow? {
    try connection.run(Self.charts + " WHERE slot = $1", .int(slot)).first.map(Self.chart)
  }

  func charts(after slot: Int64, limit: Int) throws -> [ChartRow] {
    try connection.run(
      Self.charts + " WHERE slot > $1 ORDER BY slot LIMIT $2", .int(slot), .int(Int64(limit))
    ).map(Self.chart)
  }

  func dataKeys(slot: Int64) throws -> [DataKeyRow] {
    try connection.run(
      "SELECT slot, generation, wrapped FROM data_key WHERE slot = $1 ORDER BY generation",
      .int(slot)
    ).map { DataKeyRow(slot: $0.int(0), generation: $0.int(1), wrapped: $0.blob(2)) }
  }

  /// In two steps: the second one then opens the one part of the table that it needs, which costs less
  /// than the round trip spared.
  func newestVersion(of key: RecordKey) throws -> VersionRow? {
    try connection.run(
      "SELECT row_id FROM version_place WHERE key = $1 ORDER BY number DESC LIMIT 1",
      .bytes(key.bytes)
    ).first.flatMap { try version(row: $0.int(0)) }
  }

  func version(of key: RecordKey, number: Int64) throws -> VersionRow? {
    try connection.run(
      "SELECT row_id FROM version_place WHERE key = $1 AND number = $2", .bytes(key.bytes),
      .int(number)
    ).first.flatMap { try version(row: $0.int(0)) }
  }

  func version(row: Int64) throws -> VersionRow? {
    try connection.run(
      Self.versions + " WHERE slot = $1 AND row_id = $2", .int(RowNumber.slot(of: row)), .int(row)
    ).first.map(version)
  }

  func versions(rows: [Int64]) throws -> [VersionRow] {
    guard rows.count > 1 else { return try rows.compactMap(version(row:)) }
    let found = try connection.run(
      """
      SELECT \(Self.versionColumns) FROM unnest($1, $2) WITH ORDINALITY AS asked (slot, row_id, place)
      JOIN version USING (slot, row_id) ORDER BY asked.place
      """, .ints(rows.map(RowNumber.slot)), .ints(rows))
    return try found.map(version)
  }

  func history(of key: RecordKey, before number: Int64, limit: Int) throws -> [VersionRow] {
    try connection.run(
      Self.placed(
        "key = $1 AND number < $2 ORDER BY number DESC LIMIT $3", order: "number DESC"),
      .bytes(key.bytes), .int(number), .int(Int64(limit))
    ).map(version)
  }

  func versions(before row: Int64, limit: Int) throws -> [VersionRow] {
    try connection.run(
      Self.placed(
        "\(Self.count) < $1 ORDER BY \(Self.count) DESC LIMIT $2", order: "\(Self.count) DESC"),
      .int(RowNumber.count(of: row)), .int(Int64(limit))
    ).map(version)
  }

  func versions(after row: Int64, limit: Int) throws -> [VersionRow] {
    try connection.run(
      Self.placed("\(Self.count) > $1 ORDER BY \(Self.count) LIMIT $2", order: Self.count),
      .int(RowNumber.count(of: row)), .int(Int64(limit))
    ).map(version)
  }

  func records(slot: Int64, after row: Int64, limit: Int) throws -> [VersionRow] {
    try connection.run(
      Self.versions
        + """
         AS v WHERE slot = $1 AND row_id > $2 AND NOT deleted AND NOT EXISTS (
          SELECT 1 FROM version_place AS newer WHERE newer.key = v.key AND newer.number > v.number)
        ORDER BY row_id LIMIT $3
        """, .int(slot), .int(row), .int(Int64(limit))
    ).map(version)
  }

  func item(_ kind: ItemKind, key: [UInt8]) throws -> [UInt8]? {
    try connection.run(
      "SELECT sealed FROM item WHERE kind = $1 AND key = $2", .text(kind.rawValue), .bytes(key)
    ).first.map { try item($0.blob(0), kind, key) }
  }

  /// An item that holds nothing lies in a blob, or is empty.
  private func item(_ sealed: [UInt8], _ kind: ItemKind, _ key: [UInt8]) throws -> [UInt8] {
    guard sealed.isEmpty, let reference = try blob(ofItem: kind, key) else { return sealed }
    return try blobs.get(reference)
  }

  func itemKeys(_ kind: ItemKind) throws -> [[UInt8]] {
    try connection.run(
      "SELECT key FROM item WHERE kind = $1 ORDER BY key", .text(kind.rawValue)
    ).map { $0.blob(0) }
  }

  func items(_ kind: ItemKind) throws -> [(key: [UInt8], sealed: [UInt8])] {
    try connection.run(
      "SELECT key, sealed FROM item WHERE kind = $1 ORDER BY key", .text(kind.rawValue)
    ).map { ($0.blob(0), try item($0.blob(1), kind, $0.blob(0))) }
  }

  func items(
    _ kind: ItemKind, prefix: [UInt8], after key: [UInt8]?, limit: Int
  ) throws -> [(key: [UInt8], sealed: [UInt8])] {
    let range = ItemKeyRange(prefix: prefix, after: key)
    let result =
      if let end = range.end {
        try connection.run(
          """
          SELECT key, sealed FROM item WHERE kind = $1 AND key >= $2 AND key < $4
          ORDER BY key LIMIT $3
          """, .text(kind.rawValue), .bytes(range.start), .int(Int64(limit)), .bytes(end))
      } else {
        try connection.run(
          "SELECT key, sealed FROM item WHERE kind = $1 AND key >= $2 ORDER BY key LIMIT $3",
          .text(kind.rawValue), .bytes(range.start), .int(Int64(limit)))
      }
    return try result.map { ($0.blob(0), try item($0.blob(1), kind, $0.blob(0))) }
  }

  func counter(_ key: [UInt8]) throws -> Int64 {
    try connection.run("SELECT value FROM counter WHERE key = $1", .bytes(key)).first?.int(0) ?? 0
  }

  func outbox(dueAt time: Int64, limit: Int) throws -> [OutboxRow] {
    try connection.run(
      Self.outboxes + " WHERE next_attempt <= $1 ORDER BY next_attempt, position LIMIT $2",
      .int(time), .int(Int64(limit))
    ).map(Self.outbox)
  }

  func outboxRows() throws -> [OutboxRow] {
    try connection.run(Self.outboxes + " ORDER BY position").map(Self.outbox)
  }

  func hasReceived(_ messageID: [UInt8]) throws -> Bool {
    try connection.run("SELECT 1 FROM inbox WHERE id = $1", .bytes(messageID)).count > 0
  }
}

extension PostgreSQLSnapshot {
  private static let charts =
    "SELECT slot, tag, key_generation, wrapped_key, consent_revision FROM chart"

  private static func chart(_ row: PostgreSQLRow) -> ChartRow {
    ChartRow(
      slot: row.int(0), tag: row.blob(1), keyGeneration: row.int(2),
      wrappedKey: row.optionalBlob(3), consentRevision: row.int(4))
  }

  private static let versionColumns = "row_id, key, slot, number, stored_at, deleted, sealed"
  private static let versions = "SELECT \(versionColumns) FROM version"
  /// By this number rows follow one another as they were stored.
  private static let count = "(row_id & \(RowNumber.largestCount))"

  /// The versions at places that a condition on `version_place` names, in one round trip.
  private static func placed(_ condition: String, order: String) -> String {
    """
    WITH place AS MATERIALIZED (
      SELECT row_id >> \(RowNumber.countBits) AS slot, row_id FROM version_place
      WHERE \(condition))
    SELECT \(versionColumns) FROM place JOIN version USING (slot, row_id) ORDER BY \(order)
    """
  }

  private func version(_ row: PostgreSQLRow) throws -> VersionRow {
    let sealed = row.blob(6)
    return VersionRow(
      row: row.int(0), key: RecordKey(row.blob(1)), slot: row.int(2), number: row.int(3),
      storedAt: row.int(4), isDeleted: row.flag(5),
      body: sealed.isEmpty
        ? try bodyApart(row: row.int(0), slot: row.int(2)) : SealedBody(sealed))
  }

  static let outboxColumns =
    "outbox.id, outbox.peer, outbox.created_at, outbox.next_attempt, outbox.attempts, outbox.sealed"
  private static let outboxes = "SELECT \(outboxColumns) FROM outbox"

  static func outbox(_ row: PostgreSQLRow) -> OutboxRow {
    OutboxRow(
      id: row.blob(0), peer: row.blob(1), createdAt: row.int(2), nextAttempt: row.int(3),
      attempts: row.int(4), sealed: row.blob(5))
  }
}
