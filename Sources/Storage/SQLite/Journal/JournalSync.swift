import Foundation
import Primitives

/// Makes a journal's files durable, once for all who wait.
///
/// Who may wait for the disk does it on the spot, which is quicker than to be told by another thread; a thread of its
/// own does it for those who have other work meanwhile.
final class JournalSync: @unchecked Sendable {
  /// The disk is quick if the last sync took no longer. No thread that has other work waits for one that is not.
  private static let quick = Duration.milliseconds(2)

  private struct Waiting {
    let file: Int
    let then: @Sendable (PeerChartError?) -> Void
  }

  private let files: [JournalFile]
  private let condition = NSCondition()
  // Guarded by `condition`.
  private var waiting: [Waiting] = []
  private var isSyncing = false
  private var lastSync = Duration.zero
  private var isIdle = false
  private var failure: PeerChartError?
  private var isClosing = false
  private var hasEnded = false

  init(_ files: [JournalFile]) {
    self.files = files
    let thread = Thread { [self] in run() }
    thread.name = "peerchart-journal"
    thread.start()
  }

  /// Whether the disk has refused once. What it has then is not known, so it is not asked again.
  var hasFailed: Bool { condition.withLock { failure != nil } }

  /// - Parameters:
  ///   - file: what was written to before this was called.
  ///   - here: whether the calling thread may wait.
  ///   - then: called once, on some thread, when that is durable, or is known not to be.
  func sync(_ file: Int, here: Bool, then: @escaping @Sendable (PeerChartError?) -> Void) {
    condition.lock()
    waiting.append(Waiting(file: file, then: then))
    if here && lastSync < Self.quick || isClosing, !isSyncing { syncOnce() }
    if isIdle, !isSyncing, !waiting.isEmpty { condition.signal() }
    condition.unlock()
  }

  /// Finishes what waits and ends the thread.
  func close() {
    condition.lock()
    isClosing = true
    condition.broadcast()
    while !hasEnded { condition.wait() }
    condition.unlock()
  }

  private func run() {
    condition.lock()
    while true {
      while isSyncing || waiting.isEmpty {
        if isClosing, !isSyncing, waiting.isEmpty { break }
        isIdle = true
        condition.wait()
        isIdle = false
      }
      guard !waiting.isEmpty else { break }
      syncOnce()
    }
    hasEnded = true
    condition.broadcast()
    condition.unlock()
  }

  /// Called with `condition` locked, which it is again when this returns.
  private func syncOnce() {
    isSyncing = true
    // While this is closed the thread may have ended.
    repeat {
      let group = waiting
      waiting = []
      var failure = self.failure
      condition.unlock()
      let start = ContinuousClock.now
      if failure == nil { failure = sync(Set(group.map(\.file))) }
      let took = ContinuousClock.now - start
      for one in group { one.then(failure) }
      condition.lock()
      self.failure = self.failure ?? failure
      lastSync = took
    } while isClosing && !waiting.isEmpty
    isSyncing = false
    if isClosing { condition.broadcast() }
  }

  private func sync(_ numbers: Set<Int>) -> PeerChartError? {
    do {
      for number in numbers { try files[number].sync() }
      return nil
    } catch {
      return error as? PeerChartError ?? PeerChartError(.storage, "the journal of the log failed")
    }
  }
}
