public import Exchange
import Foundation
public import Primitives
import Synchronization

/// The store for many instances: a PostgreSQL database, to which any number of them may write.
///
/// Reads run on a bounded pool of threads, each with a connection; writes on one thread with another.
/// Neither ever blocks a thread that serves requests.
public final class PostgreSQLStore: RecordStore, BlobKeepingStore {
  private let access: DatabaseAccess
  private let writer: PostgreSQLWriter
  private let readers: PostgreSQLReaders
  let shelf: BlobShelf?
  private let listener = Mutex<PostgreSQLListener?>(nil)

  /// Opens the database and brings its tables up to date.
  ///
  /// - Parameters:
  ///   - connections: how many reads run at the same moment at most.
  ///   - blobs: where large bodies go; without it they stay in the database.
  /// - Throws: `unsupported-version` for a database of a newer program, `storage` where it cannot be
  ///   reached or does not let us in.
  public static func open(
    _ address: DatabaseAddress, password: Redacted<String>?, sequencer: any LogSequencer,
    connections: Int = 8, blobs: BlobPolicy? = nil
  ) async throws -> PostgreSQLStore {
    let access = DatabaseAccess(address: address, password: password)
    return try await onThread {
      let connection = try PostgreSQLConnection(access)
      try PostgreSQLSchema.migrate(connection)
      let space = try PostgreSQLSnapshot(
        connection: connection, blobs: BlobReading(nil, onOwnThread: true)
      ).blobSpace()
      let shelf = blobs.map { BlobShelf($0, space: space) }
      return PostgreSQLStore(
        access,
        PostgreSQLWriter(access, connection: connection, sequencer: sequencer, shelf: shelf),
        PostgreSQLReaders(access, largestCount: max(1, connections), shelf: shelf), shelf)
    }
  }

  private init(
    _ access: DatabaseAccess, _ writer: PostgreSQLWriter, _ readers: PostgreSQLReaders,
    _ shelf: BlobShelf?
  ) {
    self.access = access
    self.writer = writer
    self.readers = readers
    self.shelf = shelf
  }

  deinit { stop() }

  public func read<Result: Sendable>(
    _ body: @escaping @Sendable (any StoreSnapshot) throws -> Result
  ) async throws -> Result {
    try await StoreJob.run(
      { snapshot in try body(snapshot) }, submit: { readers.submit($0, .snapshot) })
  }

  public func write<Result: Sendable>(
    _ body: @escaping @Sendable (any StoreTransaction) throws -> Result
  ) async throws -> Result {
    try await staging { staging in
      try await StoreJob.run(
        { transaction in
          staging?.begin()
          transaction.staging = staging
          let result = try body(transaction)
          try staging?.settle()
          return result
        }, submit: writer.submit)
    }
  }

  /// Without the lock of the commits: a claim is no entry of the log, and `SKIP LOCKED` keeps two
  /// instances from waiting for one another's.
  public func claimOutbox(
    dueAt time: Int64, limit: Int, until: Int64
  ) async throws -> [OutboxRow] {
    try await StoreJob.run(
      { (snapshot: PostgreSQLSnapshot) in
        let result = try snapshot.connection.run(
          """
          WITH due AS (
            SELECT id FROM outbox WHERE next_attempt <= $1
            ORDER BY next_attempt, position LIMIT $2 FOR UPDATE SKIP LOCKED)
          UPDATE outbox SET next_attempt = $3 FROM due WHERE outbox.id = due.id
          RETURNING \(PostgreSQLSnapshot.outboxColumns), outbox.position
          """, .int(time), .int(Int64(limit)), .int(until))
        return result.map { (row: PostgreSQLSnapshot.outbox($0), position: $0.int(6)) }
          .sorted { $0.position < $1.position }.map(\.row)
      }, submit: { readers.submit($0, .statements) })
  }

  /// Calls `signal` whenever any instance has put a message into the outbox; replaces what was called
  /// before. Ends with the store.
  public func onOutboxChange(_ signal: @escaping @Sendable () -> Void) {
    let new = PostgreSQLListener(access, signal)
    let old = listener.withLock { listener in
      defer { listener = new }
      return listener
    }
    old?.stop()
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
    stop()
    _ = try? await Self.onThread { [readers, writer, shelf] in
      readers.waitForEnd()
      writer.waitForEnd()
      shelf?.close()
    }
  }

  private func stop() {
    listener.withLock { $0 }?.stop()
    readers.stop()
    writer.stop()
  }

  /// Runs what blocks on a thread of its own.
  static func onThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
  }
}
