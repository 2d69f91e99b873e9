public import Exchange
import Foundation
import GRDB
public import Primitives
import Synchronization

/// The embedded store: one SQLite file in write-ahead-log mode.
///
/// Several processes may have the same file open; SQLite's locks keep their commits apart, and each
/// commit starts from what is in the file, never from what this process remembers.
public final class SQLiteStore: PromptStore, BlobKeepingStore {
  private let writer: SQLiteWriter
  private let pool: SQLiteConnectionPool
  let shelf: BlobShelf?

  /// Opens or creates the database file.
  ///
  /// - Parameter blobs: where large bodies go; without it they stay in the file.
  /// - Throws: `unsupported-version` for a file of a newer program, `storage` where the folder
  ///   cannot be written, `integrity` for a damaged file.
  public init(path: String, sequencer: any LogSequencer, blobs: BlobPolicy? = nil) throws {
    do {
      let queue = try SQLiteConnection.open(path, cacheKiB: 32 << 10, bringsIn: true)
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
      pool = SQLiteConnectionPool(path: path)
      writer = try SQLiteWriter(connection, path: path, sequencer: sequencer, shelf: shelf)
    } catch {
      throw SQLiteError.translate(error)
    }
  }

  public func read<Result: Sendable>(
    _ body: @escaping @Sendable (any StoreSnapshot) throws -> Result
  ) async throws -> Result {
    let sight = writer.sight()
    do {
      let result = try await read(sight, body)
      if !sight.hasRefused { return result }
    } catch  where sight.hasRefused {}
    // It looks at the log, of which the newest entries are in a journal.
    try await bringIn()
    return try await read(nil, body)
  }

  private func read<Result: Sendable>(
    _ sight: LogSight?, _ body: @escaping @Sendable (any StoreSnapshot) throws -> Result
  ) async throws -> Result {
    let blobs = BlobReading(shelf, onOwnThread: false)
    do {
      let result = try readNow(blobs, sight, body)
      if !blobs.hasRefused { return result }
    } catch  where blobs.hasRefused {}
    // It needs a large body, and this may be the thread of an event loop.
    guard let shelf else { throw PeerChartError(.storage, "there are no blobs here") }
    return try await shelf.threads.run { [self] in
      try readNow(BlobReading(shelf, onOwnThread: true), sight, body)
    }
  }

  public func readNow<Result>(_ body: (any StoreSnapshot) throws -> Result) throws -> Result {
    try readNow(BlobReading(shelf, onOwnThread: false), writer.sight(), body)
  }

  private func readNow<Result>(
    _ blobs: BlobReading, _ sight: LogSight?, _ body: (any StoreSnapshot) throws -> Result
  ) throws -> Result {
    do {
      return try pool.withConnection { connection in
        try SQLiteStatement(connection, "BEGIN").run()
        defer { try? SQLiteStatement(connection, "COMMIT").run() }
        return try body(SQLiteSnapshot(connection: connection, blobs: blobs, log: sight))
      }
    } catch {
      throw SQLiteError.translate(error)
    }
  }

  /// Whether a process has, or has left, entries of the log that may not be in the file.
  public static func hasJournal(_ path: String) -> Bool { JournalName.isUsed(path) }

  /// Returns when everything that was appended so far is in the tree, whichever process did it.
  public func bringIn() async throws {
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      writer.submit(
        SQLiteWriter.Job(
          attempt: { _ in },
          finish: { failure in
            if let failure { continuation.resume(throwing: failure) } else { continuation.resume() }
          }, kind: .intake))
    }
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

  public func expectAppends() async throws {
    try await writer.beginJournal(random: SystemRandom())
  }

  public func append(
    _ entries: @escaping @Sendable (any StoreSnapshot) throws -> [PreparedEntry], waitingHere: Bool,
    then: @escaping @Sendable (PeerChartError?) -> Void
  ) {
    do {
      if let (journal, file) = try writer.appendNow({ try readNow(entries) }) {
        return journal.sync(file: file, here: waitingHere, then: then)
      }
    } catch {
      return then(SQLiteError.translate(error))
    }
    // Somebody changes something at this moment, or there is no journal: it takes its turn among the changes.
    writer.submit(
      SQLiteWriter.Job(
        attempt: { transaction in
          for entry in try entries(transaction) {
            _ = try transaction.appendAudit(
              slot: entry.slot, sealed: entry.sealed, leafHash: entry.leafHash)
          }
        }, finish: then, kind: .append))
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
        pool.close()
        writer.close()
        shelf?.close()
        continuation.resume()
      }
    }
  }
}
