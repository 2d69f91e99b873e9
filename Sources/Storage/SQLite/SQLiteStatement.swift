import GRDB
import GRDBSQLite
import Primitives

/// A prepared statement driven through SQLite's C interface.
///
/// Binding and stepping here skip GRDB's value layer, which costs more than the query itself for reads by
/// key (facts: three to one).
struct SQLiteStatement {
  private let handle: SQLiteStatement.Handle
  typealias Handle = OpaquePointer

  init(_ connection: SQLiteConnection, _ sql: String) throws {
    handle = try connection.statement(sql)
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  /// For a connection that GRDB lends; it owns and caches the statement.
  init(_ db: Database, _ sql: String) throws {
    handle = try db.cachedStatement(sql: sql).sqliteStatement
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  func bind(_ position: Int32, _ value: Int64) { sqlite3_bind_int64(handle, position, value) }

  func bind(_ position: Int32, _ value: Int64?) {
    if let value { bind(position, value) } else { sqlite3_bind_null(handle, position) }
  }

  func bind(_ position: Int32, _ value: [UInt8]?) {
    guard let value else {
      sqlite3_bind_null(handle, position)
      return
    }
    if value.isEmpty {
      sqlite3_bind_zeroblob(handle, position, 0)
    } else {
      _ = value.withUnsafeBytes {
        sqlite3_bind_blob(handle, position, $0.baseAddress, Int32($0.count), Self.copied)
      }
    }
  }

  func bind(_ position: Int32, _ value: String) {
    sqlite3_bind_text(handle, position, value, -1, Self.copied)
  }

  /// Advances to the next row; false at the end.
  func step() throws -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(handle)
      return false
    case let code:
      sqlite3_reset(handle)
      throw SQLiteError.error(code)
    }
  }

  /// Runs a statement that returns nothing.
  func run() throws { while try step() {} }

  func reset() { sqlite3_reset(handle) }

  func int(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func optionalInt(_ column: Int32) -> Int64? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : int(column)
  }

  func blob(_ column: Int32) -> [UInt8] {
    guard let base = sqlite3_column_blob(handle, column) else { return [] }
    let count = Int(sqlite3_column_bytes(handle, column))
    return Array(UnsafeRawBufferPointer(start: base, count: count))
  }

  func optionalBlob(_ column: Int32) -> [UInt8]? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : blob(column)
  }

  func text(_ column: Int32) -> String {
    sqlite3_column_text(handle, column).map { String(cString: $0) } ?? ""
  }

  /// SQLITE_TRANSIENT: SQLite takes a copy before the call returns.
  private static var copied: sqlite3_destructor_type? {
    unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }
}

/// Maps SQLite's result codes to the project's one error shape.
enum SQLiteError {
  static func error(_ code: Int32) -> PeerChartError {
    switch code & 0xFF {
    case SQLITE_FULL:
      PeerChartError(.storage, "the disk is full; free some space and try again")
    case SQLITE_READONLY:
      PeerChartError(.storage, "the data folder is read-only")
    case SQLITE_IOERR:
      PeerChartError(.storage, "the disk reported an input/output error (SQLite \(code))")
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      PeerChartError(.integrity, "the database file is damaged (SQLite \(code))")
    case SQLITE_BUSY, SQLITE_LOCKED:
      PeerChartError(.storage, "another process holds the database; try again")
    case SQLITE_CONSTRAINT:
      PeerChartError(.conflict, "somebody else wrote this at the same time")
    case SQLITE_CANTOPEN:
      PeerChartError(.storage, "the database file cannot be opened")
    default:
      PeerChartError(.storage, "the database failed (SQLite \(code))")
    }
  }

  static func translate(_ error: any Error) -> PeerChartError {
    switch error {
    case let error as PeerChartError: error
    case let error as DatabaseError: Self.error(error.extendedResultCode.rawValue)
    default: PeerChartError(.storage, "the store failed", cause: error)
    }
  }
}
