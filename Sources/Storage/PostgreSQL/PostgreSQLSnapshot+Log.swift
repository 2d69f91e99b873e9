import Exchange
import Primitives

extension PostgreSQLSnapshot {
  func auditSize() throws -> Int64 {
    try connection.run("SELECT max(sequence) FROM audit").first?.optionalInt(0).map { $0 + 1 } ?? 0
  }

  func auditRows(from sequence: Int64, limit: Int) throws -> [AuditRow] {
    try connection.run(
      Self.audits + " WHERE sequence >= $1 ORDER BY sequence LIMIT $2", .int(sequence),
      .int(Int64(limit))
    ).map(Self.audit)
  }

  func auditRows(slot: Int64, before sequence: Int64, limit: Int) throws -> [AuditRow] {
    try connection.run(
      Self.audits + " WHERE slot = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3",
      .int(slot), .int(sequence), .int(Int64(limit))
    ).map(Self.audit)
  }

  func leafHashes(from sequence: Int64, to end: Int64) throws -> [[UInt8]] {
    try connection.run(
      "SELECT leaf_hash FROM audit WHERE sequence >= $1 AND sequence < $2 ORDER BY sequence",
      .int(sequence), .int(end)
    ).map { $0.blob(0) }
  }

  func tileRoots(level: Int, from index: Int64, to end: Int64) throws -> [[UInt8]] {
    try connection.run(
      "SELECT hash FROM log_tile WHERE level = $1 AND tile >= $2 AND tile < $3 ORDER BY tile",
      .int(Int64(level)), .int(index), .int(end)
    ).map { $0.blob(0) }
  }

  func tileRoots(afterLevel level: Int, index: Int64, limit: Int) throws -> [TileRootRow] {
    try connection.run(
      """
      SELECT level, tile, hash FROM log_tile WHERE (level, tile) > ($1, $2)
      ORDER BY level, tile LIMIT $3
      """, .int(Int64(level)), .int(index), .int(Int64(limit))
    ).map {
      TileRootRow(level: Int(truncatingIfNeeded: $0.int(0)), index: $0.int(1), hash: $0.blob(2))
    }
  }

  func checkpoints() throws -> [CheckpointRow] {
    try connection.run(Self.checkpoints + " ORDER BY size").map(Self.checkpoint)
  }

  func newestCheckpoint() throws -> CheckpointRow? {
    try connection.run(Self.checkpoints + " ORDER BY size DESC LIMIT 1").first.map(Self.checkpoint)
  }

  private static let checkpoints = "SELECT size, note, pinned FROM checkpoint"

  private static func checkpoint(_ row: PostgreSQLRow) -> CheckpointRow {
    CheckpointRow(size: row.int(0), note: row.text(1), pinned: row.flag(2))
  }

  private static let audits = "SELECT sequence, slot, sealed, leaf_hash FROM audit"

  private static func audit(_ row: PostgreSQLRow) -> AuditRow {
    AuditRow(
      sequence: row.int(0), slot: row.optionalInt(1), sealed: row.blob(2), leafHash: row.blob(3))
  }
}
