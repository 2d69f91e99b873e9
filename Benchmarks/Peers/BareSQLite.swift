import Foundation
import GRDBSQLite

/// SQLite with nothing around it: one table, the same durability (`synchronous=FULL`, write-ahead
/// log), a prepared statement. What our writes would cost if they did nothing but write. Looks into a
/// store's own file as well.
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

  /// Opens a store's file to look at it.
  init(reading path: String) throws {
    guard sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK else {
      throw BenchFailure("SQLite cannot open a store")
    }
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

  /// Rows of a text and a number.
  func table(_ query: String) throws -> [(name: String, value: Double)] {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_prepare_v2(database, query, -1, &statement, nil) == SQLITE_OK else {
      throw BenchFailure("SQLite refuses a query")
    }
    var rows: [(name: String, value: Double)] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      let name = sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? ""
      rows.append((name, sqlite3_column_double(statement, 1)))
    }
    return rows
  }

  private func run(_ sql: String) throws {
    guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
      throw BenchFailure("SQLite refuses a statement")
    }
  }
}
