import Exchange
import Foundation
import Primitives
import Synchronization

/// The one thread that writes: it gathers waiting writes and commits them together.
///
/// Crash order: BEGIN IMMEDIATE → each write under its savepoint → tiles and checkpoint for the audit
/// rows they appended → COMMIT (the write-ahead log is synced) → only now the callers hear of it.
/// Whatever happens before the commit leaves nothing behind, and nobody has been told otherwise.
final class SQLiteWriter: @unchecked Sendable {
  /// A write that waits for its turn: `attempt` may be undone, `finish` is called exactly once.
  struct Job {
    let attempt: (SQLiteTransaction) throws -> Void
    let finish: (PeerChartError?) -> Void
  }

  /// Bounds the latency that one commit can impose on the first write in it.
  private static let largestGroup = 512
  /// How long, in seconds, a write waits for others that are about to come.
  private static let gathering = 0.001

  private let connection: SQLiteConnection
  private let sequencer: any LogSequencer
  private let shelf: BlobShelf?
  /// How many reads are under way. Most of them end with an entry of the log.
  private let reads = Atomic<Int>(0)
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var waiting: [Job] = []
  private var isIdle = false
  private var isClosing = false
  private var hasEnded = false

  init(_ connection: SQLiteConnection, sequencer: any LogSequencer, shelf: BlobShelf?) {
    self.connection = connection
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
    while let group = nextGroup() { commit(group) }
    condition.lock()
    hasEnded = true
    condition.broadcast()
    condition.unlock()
  }

  private func nextGroup() -> [Job]? {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty && !isClosing {
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

  private func commit(_ group: [Job]) {
    var outcomes: [PeerChartError?] = []
    do {
      outcomes = try tryCommit(group)
    } catch {
      sequencer.commitFailed()
      let error = SQLiteError.translate(error)
      outcomes = group.map { _ in error }
    }
    for (job, outcome) in zip(group, outcomes) { job.finish(outcome) }
  }

  private func tryCommit(_ group: [Job]) throws -> [PeerChartError?] {
    try SQLiteStatement(connection, "BEGIN IMMEDIATE").run()
    do {
      let transaction = try SQLiteTransaction(
        connection, blobs: BlobReading(shelf, onOwnThread: true))
      let outcomes = try group.map { try attempt($0, transaction) }
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
    _ job: Job, _ transaction: SQLiteTransaction
  ) throws -> PeerChartError? {
    let appended = transaction.leafHashes.count
    try SQLiteStatement(connection, "SAVEPOINT write").run()
    transaction.beginWrite()
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
