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

  /// Runs jobs at once and blocks until all have ended. They get threads of their own: whoever asks
  /// holds up others, and must not wait behind somebody's long read.
  ///
  /// - Throws: the error of one that failed.
  static func runNow(_ jobs: [@Sendable () throws -> Void]) throws {
    let state = Mutex<(next: Int, failure: (any Error)?)>((0, nil))
    let group = DispatchGroup()
    for _ in 0..<min(jobs.count, largestCount) {
      group.enter()
      Thread.detachNewThread {
        while let job = state.withLock({ state -> (@Sendable () throws -> Void)? in
          guard state.next < jobs.count, state.failure == nil else { return nil }
          defer { state.next += 1 }
          return jobs[state.next]
        }) {
          do { try job() } catch { state.withLock { $0.failure = $0.failure ?? error } }
        }
        group.leave()
      }
    }
    group.wait()
    if let error = state.withLock({ $0.failure }) { throw error }
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
