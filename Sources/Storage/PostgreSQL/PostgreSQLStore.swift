public import Exchange
import Foundation
public import Primitives
import Synchronization

/// The store for many instances: a PostgreSQL database, to which any number of them may write.
///
/// Reads run on a bounded pool of threads, each with a connection; writes on one thread with another.
/// Neither ever blocks a thread that serves requests.
public final class PostgreSQLStore: RecordStore {
  private let access: DatabaseAccess
  private let writer: PostgreSQLWriter
  private let readers: PostgreSQLReaders
  private let listener = Mutex<PostgreSQLListener?>(nil)

  /// Opens the database and brings its tables up to date.
  ///
  /// - Parameter connections: how many reads run at the same moment at most.
  /// - Throws: `unsupported-version` for a database of a newer program, `storage` where it cannot be
  ///   reached or does not let us in.
  public static func open(
    _ address: DatabaseAddress, password: Redacted<String>?, sequencer: any LogSequencer,
    connections: Int = 8
  ) async throws -> PostgreSQLStore {
    let access = DatabaseAccess(address: address, password: password)
    return try await onThread {
      let connection = try PostgreSQLConnection(access)
      try PostgreSQLSchema.migrate(connection)
      return PostgreSQLStore(
        access, PostgreSQLWriter(access, connection: connection, sequencer: sequencer),
        PostgreSQLReaders(access, largestCount: max(1, connections)))
    }
  }

  private init(_ access: DatabaseAccess, _ writer: PostgreSQLWriter, _ readers: PostgreSQLReaders) {
    self.access = access
    self.writer = writer
    self.readers = readers
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
    try await StoreJob.run({ transaction in try body(transaction) }, submit: writer.submit)
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

  public func close() async {
    stop()
    _ = try? await Self.onThread { [readers, writer] in
      readers.waitForEnd()
      writer.waitForEnd()
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
