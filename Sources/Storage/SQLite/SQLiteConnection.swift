import GRDB
import GRDBSQLite
import Primitives

/// A connection to the file: opened and set up by GRDB, then used by whoever holds it alone.
///
/// Whoever has taken it out of the pool is the only one to use it, and so is the writer's thread. GRDB's own
/// way in, a dispatch queue for each connection, would keep them apart once more, for more than a read by
/// key costs.
final class SQLiteConnection: @unchecked Sendable {
  private let queue: DatabaseQueue
  private let handle: OpaquePointer
  /// Seconds to wait for another process.
  private static let patience = 60.0
  /// Every text is prepared once. The texts are those of this module, so there is an end of them.
  private var prepared: [String: OpaquePointer] = [:]

  init(_ queue: DatabaseQueue) throws {
    guard let handle = queue.inDatabase({ $0.sqliteConnection }) else {
      throw PeerChartError(.storage, "the database file cannot be opened")
    }
    self.queue = queue
    self.handle = handle
    // GRDB tells its observers of commits, by way of its queue. There are none, and the queue is not used.
    sqlite3_commit_hook(handle, nil, nil)
    sqlite3_rollback_hook(handle, nil, nil)
    sqlite3_update_hook(handle, nil, nil)
  }

  /// Opens a file in write-ahead-log mode, every commit synced.
  ///
  /// - Parameters:
  ///   - cacheKiB: how much of the file is kept in memory at most.
  ///   - bringsIn: whether it brings the write-ahead log into the file when a commit has made that long.
  static func open(_ path: String, cacheKiB: Int, bringsIn: Bool) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.busyMode = .timeout(patience)
    configuration.journalMode = .wal
    configuration.prepareDatabase { db in
      try db.execute(
        sql: """
          PRAGMA secure_delete = ON;
          PRAGMA cache_size = -\(cacheKiB);
          PRAGMA wal_autocheckpoint = \(bringsIn ? 4000 : 0);
          PRAGMA temp_store = MEMORY;
          """)
    }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    // Afterwards, because GRDB sets it to NORMAL, which does not sync commits.
    try queue.inDatabase { db in
      try db.execute(sql: "PRAGMA synchronous = FULL")
      guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
        throw PeerChartError(.storage, "the database does not make commits durable")
      }
    }
    return queue
  }

  /// The statement of that text, as it was after the last use.
  func statement(_ text: String) throws -> OpaquePointer {
    if let known = prepared[text] { return known }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(
      handle, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw SQLiteError.error(code) }
    prepared[text] = statement
    return statement
  }

  /// Whether no transaction is open. SQLite ends one by itself when the disk is full or fails.
  var isOutsideTransaction: Bool { sqlite3_get_autocommit(handle) != 0 }

  var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

  /// How many rows the last statement changed.
  var changedRows: Int { Int(sqlite3_changes(handle)) }

  func close() {
    for statement in prepared.values { sqlite3_finalize(statement) }
    prepared = [:]
    try? queue.close()
  }

  deinit {
    for statement in prepared.values { sqlite3_finalize(statement) }
  }
}
