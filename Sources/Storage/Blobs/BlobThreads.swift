import Foundation
import Primitives
import Synchronization

/// Threads for what waits for blobs: never more than a few, started when needed.
///
/// Unchecked: everything that changes is guarded by `condition`.
final class BlobThreads: @unchecked Sendable {
  private static let largestCount = 8

  private let condition = NSCondition()
  // Guarded by `condition`.
  private var waiting: [() -> Void] = []
  private var count = 0
  private var idleCount = 0
  private var isClosing = false

  /// Runs `body` on one of the threads.
  func run<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let isTaken = submit { continuation.resume(with: Result { try body() }) }
      if !isTaken {
        continuation.resume(throwing: PeerChartError(.storage, "the store is closed"))
      }
    }
  }

  /// Runs jobs on the threads and blocks until all have ended.
  ///
  /// - Throws: the error of one that failed.
  func runAll(_ jobs: [@Sendable () throws -> Void]) throws {
    let failure = Mutex<(any Error)?>(nil)
    let group = DispatchGroup()
    for job in jobs {
      group.enter()
      let isTaken = submit {
        do { try job() } catch { failure.withLock { $0 = $0 ?? error } }
        group.leave()
      }
      if !isTaken {
        failure.withLock { $0 = PeerChartError(.storage, "the store is closed") }
        group.leave()
      }
    }
    group.wait()
    if let error = failure.withLock({ $0 }) { throw error }
  }

  private func submit(_ job: @escaping () -> Void) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    guard !isClosing else { return false }
    waiting.append(job)
    if idleCount < waiting.count && count < Self.largestCount {
      count += 1
      let thread = Thread { [self] in work() }
      thread.name = "peerchart-blobs"
      thread.stackSize = 8 << 20
      thread.start()
    }
    condition.signal()
    return true
  }

  private func work() {
    while let job = next() { job() }
    condition.lock()
    count -= 1
    condition.broadcast()
    condition.unlock()
  }

  private func next() -> (() -> Void)? {
    condition.lock()
    defer { condition.unlock() }
    idleCount += 1
    defer { idleCount -= 1 }
    while waiting.isEmpty && !isClosing { condition.wait() }
    return waiting.isEmpty ? nil : waiting.removeFirst()
  }

  /// Lets what was submitted finish and ends the threads. Blocks.
  func close() {
    condition.lock()
    isClosing = true
    condition.broadcast()
    while count > 0 { condition.wait() }
    condition.unlock()
  }
}
