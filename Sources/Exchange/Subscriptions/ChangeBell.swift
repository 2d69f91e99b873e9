import Synchronization

/// Tells everybody who listens that something has happened, without saying what. Rings that come faster
/// than somebody listens count once.
final class ChangeBell: Sendable {
  private struct State {
    var next: UInt64 = 0
    var listeners: [UInt64: AsyncStream<Void>.Continuation] = [:]
  }

  private let state = Mutex(State())

  func ring() {
    for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield() }
  }

  /// The rings from now on. Listening ends with the stream.
  func rings() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.next &+= 1
      state.listeners[state.next] = continuation
      return state.next
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { _ = $0.listeners.removeValue(forKey: id) }
    }
    return stream
  }
}
