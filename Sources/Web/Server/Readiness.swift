import ServiceLifecycle
import Synchronization

/// Whether the node takes requests: all listeners are bound and nobody has asked it to stop.
final class Readiness: Service, Sendable {
  private struct State {
    var bound: [NodeServer.Listener] = []
    var isStopping = false
  }

  private let state = Mutex(State())
  private let expected: Int

  init(listeners: Int) { expected = listeners }

  var isReady: Bool { state.withLock { $0.bound.count == expected && !$0.isStopping } }

  /// Notes a bound listener; returns all of them once the last one is there.
  func bound(_ listener: NodeServer.Listener) -> [NodeServer.Listener]? {
    state.withLock {
      $0.bound.append(listener)
      return $0.bound.count == expected ? $0.bound : nil
    }
  }

  func run() async throws {
    try? await gracefulShutdown()
    state.withLock { $0.isStopping = true }
  }
}
