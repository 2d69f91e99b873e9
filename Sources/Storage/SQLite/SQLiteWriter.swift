import Exchange
import Foundation
import Primitives
import Synchronization

/// Where writes take turns: a thread of its own gathers those that wait and commits them together. Whoever wants to
/// append to the log while nobody else writes does it on the spot: to hand over to another thread and back takes
/// longer than the commit.
///
/// Crash order: BEGIN IMMEDIATE → each write under its savepoint → tiles and checkpoint for the audit
/// rows they appended → COMMIT (the write-ahead log is synced) → only now the callers hear of it.
/// Whatever happens before the commit leaves nothing behind, and nobody has been told otherwise.
final class SQLiteWriter: @unchecked Sendable {
  /// A write that waits for its turn: `attempt` may be undone, `finish` is called exactly once.
  struct Job {
    let attempt: (SQLiteTransaction) throws -> Void
    let finish: (PeerChartError?) -> Void
    /// Whether all it does is to append to the log, after it has looked at what it likes.
    var onlyAppends = false
  }

  /// Bounds the latency that one commit can impose on the first write in it.
  private static let largestGroup = 512
  /// How long, in seconds, a write waits for others that are about to come.
  private static let gathering = 0.001
  /// The disk is quick if the last commit took no longer. Nobody else is made to wait for one that is not.
  private static let quick = Duration.milliseconds(2)
  /// After so many commits on the spot one is left to the thread, which brings a long write-ahead log into the file.
  private static let mostOnTheSpot = 256

  private let connection: SQLiteConnection
  private let pool: SQLiteConnectionPool
  private let sequencer: any LogSequencer
  private let shelf: BlobShelf?
  /// How many reads are under way. Most of them end with an entry of the log.
  private let reads = Atomic<Int>(0)
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var waiting: [Job] = []
  /// The thread has nothing to do.
  private var isIdle = false
  /// Somebody commits on the spot.
  private var isTaken = false
  private var lastCommit = Duration.zero
  /// Commits on the spot since the last of the thread's.
  private var onTheSpot = 0
  private var isClosing = false
  private var hasEnded = false

  init(
    _ connection: SQLiteConnection, _ pool: SQLiteConnectionPool, sequencer: any LogSequencer,
    shelf: BlobShelf?
  ) {
    self.connection = connection
    self.pool = pool
    self.sequencer = sequencer
    self.shelf = shelf
    let thread = Thread { [self] in run() }
    thread.name = "peerchart-writer"
    thread.stackSize = 8 << 20
    thread.start()
  }

  func submit(_ job: Job) {
    condition.lock()
    let refused = isClosing
    if !refused {
      waiting.append(job)
      // While it gathers, the thread is left to sleep until nobody else is on the way.
      if isIdle || reads.load(ordering: .relaxed) == 0 { condition.signal() }
    }
    condition.unlock()
    if refused { job.finish(PeerChartError(.storage, "the store is closed")) }
  }

  /// Appends on the calling thread, if nobody else writes or is about to; else as `submit`.
  ///
  /// It does so on the connection that was read from last: what that one has in memory is still good after a
  /// commit of its own.
  func append(_ job: Job) {
    condition.lock()
    let isFree =
      isIdle && !isTaken && waiting.isEmpty && !isClosing && lastCommit < Self.quick
      && onTheSpot < Self.mostOnTheSpot && reads.load(ordering: .relaxed) == 0
    if isFree { isTaken = true }
    condition.unlock()
    guard isFree else { return submit(job) }
    let took = try? pool.withConnection { connection in
      // Another process may be writing: then the thread waits for it.
      try connection.beginWriting(waiting: false)
      return commit([job], on: connection)
    }
    condition.lock()
    isTaken = false
    onTheSpot += 1
    if let took { lastCommit = took }
    if !waiting.isEmpty || isClosing { condition.broadcast() }
    condition.unlock()
    if took == nil { submit(job) }
  }

  func beginRead() { reads.wrappingAdd(1, ordering: .relaxed) }
  func endRead() { reads.wrappingSubtract(1, ordering: .relaxed) }

