import Synchronization

/// A bell that one task waits for. Ringing it while nobody waits is remembered once.
final class WakeSignal: Sendable {
  private enum State {
    case quiet
    case rung
    case awaited(CheckedContinuation<Void, Never>)
  }

  private let state = Mutex(State.quiet)

  func ring() {
    let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard case .awaited(let continuation) = state else {
        state = .rung
        return nil
      }
      state = .quiet
      return continuation
    }
    waiting?.resume()
  }

  /// Returns when the bell rings, at once if it has; also when the task is cancelled.
  func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state -> Bool in
          if case .rung = state {
            state = .quiet
            return true
          }
          guard !Task.isCancelled else { return true }
          state = .awaited(continuation)
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
        guard case .awaited(let continuation) = state else { return nil }
        state = .quiet
        return continuation
      }
      waiting?.resume()
    }
  }
}
