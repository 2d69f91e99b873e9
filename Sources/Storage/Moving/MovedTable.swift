import GRDB

/// One table of the store as it is in SQLite and as it shall be in PostgreSQL.
///
/// Both sides are read in the same order, so that their contents can be compared as streams of bytes.
struct MovedTable: Sendable {
  let name: String
  /// In PostgreSQL.
  let columns: String
  /// In PostgreSQL; the same order as that of `source`.
  let order: String
  /// The table in SQLite that `source` reads, and how.
  let sourceTable: String
  let source: String
  /// Makes rows of rows.
  let gathering: @Sendable () -> any MovedRows

  /// Every table. A move refuses to start on a store that has another.
  static let all = [
    MovedTable(
      name: "chart", columns: "slot, tag, key_generation, wrapped_key, consent_revision",
      order: "slot", sourceTable: "chart",
      source:
        "SELECT slot, tag, key_generation, wrapped_key, consent_revision FROM chart ORDER BY slot"
    ) {
      [
        .int($0.int(0)), .bytes($0.blob(1)), .int($0.int(2)), .bytes($0.optionalBlob(3)),
        .int($0.int(4)),
      ]
    },
    MovedTable(
      name: "data_key", columns: "slot, generation, wrapped", order: "slot, generation",
      sourceTable: "data_key",
      source: "SELECT slot, generation, wrapped FROM data_key ORDER BY slot, generation"
    ) { [.int($0.int(0)), .int($0.int(1)), .bytes($0.blob(2))] },
    MovedTable(
      name: "version_place", columns: "key, number, row_id", order: "key, number",
      sourceTable: "version",
      source: "SELECT key, number, slot, row FROM version ORDER BY key, number"
    ) {
      [
        .bytes($0.blob(0)), .int($0.int(1)),
        .int(RowNumber.row(slot: $0.int(2), count: $0.int(3))),
      ]
    },
    MovedTable(
      name: "version", columns: "slot, row_id, key, number, stored_at, deleted, sealed",
      order: "slot, row_id", sourceTable: "version",
      source: """
        SELECT slot, row, key, number, stored_at, deleted, sealed FROM version ORDER BY slot, row
        """
    ) {
      [
        .int($0.int(0)), .int(RowNumber.row(slot: $0.int(0), count: $0.int(1))),
        .bytes($0.blob(2)), .int($0.int(3)), .int($0.int(4)), .flag($0.int(5) != 0),
        .bytes($0.blob(6)),
      ]
    },
    MovedTable(
      name: "token_block", columns: "part, token, row_id, size, entries",
      order: "part, token, row_id", sourceTable: "token",
      source: """
        SELECT slot & \(RowNumber.parts - 1) AS part, token, slot, row FROM token
        ORDER BY part, token, slot, row
        """, gathering: MovedIndex.init),
    MovedTable(
      name: "item", columns: "kind, key, sealed", order: "kind COLLATE \"C\", key",
      sourceTable: "item", source: "SELECT kind, key, sealed FROM item ORDER BY kind, key"
    ) { [.text($0.text(0)), .bytes($0.blob(1)), .bytes($0.blob(2))] },
    MovedTable(
      name: "counter", columns: "key, value", order: "key", sourceTable: "counter",
      source: "SELECT key, value FROM counter ORDER BY key"
    ) { [.bytes($0.blob(0)), .int($0.int(1))] },
    MovedTable(
      name: "audit", columns: "sequence, slot, sealed, leaf_hash", order: "sequence",
      sourceTable: "audit",
      source: "SELECT sequence, slot, sealed, leaf_hash FROM audit ORDER BY sequence"
    ) { [.int($0.int(0)), .int($0.optionalInt(1)), .bytes($0.blob(2)), .bytes($0.blob(3))] },
    MovedTable(
      name: "log_tile", columns: "level, tile, hash", order: "level, tile",
      sourceTable: "log_tile", source: "SELECT level, tile, hash FROM log_tile ORDER BY level, tile"
    ) { [.int($0.int(0)), .int($0.int(1)), .bytes($0.blob(2))] },
    MovedTable(
      name: "checkpoint", columns: "size, note, pinned", order: "size", sourceTable: "checkpoint",
      source: "SELECT size, note, pinned FROM checkpoint ORDER BY size"
    ) { [.int($0.int(0)), .text($0.text(1)), .flag($0.int(2) != 0)] },
    MovedTable(
      name: "outbox", columns: "id, peer, created_at, next_attempt, attempts, sealed",
      order: "position", sourceTable: "outbox",
      source: """
        SELECT id, peer, created_at, next_attempt, attempts, sealed FROM outbox ORDER BY rowid
        """
    ) {
      [
        .bytes($0.blob(0)), .bytes($0.blob(1)), .int($0.int(2)), .int($0.int(3)), .int($0.int(4)),
        .bytes($0.blob(5)),
      ]
    },
    MovedTable(
      name: "inbox", columns: "id, received_at", order: "id", sourceTable: "inbox",
      source: "SELECT id, received_at FROM inbox ORDER BY id"
    ) { [.bytes($0.blob(0)), .int($0.int(1))] },
    MovedTable(
      name: "blob_space", columns: "name", order: "name", sourceTable: "blob_space",
      source: "SELECT name FROM blob_space ORDER BY name"
    ) { [.text($0.text(0))] },
    MovedTable(
      name: "version_blob", columns: "slot, row_id, hash, length", order: "slot, row_id",
      sourceTable: "version_blob",
      source: "SELECT slot, row, hash, length FROM version_blob ORDER BY slot, row"
    ) {
      [
        .int($0.int(0)), .int(RowNumber.row(slot: $0.int(0), count: $0.int(1))),
        .bytes($0.blob(2)), .int($0.int(3)),
      ]
    },
    MovedTable(
      name: "item_blob", columns: "kind, key, hash, length", order: "kind COLLATE \"C\", key",
      sourceTable: "item_blob",
      source: "SELECT kind, key, hash, length FROM item_blob ORDER BY kind, key"
    ) { [.text($0.text(0)), .bytes($0.blob(1)), .bytes($0.blob(2)), .int($0.int(3))] },
  ]

  init(
    name: String, columns: String, order: String, sourceTable: String, source: String,
    values: @escaping @Sendable (SQLiteStatement) -> [PostgreSQLValue]
  ) {
    self.init(
      name: name, columns: columns, order: order, sourceTable: sourceTable, source: source,
      gathering: { EachRow(values: values) })
  }

  init(
    name: String, columns: String, order: String, sourceTable: String, source: String,
    gathering: @escaping @Sendable () -> any MovedRows
  ) {
    self.name = name
    self.columns = columns
    self.order = order
    self.sourceTable = sourceTable
    self.source = source
    self.gathering = gathering
  }
}
