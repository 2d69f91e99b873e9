import Exchange
import Primitives

/// Whoever asks for what lies between two numbers has them from the size or a checkpoint, and has looked for these.
extension SQLiteSnapshot {
  func auditSize() throws -> Int64 {
    try log?.look(self)
    return try first(try SQLiteStatement(connection, "SELECT max(sequence) FROM audit")) { row in
      row.optionalInt(0).map { $0 + 1 } ?? 0
    } ?? 0
  }

  func auditRows(from sequence: Int64, limit: Int) throws -> [AuditRow] {
    try log?.look(self)
    let statement = try SQLiteStatement(
      connection, Self.auditColumns + " WHERE sequence >= ? ORDER BY sequence LIMIT ?")
    statement.bind(1, sequence)
    statement.bind(2, Int64(limit))
    return try all(statement, Self.auditRow)
  }

  func auditRows(slot: Int64, before sequence: Int64, limit: Int) throws -> [AuditRow] {
    try log?.look(self)
    let statement = try SQLiteStatement(
      connection,
      Self.auditColumns + " WHERE slot = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?")
    statement.bind(1, slot)
    statement.bind(2, sequence)
    statement.bind(3, Int64(limit))
    return try all(statement, Self.auditRow)
  }

  func leafHashes(from sequence: Int64, to end: Int64) throws -> [[UInt8]] {
    let statement = try SQLiteStatement(
      connection,
      "SELECT leaf_hash FROM audit WHERE sequence >= ? AND sequence < ? ORDER BY sequence")
    statement.bind(1, sequence)
    statement.bind(2, end)
    return try all(statement) { $0.blob(0) }
  }

  func tileRoots(level: Int, from index: Int64, to end: Int64) throws -> [[UInt8]] {
    let statement = try SQLiteStatement(
      connection,
      "SELECT hash FROM log_tile WHERE level = ? AND tile >= ? AND tile < ? ORDER BY tile")
    statement.bind(1, Int64(level))
    statement.bind(2, index)
    statement.bind(3, end)
    return try all(statement) { $0.blob(0) }
  }

  func tileRoots(afterLevel level: Int, index: Int64, limit: Int) throws -> [TileRootRow] {
    try log?.look(self)
    let statement = try SQLiteStatement(
      connection,
      """
      SELECT level, tile, hash FROM log_tile WHERE (level, tile) > (?, ?)
      ORDER BY level, tile LIMIT ?
      """)
    statement.bind(1, Int64(level))
    statement.bind(2, index)
    statement.bind(3, Int64(limit))
    return try all(statement) {
      TileRootRow(level: Int(truncatingIfNeeded: $0.int(0)), index: $0.int(1), hash: $0.blob(2))
    }
  }

  func checkpoints() throws -> [CheckpointRow] {
    try log?.look(self)
    return try all(
      try SQLiteStatement(connection, Self.checkpointColumns + " ORDER BY size"), Self.checkpointRow
    )
  }

  func newestCheckpoint() throws -> CheckpointRow? {
    try log?.look(self)
    return try first(
      try SQLiteStatement(connection, Self.checkpointColumns + " ORDER BY size DESC LIMIT 1"),
      Self.checkpointRow)
  }

  private static let checkpointColumns = "SELECT size, note, pinned FROM checkpoint"

  private static func checkpointRow(_ row: SQLiteStatement) -> CheckpointRow {
    CheckpointRow(size: row.int(0), note: row.text(1), pinned: row.int(2) != 0)
  }

  private static let auditColumns = "SELECT sequence, slot, sealed, leaf_hash FROM audit"

  private static func auditRow(_ row: SQLiteStatement) -> AuditRow {
    AuditRow(
      sequence: row.int(0), slot: row.optionalInt(1), sealed: row.blob(2), leafHash: row.blob(3))
  }
}
