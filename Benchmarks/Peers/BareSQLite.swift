import Foundation
import GRDBSQLite

/// SQLite with nothing around it: one table, the same durability (`synchronous=FULL`, write-ahead
/// log), a prepared statement. What our writes would cost if they did nothing but write.
final class BareSQLite {
  private var database: OpaquePointer?
  private var insertion: OpaquePointer?

  init(path: String) throws {
    guard sqlite3_open(path, &database) == SQLITE_OK else {
      throw BenchFailure("SQLite cannot open its file")
    }
    try run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768;")
    try run(
      "PRAGMA wal_autocheckpoint = 4000; CREATE TABLE body (row INTEGER PRIMARY KEY, bytes BLOB)")
    sqlite3_prepare_v2(database, "INSERT INTO body (bytes) VALUES (?)", -1, &insertion, nil)
  }

  deinit {
    sqlite3_finalize(insertion)
    sqlite3_close(database)
  }

  /// Inserts all of `bodies` in one durable commit.
  func commit(_ bodies: some Sequence<[UInt8]>) throws {
    try run("BEGIN IMMEDIATE")
    for body in bodies {
      let result = body.withUnsafeBytes {
        // The bytes outlive the step below, so SQLite need not copy them.
        sqlite3_bind_blob(insertion, 1, $0.baseAddress, Int32(clamping: $0.count), nil)
        return sqlite3_step(insertion)
      }
      sqlite3_reset(insertion)
      guard result == SQLITE_DONE else { throw BenchFailure("SQLite refuses an insert") }
    }
    try run("COMMIT")
  }

  private func run(_ sql: String) throws {
    guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
      throw BenchFailure("SQLite refuses a statement")
    }
  }
}
