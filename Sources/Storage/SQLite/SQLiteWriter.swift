import Exchange
import Foundation
import Primitives
import Synchronization

/// Where changes take turns: a thread of its own gathers those that wait and commits them together. What only appends
/// to the log does not wait for it where there is a journal, and is brought in by it.
///
/// Crash order: the gate is closed to appends → BEGIN IMMEDIATE → what journals hold → each write under its savepoint
/// → tiles and checkpoint for the audit rows they appended → COMMIT (the write-ahead log is synced) → only now the
/// callers hear of it. Whatever happens before the commit leaves nothing behind, and nobody has been told otherwise.
final class SQLiteWriter: @unchecked Sendable {
  /// A write that waits for its turn: `attempt` may be undone, `finish` is called exactly once.
  struct Job {
    let attempt: (SQLiteTransaction) throws -> Void
    let finish: (PeerChartError?) -> Void
    var kind = Kind.change
  }

  enum Kind {
    case change
    /// All it does is to append to the log, after it has looked at what it likes.
    case append
    /// It is done when everything is brought in.
    case intake
  }

  /// Bounds the latency that one commit can impose on the first write in it.
  private static let largestGroup = 512
  /// How long, in seconds, entries stay in the journal, and how many of them. With each commit that brings some in,
  /// other connections forget what they have in memory of the file.
  private static let intakeInterval = 2.0
  private static let mostAhead = 1024
  /// How long, in seconds, the writer waits when it could not bring them in.
  private static let intakeRetry = 1.0

  private let path: String
  private let connection: SQLiteConnection
  private let sequencer: any LogSequencer
  private let shelf: BlobShelf?
  private let gate: AppendGate
  private let journal = Mutex<LogJournal?>(nil)
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var waiting: [Job] = []
  private var intakeDue: Date?
  /// Entries since the last commit.
  private var ahead = 0
  private var isClosing = false
  private var hasEnded = false

  init(
    _ connection: SQLiteConnection, path: String, sequencer: any LogSequencer, shelf: BlobShelf?
  ) throws {
    // Whoever opens the file by another way finds the same journals.
    self.path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    self.connection = connection
    self.sequencer = sequencer
    self.shelf = shelf
    gate = try AppendGate(
      folder: URL(fileURLWithPath: self.path).deletingLastPathComponent().path)
    let thread = Thread { [self] in run() }
    thread.name = "peerchart-writer"
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// What a read that begins now sees of the log.
  func sight() -> LogSight { LogSight(own: journal.withLock { $0 }) }

  func submit(_ job: Job) {
    condition.lock()
    let refused = isClosing
    if !refused {
      waiting.append(job)
      condition.signal()
    }
    condition.unlock()
    if refused { job.finish(PeerChartError(.storage, "the store is closed")) }
  }

  // MARK: The journal

  /// Begins a journal.
  func beginJournal(random: any RandomSource) async throws {
    guard journal.withLock({ $0 == nil }) else { return }
    let name = JournalName(database: path, random: random)
    let fresh = try LogJournal(name)
    do {
      try await withCheckedThrowingContinuation {
        (continuation: CheckedContinuation<Void, any Error>) in
        submit(
          Job(attempt: { try $0.setCounter(name.key, 0) }) { failure in
            if let failure { continuation.resume(throwing: failure) } else { continuation.resume() }
          })
      }
    } catch {
      fresh.discard()
      throw error
    }
    let isTaken = journal.withLock { journal in
      guard journal == nil else { return false }
      journal = fresh
      return true
    }
    // Somebody else has begun one meanwhile. What is named and not there is forgotten.
    if !isTaken { fresh.discard() }
  }

  /// Appends to the journal what `entries` gives, while nobody changes anything.
  ///
  /// - Returns: the journal and the file of it that is to be synced; nil where this is not the moment for it, and
  ///   nothing has happened.
  /// - Throws: what `entries` throws.
  func appendNow(
    _ entries: () throws -> [PreparedEntry]
  ) throws -> (journal: LogJournal, file: Int)? {
    guard gate.enter() else { return nil }
    defer { gate.leave() }
    guard let journal = journal.withLock({ $0 }) else { return nil }
    let entries = try entries()
    guard let file = try? journal.append(entries) else { return nil }
    condition.lock()
    let before = ahead
    ahead += entries.count
    if intakeDue == nil || before < Self.mostAhead && ahead >= Self.mostAhead {
      intakeDue = Date(timeIntervalSinceNow: ahead < Self.mostAhead ? Self.intakeInterval : 0)
      condition.signal()
    }
    condition.unlock()
    return (journal, file)
  }

  // MARK: The thread

  /// Finishes the writes submitted so far, brings the journal in, and ends the thread.
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
    drain()
    // From here on nobody appends.
    gate.close()
    let last = journal.withLock { $0.take() }
    gate.open()
    if let last {
      last.close()
      // Nobody holds its files now: they are brought in as what another process has left, removed, and forgotten.
      bringIn(after: 0)
      drain()
    }
    condition.lock()
    hasEnded = true
    condition.broadcast()
    condition.unlock()
  }

  private func drain() {
    while let group = nextGroup() { commit(group) }
  }

  /// Waits for the next; nil when there is no more to come.
  private func nextGroup() -> [Job]? {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty {
      if let intakeDue, intakeDue.timeIntervalSinceNow <= 0 { break }
      guard !isClosing else { return nil }
      if let intakeDue {
        _ = condition.wait(until: intakeDue)
      } else {
        condition.wait()
      }
    }
    (intakeDue, ahead) = (nil, 0)
    let group = Array(waiting.prefix(Self.largestGroup))
    waiting.removeFirst(group.count)
    return group
  }

  private func commit(_ group: [Job]) {
    var outcomes: [PeerChartError?] = []
    do {
      let changes = group.contains { $0.kind == .change }
      if changes { gate.close() }
      defer { if changes { gate.open() } }
      outcomes = try tryCommit(group)
    } catch {
      sequencer.commitFailed()
      let error = SQLiteError.translate(error)
      outcomes = group.map { _ in error }
      if journal.withLock({ $0?.isAhead == true }) { bringIn(after: Self.intakeRetry) }
    }
    for (job, outcome) in zip(group, outcomes) { job.finish(outcome) }
  }

  private func bringIn(after seconds: Double) {
    condition.withLock {
      intakeDue = min(intakeDue ?? .distantFuture, Date(timeIntervalSinceNow: seconds))
    }
  }

  private func tryCommit(_ group: [Job]) throws -> [PeerChartError?] {
    try SQLiteStatement(connection, "BEGIN IMMEDIATE").run()
    do {
      let transaction = try SQLiteTransaction(
        connection, blobs: BlobReading(shelf, onOwnThread: true))
      let intake = try JournalIntake(
        transaction, own: journal.withLock { $0 }, database: path)
      let outcomes = try group.map { try attempt($0, transaction) }
      if !transaction.leafHashes.isEmpty {
        try sequencer.beforeCommit(
          transaction, first: transaction.firstSequence, leafHashes: transaction.leafHashes)
      }
      try SQLiteStatement(connection, "COMMIT").run()
      if intake.settle() { bringIn(after: 0) }
      return outcomes
    } catch {
      if !connection.isOutsideTransaction { try? SQLiteStatement(connection, "ROLLBACK").run() }
      throw error
    }
  }

  private func attempt(_ job: Job, _ transaction: SQLiteTransaction) throws -> PeerChartError? {
    let appended = transaction.leafHashes.count
    transaction.beginWrite()
    guard job.kind != .intake else { return nil }
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
