import Foundation
import Primitives

/// The threads that read, each with a connection of its own. There are as many as reads at the same
/// moment, up to a bound; further reads wait their turn.
///
/// Unchecked: everything that changes is guarded by `condition`.
final class PostgreSQLReaders: @unchecked Sendable {
  enum Mode {
    /// One consistent snapshot for the whole job.
    case snapshot
    /// Each statement a transaction of its own.
    case statements
  }

  private let access: DatabaseAccess
  private let largestCount: Int
  private let shelf: BlobShelf?
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var waiting: [(mode: Mode, job: StoreJob<PostgreSQLSnapshot>)] = []
  private var count = 0
  private var idleCount = 0
  private var isClosing = false
  /// Whether the last attempt to connect failed: then nobody waits for the server once more.
  private var isDown = false

  init(_ access: DatabaseAccess, largestCount: Int, shelf: BlobShelf?) {
    self.access = access
    self.shelf = shelf
    self.largestCount = largestCount
  }

  func submit(_ job: StoreJob<PostgreSQLSnapshot>, _ mode: Mode) {
    condition.lock()
    let refused = isClosing
    if !refused {
      waiting.append((mode, job))
      if idleCount < waiting.count && count < largestCount {
        count += 1
        startThread()
      }
      condition.signal()
    }
    condition.unlock()
    if refused { job.finish(PostgreSQLError.closed) }
  }

  /// Takes no more work; what was submitted is still done.
  func stop() {
    condition.lock()
    isClosing = true
    condition.broadcast()
    condition.unlock()
  }

  /// Waits until everything submitted is done and the connections are closed.
  func waitForEnd() {
    condition.lock()
    while count > 0 { condition.wait() }
    condition.unlock()
  }

  private func startThread() {
    let thread = Thread { [self] in work() }
    thread.name = "peerchart-reader"
    thread.stackSize = 8 << 20
    thread.start()
  }

  private func work() {
    var connection: PostgreSQLConnection?
    while let (mode, job) = next() { run(job, mode, on: &connection) }
    connection = nil
    condition.lock()
    count -= 1
    condition.broadcast()
    condition.unlock()
  }

  private func next() -> (mode: Mode, job: StoreJob<PostgreSQLSnapshot>)? {
    condition.lock()
    defer { condition.unlock() }
    idleCount += 1
    defer { idleCount -= 1 }
    while waiting.isEmpty && !isClosing { condition.wait() }
    return waiting.isEmpty ? nil : waiting.removeFirst()
  }

  /// A read that loses its connection is made once more on a new one: it has changed nothing.
  private func run(
    _ job: StoreJob<PostgreSQLSnapshot>, _ mode: Mode, on connection: inout PostgreSQLConnection?
  ) {
    for isLastTry in [false, true] {
      do {
        let open = try connection ?? connect()
        connection = open
        do {
          try attempt(job, mode, on: open)
          job.finish(nil)
        } catch {
          if open.isLost {
            connection = nil
            if !isLastTry { continue }
          }
          job.finish(PostgreSQLError.translate(error))
        }
        // The caller does not wait for the end of a transaction that has changed nothing.
        open.discardQueue()
        if !open.isLost && !open.isIdle { _ = try? open.run("ROLLBACK") }
        if open.isLost { connection = nil }
      } catch {
        job.finish(PostgreSQLError.translate(error))
      }
      return
    }
  }

  private func connect() throws -> PostgreSQLConnection {
    do {
      let connection = try PostgreSQLConnection(access, waits: !condition.withLock { isDown })
      condition.withLock { isDown = false }
      return connection
    } catch {
      condition.withLock { isDown = true }
      throw error
    }
  }

  private func attempt(
    _ job: StoreJob<PostgreSQLSnapshot>, _ mode: Mode, on connection: PostgreSQLConnection
  ) throws {
    if mode == .snapshot {
      try connection.enqueue("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }
    try job.attempt(
      PostgreSQLSnapshot(
        connection: connection, blobs: BlobReading(shelf, onOwnThread: true)))
    // A body that swallows an error must not be taken for one that has seen everything.
    if connection.isLost || connection.isInError { throw PostgreSQLError.lost }
  }
}
