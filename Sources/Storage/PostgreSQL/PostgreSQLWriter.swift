import Exchange
import Foundation
import Primitives

/// The one thread of this instance that writes: it gathers waiting writes and commits them together.
///
/// All instances on a database take one advisory lock at the beginning of a commit and hold it to its
/// end, so commits follow one another as if there were one writer: what a write reads in its
/// transaction cannot change under it, and the log has one order. The design page `stores.md` says why.
///
/// Crash order: BEGIN, lock → each write under its savepoint → audit rows, tiles and checkpoint →
/// COMMIT (PostgreSQL syncs its log) → only now the callers hear of it. A connection that is lost
/// before COMMIT was sent has left nothing behind, and the writes are made again on a new one; one
/// that is lost after it leaves the question whether they are stored, which the log answers.
final class PostgreSQLWriter: @unchecked Sendable {
  /// Bounds the latency that one commit can impose on the first write in it.
  private static let largestGroup = 512
  /// PostgreSQL keeps so many subtransactions at hand; beyond, every other session's reads get slow.
  private static let mostSavepoints = 60
  private static let attempts = 3

  private let access: DatabaseAccess
  private let sequencer: any LogSequencer
  private let shelf: BlobShelf?
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var waiting: [StoreJob<PostgreSQLTransaction>] = []
  private var isClosing = false
  private var hasEnded = false
  // Used by the writing thread alone.
  private var connection: PostgreSQLConnection?
  /// Whether the last attempt to connect failed: then nobody waits for the server once more.
  private var isDown = false

  init(
    _ access: DatabaseAccess, connection: PostgreSQLConnection, sequencer: any LogSequencer,
    shelf: BlobShelf?
  ) {
    self.access = access
    self.connection = connection
    self.sequencer = sequencer
    self.shelf = shelf
    let thread = Thread { [self] in run() }
    thread.name = "peerchart-writer"
    thread.stackSize = 8 << 20
    thread.start()
  }

  func submit(_ job: StoreJob<PostgreSQLTransaction>) {
    condition.lock()
    let refused = isClosing
    if !refused {
      waiting.append(job)
      condition.signal()
    }
    condition.unlock()
    if refused { job.finish(PostgreSQLError.closed) }
  }

  /// Takes no more writes; those submitted so far are still made.
  func stop() {
    condition.lock()
    isClosing = true
    condition.broadcast()
    condition.unlock()
  }

  func waitForEnd() {
    condition.lock()
    while !hasEnded { condition.wait() }
    condition.unlock()
  }

  private func run() {
    while let group = nextGroup() { commit(group[...]) }
    connection = nil
    condition.lock()
    hasEnded = true
    condition.broadcast()
    condition.unlock()
  }

  private func nextGroup() -> [StoreJob<PostgreSQLTransaction>]? {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty && !isClosing { condition.wait() }
    guard !waiting.isEmpty else { return nil }
    let group = Array(waiting.prefix(Self.largestGroup))
    waiting.removeFirst(group.count)
    return group
  }

  // MARK: One commit

  private enum Ending {
    /// The outcomes of the first writes of the group; the rest did not fit into this commit.
    case stored([PeerChartError?])
    /// Nothing of it is stored, and it can be tried again.
    case nothing
    case failed(PeerChartError)
  }

  private func commit(_ group: ArraySlice<StoreJob<PostgreSQLTransaction>>) {
    var rest = group
    var attempts = 0
    while !rest.isEmpty {
      switch commitOnce(rest) {
      case .stored(let outcomes):
        for (job, outcome) in zip(rest, outcomes) { job.finish(outcome) }
        rest = rest.dropFirst(outcomes.count)
        attempts = 0
      case .nothing where attempts + 1 < Self.attempts:
        sequencer.commitFailed()
        attempts += 1
      case .nothing: fail(&rest, PostgreSQLError.lost)
      case .failed(let error): fail(&rest, error)
      }
    }
  }

  private func fail(
    _ rest: inout ArraySlice<StoreJob<PostgreSQLTransaction>>, _ error: PeerChartError
  ) {
    sequencer.commitFailed()
    for job in rest { job.finish(error) }
    rest = []
  }