  /// Finishes the writes submitted so far and ends the thread.
  func close() {
    condition.lock()
    isClosing = true
    condition.broadcast()
    while !hasEnded { condition.wait() }
    condition.unlock()
    // The last connection to close brings the write-ahead log into the file.
    connection.close()
  }

  private func run() {
    while let group = nextGroup() {
      let took = commit(group, on: connection)
      condition.lock()
      lastCommit = took
      onTheSpot = 0
      condition.unlock()
    }
    condition.lock()
    hasEnded = true
    condition.broadcast()
    condition.unlock()
  }

  private func nextGroup() -> [Job]? {
    condition.lock()
    defer { condition.unlock() }
    while isTaken || waiting.isEmpty && !isClosing {
      isIdle = true
      condition.wait()
    }
    isIdle = false
    // A commit costs as much for one entry as for many, so those that are being worked out are waited for,
    // a moment: alone, a read waits for nobody.
    let end = Date(timeIntervalSinceNow: Self.gathering)
    while !waiting.isEmpty, waiting.count < Self.largestGroup, !isClosing,
      reads.load(ordering: .relaxed) > 0, condition.wait(until: end)
    {}
    guard !waiting.isEmpty else { return nil }
    let group = Array(waiting.prefix(Self.largestGroup))
    waiting.removeFirst(group.count)
    return group
  }

  /// - Returns: how long it took.
  private func commit(_ group: [Job], on connection: SQLiteConnection) -> Duration {
    let start = ContinuousClock.now
    var outcomes: [PeerChartError?] = []
    do {
      outcomes = try tryCommit(group, on: connection)
    } catch {
      sequencer.commitFailed()
      let error = SQLiteError.translate(error)
      outcomes = group.map { _ in error }
    }
    let took = ContinuousClock.now - start
    for (job, outcome) in zip(group, outcomes) { job.finish(outcome) }
    return took
  }

  private func tryCommit(
    _ group: [Job], on connection: SQLiteConnection
  ) throws -> [PeerChartError?] {
    if connection.isOutsideTransaction { try connection.beginWriting() }
    do {
      let transaction = try SQLiteTransaction(
        connection, blobs: BlobReading(shelf, onOwnThread: true))
      let outcomes = try group.map { try attempt($0, transaction, connection) }
      if !transaction.leafHashes.isEmpty {
        try sequencer.beforeCommit(
          transaction, first: transaction.firstSequence, leafHashes: transaction.leafHashes)
      }
      try SQLiteStatement(connection, "COMMIT").run()
      return outcomes
    } catch {
      if !connection.isOutsideTransaction { try? SQLiteStatement(connection, "ROLLBACK").run() }
      throw error
    }
  }

  private func attempt(
    _ job: Job, _ transaction: SQLiteTransaction, _ connection: SQLiteConnection
  ) throws -> PeerChartError? {
    let appended = transaction.leafHashes.count
    transaction.beginWrite()
    if job.onlyAppends {
      do {
        try job.attempt(transaction)
        if let failure = transaction.failure { throw failure }
        return nil
      } catch {
        // It appends when it has looked at everything: with nothing appended there is nothing to undo.
        guard transaction.leafHashes.count == appended, !connection.isOutsideTransaction else {
          throw error
        }
        return SQLiteError.translate(error)
      }
    }
    try SQLiteStatement(connection, "SAVEPOINT write").run()
    do {
      try job.attempt(transaction)
      if let failure = transaction.failure { throw failure }
      try SQLiteStatement(connection, "RELEASE write").run()
      return nil
    } catch {
      // A full or failing disk makes SQLite drop the whole transaction, not just this write.
      guard !connection.isOutsideTransaction else { throw error }
      try SQLiteStatement(connection, "ROLLBACK TO write").run()
      try SQLiteStatement(connection, "RELEASE write").run()
      transaction.leafHashes.removeSubrange(appended...)
      return SQLiteError.translate(error)
    }
  }
}
