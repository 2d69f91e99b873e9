import Primitives
import Synchronization

/// Connections for reading. A read takes one or opens one more, so there are never more of them than threads that
/// read at the same moment. Nothing changes anything on them.
final class SQLiteConnectionPool: Sendable {
  private let path: String
  /// Idle ones, the last used last; nil once it is closed.
  private let idle = Mutex<[SQLiteConnection]?>([])

  init(path: String) { self.path = path }

  /// Lends the connection that was given back last.
  ///
  /// - Throws: `storage` once it is closed; what opening a connection and `body` throw.
  func withConnection<Result>(_ body: (SQLiteConnection) throws -> Result) throws -> Result {
    let connection = try take()
    defer { giveBack(connection) }
    return try body(connection)
  }

  private func take() throws -> SQLiteConnection {
    let (isOpen, pooled) = idle.withLock { idle in (idle != nil, idle?.popLast()) }
    guard isOpen else { throw PeerChartError(.storage, "the store is closed") }
    if let pooled { return pooled }
    // As much memory as holds the upper levels of an index over millions of entries.
    return try SQLiteConnection(SQLiteConnection.open(path, cacheKiB: 8 << 10, bringsIn: false))
  }

  private func giveBack(_ connection: SQLiteConnection) {
    // One whose transaction could not be ended is of no more use.
    let isKept = idle.withLock { idle in
      guard idle != nil, connection.isOutsideTransaction else { return false }
      idle?.append(connection)
      return true
    }
    if !isKept { connection.close() }
  }

  func close() {
    let connections = idle.withLock { idle in
      defer { idle = nil }
      return idle
    }
    for connection in connections ?? [] { connection.close() }
  }
}