  private func commitOnce(_ group: ArraySlice<StoreJob<PostgreSQLTransaction>>) -> Ending {
    let open: PostgreSQLConnection
    do {
      open = try connection ?? PostgreSQLConnection(access, waits: !isDown)
      connection = open
      isDown = false
    } catch {
      isDown = true
      return .failed(PostgreSQLError.translate(error))
    }
    do {
      let transaction = try begin(on: open)
      var outcomes: [PeerChartError?] = []
      for job in group where transaction.savepoints < Self.mostSavepoints {
        outcomes.append(try attempt(job, transaction))
      }
      guard transaction.hasChanges else {
        try open.run("ROLLBACK")
        return .stored(outcomes)
      }
      transaction.beginCommit()
      if let first = transaction.audits.first {
        try sequencer.beforeCommit(
          transaction, first: first.sequence, leafHashes: transaction.audits.map(\.leafHash))
      }
      try transaction.prepareCommit()
      return finish(transaction, outcomes)
    } catch {
      return abandon(open, error)
    }
  }

  private func begin(on connection: PostgreSQLConnection) throws -> PostgreSQLTransaction {
    try connection.beginExclusively()
    let state = try connection.run(
      """
      SELECT (SELECT coalesce(max(sequence) + 1, 0) FROM audit),
        (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM version_row),
        (SELECT value FROM counter WHERE key = $1)
      """, .bytes(SettledCounter.key)
    ).first
    return PostgreSQLTransaction(
      connection, firstSequence: state?.int(0) ?? 0, lastCount: state?.int(1) ?? 0,
      settled: state?.optionalInt(2),
      blobs: BlobReading(shelf, onOwnThread: true))
  }

  private func attempt(
    _ job: StoreJob<PostgreSQLTransaction>, _ transaction: PostgreSQLTransaction
  ) throws -> PeerChartError? {
    transaction.beginWrite()
    do {
      try job.attempt(transaction)
      try transaction.endWrite()
      return nil
    } catch {
      try transaction.undoWrite()
      return PostgreSQLError.translate(error)
    }
  }

  /// Nothing was asked to be committed yet, so nothing is.
  private func abandon(_ connection: PostgreSQLConnection, _ error: any Error) -> Ending {
    connection.discardQueue()
    if !connection.isLost { _ = try? connection.run("ROLLBACK") }
    if connection.isLost {
      self.connection = nil
      return .nothing
    }
    return .failed(PostgreSQLError.translate(error))
  }

  private func finish(
    _ transaction: PostgreSQLTransaction, _ outcomes: [PeerChartError?]
  ) -> Ending {
    do {
      // A transaction that failed on the way answers COMMIT with ROLLBACK, and no error.
      let tag = try transaction.connection.run("COMMIT").tag
      guard tag == "COMMIT" else {
        return .failed(PeerChartError(.storage, "the database did not commit"))
      }
      return .stored(outcomes)
    } catch {
      guard transaction.connection.isLost else {
        return abandon(transaction.connection, error)
      }
      connection = nil
      return inquire(transaction, outcomes)
    }
  }

  /// Finds out whether a commit happened whose answer was lost.
  ///
  /// The lock is free only when the old session has ended, one way or the other. Then the place in
  /// the log that the commit would have taken holds its first entry, or it does not; leaf hashes are
  /// salted, so no other entry has the same.
  private func inquire(
    _ transaction: PostgreSQLTransaction, _ outcomes: [PeerChartError?]
  ) -> Ending {
    guard let first = transaction.audits.first else {
      return .failed(PostgreSQLError.unknownOutcome)
    }
    do {
      let open = try PostgreSQLConnection(access, waits: true)
      let again = try begin(on: open)
      let found = try again.leafHashes(from: first.sequence, to: first.sequence + 1)
      try open.run("ROLLBACK")
      connection = open
      return found == [first.leafHash] ? .stored(outcomes) : .nothing
    } catch {
      return .failed(PostgreSQLError.unknownOutcome)
    }
  }
}
