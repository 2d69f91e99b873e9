import Primitives

/// How many passwords are hashed at the same time: each takes megabytes and tens of milliseconds, and
/// whoever asks need not be anybody.
actor PasswordWork {
  private static let waiting = 64

  private let atOnce: Int
  private var running = 0
  private var queue: [CheckedContinuation<Void, Never>] = []

  init(atOnce: Int = 2) { self.atOnce = atOnce }

  /// Runs work in its turn, off the threads of the connections.
  ///
  /// - Throws: `too-many-requests` where too many wait already.
  func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    if running < atOnce {
      running += 1
    } else {
      guard queue.count < Self.waiting else {
        throw PeerChartError(
          .tooManyRequests, "too many passwords are tried at this moment; try again")
      }
      // Whoever ends hands its place over.
      await withCheckedContinuation { queue.append($0) }
    }
    defer {
      if queue.isEmpty { running -= 1 } else { queue.removeFirst().resume() }
    }
    return try await Task.detached { try work() }.value
  }
}
