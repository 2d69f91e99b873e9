import Primitives
import Synchronization

/// Keeps those who append to a journal and those who change the store apart, in this process and in others.
///
/// Whoever appends has looked, behind the gate, that the access rules are still those it has decided under. If it were
/// open while somebody changes them, an access could stand in the log behind the revocation that forbids it.
final class AppendGate: Sendable {
  /// Where there are many threads, appends follow one another with hardly a gap. Other processes get their turn after
  /// so long.
  private static let longest = Duration.milliseconds(50)
  private static let rest = Duration.milliseconds(2)

  private struct State {
    var inside = 0
    var isClosed = false
    /// Since when others have had no turn; since when nobody is inside; until when nobody else comes in.
    var since = ContinuousClock.now
    var emptySince = ContinuousClock.now
    var restsUntil: ContinuousClock.Instant?
  }

  private let appending: JournalFile
  private let changing: JournalFile
  private let state = Mutex(State())

  /// - Parameter folder: where the store lies; its locks are the gate.
  init(folder: String) throws {
    appending = try JournalFile(folder: folder)
    changing = try JournalFile(folder: folder)
  }

  /// Goes in to append, if nobody changes anything or is waiting for that.
  func enter() -> Bool {
    state.withLock { state in
      guard !state.isClosed else { return false }
      let now = ContinuousClock.now
      if let end = state.restsUntil {
        guard now >= end else { return false }
        state.restsUntil = nil
        state.since = now
      }
      if state.inside == 0, now - state.emptySince > Self.rest { state.since = now }
      guard now - state.since <= Self.longest else {
        state.restsUntil = now + Self.rest
        return false
      }
      guard state.inside > 0 || appending.tryLock(.shared) else { return false }
      state.inside += 1
      return true
    }
  }

  func leave() {
    state.withLock { state in
      state.inside -= 1
      guard state.inside == 0 else { return }
      appending.unlock()
      state.emptySince = .now
    }
  }

  /// Waits until nobody appends, and keeps them out.
  func close() {
    state.withLock { $0.isClosed = true }
    // Where there are no locks nobody has got in.
    changing.waitForLock()
  }

  func open() {
    changing.unlock()
    state.withLock { $0.isClosed = false }
  }
}
