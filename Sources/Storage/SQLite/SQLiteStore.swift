public import Exchange
import Foundation
import GRDB
import Primitives
import Synchronization

/// The embedded store: one SQLite file in write-ahead-log mode.
///
/// Several processes may have the same file open; SQLite's locks keep their commits apart, and each
/// commit starts from what is in the file, never from what this process remembers.
public final class SQLiteStore: RecordStore {
  private let path: String
  private let writer: SQLiteWriter
  /// Idle read connections. A read takes one or opens one more, so there are never more of them
  /// than threads that read at the same moment.
  private let idle = Mutex<[DatabaseQueue]?>([])

  /// Opens or creates the database file.
  ///
  /// - Throws: `unsupported-version` for a file of a newer program, `storage` where the folder
  ///   cannot be written, `integrity` for a damaged file.
  public init(path: String, sequencer: any LogSequencer) throws {
    self.path = path
    do {
      let queue = try DatabaseQueue(path: path, configuration: Self.configuration(readonly: false))
      let migrator = SQLiteSchema.migrator()
      if try queue.read(migrator.hasBeenSuperseded) {
        throw PeerChartError(
          .unsupportedVersion,
          "this data folder was written by a newer version of peerchart; use that version")
      }
      if try !queue.read(migrator.hasCompletedMigrations) { try migrator.migrate(queue) }
      writer = SQLiteWriter(queue: queue, sequencer: sequencer)
    } catch {
      throw SQLiteError.translate(error)
    }
  }

  private static func configuration(readonly: Bool) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = readonly
    configuration.foreignKeysEnabled = false
    configuration.busyMode = .timeout(60)
    if !readonly { configuration.journalMode = .wal }
    configuration.prepareDatabase { db in
      if !readonly {
        try db.execute(
          sql: """
            PRAGMA synchronous = FULL;
            PRAGMA secure_delete = ON;
            PRAGMA cache_size = -32768;
            PRAGMA wal_autocheckpoint = 4000;
            """)
      }
      try db.execute(sql: "PRAGMA temp_store = MEMORY")
    }
    return configuration
  }

  public func read<Result: Sendable>(
    _ body: @escaping @Sendable (any StoreSnapshot) throws -> Result
  ) async throws -> Result {
    try readNow(body)
  }

  private func readNow<Result>(_ body: (any StoreSnapshot) throws -> Result) throws -> Result {
    do {
      let queue = try takeConnection()
      defer { giveBack(queue) }
      return try queue.inDatabase { db in
        try SQLiteStatement(db, "BEGIN").run()
        defer { try? SQLiteStatement(db, "COMMIT").run() }
        return try body(SQLiteSnapshot(db: db))
      }
    } catch {
      throw SQLiteError.translate(error)
    }
  }

  private func giveBack(_ queue: DatabaseQueue) {
    let isOpen = idle.withLock { idle in
      idle?.append(queue)
      return idle != nil
    }
    if !isOpen { try? queue.close() }
  }

  private func takeConnection() throws -> DatabaseQueue {
    let (isOpen, pooled) = idle.withLock { idle in (idle != nil, idle?.popLast()) }
    guard isOpen else { throw PeerChartError(.storage, "the store is closed") }
    if let pooled { return pooled }
    return try DatabaseQueue(path: path, configuration: Self.configuration(readonly: true))
  }

  public func write<Result: Sendable>(
    _ body: @escaping @Sendable (any StoreTransaction) throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      let result = Mutex<Result?>(nil)
      writer.submit(
        SQLiteWriter.Job(
          attempt: { transaction in
            let value = try body(transaction)
            result.withLock { $0 = value }
          },
          finish: { error in
            if let error {
              continuation.resume(throwing: error)
            } else if let value = result.withLock({ $0 }) {
              continuation.resume(returning: value)
            } else {
              continuation.resume(throwing: PeerChartError(.storage, "the write did not run"))
            }
          }))
    }
  }

  public func close() async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [self] in
        idle.withLock { idle in
          for queue in idle ?? [] { try? queue.close() }
          idle = nil
        }
        writer.close()
        continuation.resume()
      }
    }
  }
}
