public import Exchange
import Foundation
import GRDB
import Primitives
import Synchronization

/// The embedded store: one SQLite file in write-ahead-log mode.
///
/// Several processes may have the same file open; SQLite's locks keep their commits apart, and each
/// commit starts from what is in the file, never from what this process remembers.
public final class SQLiteStore: RecordStore, BlobKeepingStore {
  private let path: String
  private let writer: SQLiteWriter
  let shelf: BlobShelf?
  /// Idle read connections. A read takes one or opens one more, so there are never more of them
  /// than threads that read at the same moment.
  private let idle = Mutex<[SQLiteConnection]?>([])

  /// Opens or creates the database file.
  ///
  /// - Parameter blobs: where large bodies go; without it they stay in the file.
  /// - Throws: `unsupported-version` for a file of a newer program, `storage` where the folder
  ///   cannot be written, `integrity` for a damaged file.
  public init(path: String, sequencer: any LogSequencer, blobs: BlobPolicy? = nil) throws {
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
      let connection = try SQLiteConnection(queue)
      let space = try SQLiteSnapshot(
        connection: connection, blobs: BlobReading(nil, onOwnThread: true)
      ).blobSpace()
      shelf = blobs.map { BlobShelf($0, space: space) }
      writer = SQLiteWriter(connection, sequencer: sequencer, shelf: shelf)
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
      // As much for a reader as holds the upper levels of an index over millions of entries.
      if readonly { try db.execute(sql: "PRAGMA cache_size = -8192") }
      try db.execute(sql: "PRAGMA temp_store = MEMORY")
    }
    return configuration
  }

  public func read<Result: Sendable>(
    _ body: @escaping @Sendable (any StoreSnapshot) throws -> Result
  ) async throws -> Result {
    let blobs = BlobReading(shelf, onOwnThread: false)
    do {
      let result = try readNow(blobs, body)
      if !blobs.hasRefused { return result }
    } catch  where blobs.hasRefused {}
    // It needs a large body, and this may be the thread of an event loop.
    guard let shelf else { throw PeerChartError(.storage, "there are no blobs here") }
    return try await shelf.threads.run { [self] in
      try readNow(BlobReading(shelf, onOwnThread: true), body)
    }
  }

  private func readNow<Result>(
    _ blobs: BlobReading, _ body: (any StoreSnapshot) throws -> Result
  ) throws -> Result {
    writer.beginRead()
    defer { writer.endRead() }
    do {
      let connection = try takeConnection()
      defer { giveBack(connection) }
      try SQLiteStatement(connection, "BEGIN").run()
      defer { try? SQLiteStatement(connection, "COMMIT").run() }
      return try body(SQLiteSnapshot(connection: connection, blobs: blobs))
    } catch {
      throw SQLiteError.translate(error)
    }
  }

  private func giveBack(_ connection: SQLiteConnection) {
    let isOpen = idle.withLock { idle in
      idle?.append(connection)
      return idle != nil
    }
    if !isOpen { connection.close() }
  }

  private func takeConnection() throws -> SQLiteConnection {
    let (isOpen, pooled) = idle.withLock { idle in (idle != nil, idle?.popLast()) }
    guard isOpen else { throw PeerChartError(.storage, "the store is closed") }
    if let pooled { return pooled }
    return try SQLiteConnection(
      DatabaseQueue(path: path, configuration: Self.configuration(readonly: true)))
  }

  public func write<Result: Sendable>(
    _ body: @escaping @Sendable (any StoreTransaction) throws -> Result
  ) async throws -> Result {
    try await staging { try await writeOnce($0, body) }
  }

  private func writeOnce<Result: Sendable>(
    _ staging: BlobStaging?, _ body: @escaping @Sendable (any StoreTransaction) throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      let result = Mutex<Result?>(nil)
      writer.submit(
        SQLiteWriter.Job(
          attempt: { transaction in
            staging?.begin()
            transaction.staging = staging
            let value = try body(transaction)
            try staging?.settle()
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

  public func sweepBodies() async throws -> Int { try await sweepBlobs() }
  public func checkBodies() async throws -> BodyCheck { try await checkBlobs() }

  /// Puts every body that lies apart from its row into another place as well, before the node moves
  /// there.
  ///
  /// - Returns: how many were not there yet.
  /// - Throws: `integrity` for one that is missing or changed.
  public func copyBodies(to place: any BlobPlace) async throws -> Int {
    try await copyBlobs(to: place)
  }

  public func close() async {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { [self] in
        idle.withLock { idle in
          for connection in idle ?? [] { connection.close() }
          idle = nil
        }
        writer.close()
        shelf?.close()
        continuation.resume()
      }
    }
  }
}
