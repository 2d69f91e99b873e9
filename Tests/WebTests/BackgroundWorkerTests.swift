import Logging
import PeerNetwork
import Primitives
import ServiceLifecycle
import Synchronization
import Testing

@Suite("The outbox worker")
struct BackgroundWorkerTests {
  /// What the worker did, and what it is told to do next.
  final class Script: Sendable {
    private struct State {
      var waits: [Duration] = []
      var steps: [Result<Int64?, PeerChartError>]
    }

    private let state: Mutex<State>

    init(_ steps: [Result<Int64?, PeerChartError>]) {
      state = Mutex(State(steps: steps))
    }

    var waits: [Duration] { state.withLock { $0.waits } }

    func waited(_ duration: Duration) { state.withLock { $0.waits.append(duration) } }

    /// The next step; after the last one there is no return but by cancellation.
    func next() async throws -> Int64? {
      let step = state.withLock { $0.steps.isEmpty ? nil : $0.steps.removeFirst() }
      guard let step else { return try await forever() }
      return try step.get()
    }
  }

  /// Suspends until the task is cancelled.
  static func forever() async throws -> Int64? {
    let (stream, _) = AsyncStream<Never>.makeStream()
    for await _ in stream {}
    throw CancellationError()
  }

  /// Runs a worker whose waits are over at once, until the script is at its end.
  private func waits(_ steps: [Result<Int64?, PeerChartError>]) async -> [Duration] {
    let script = Script(steps)
    let (finished, continuation) = AsyncStream<Void>.makeStream()
    let worker = BackgroundWorker(
      "test", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      sleep: { script.waited($0) },
      body: {
        if script.waits.count == steps.count { continuation.finish() }
        return try await script.next()
      })
    let run = Task { try await worker.run() }
    for await _ in finished {}
    run.cancel()
    _ = await run.result
    return script.waits
  }

  @Test("It waits until the next attempt is due, within bounds")
  func due() async {
    let waits = await waits([.success(nil), .success(5), .success(500), .success(100_000)])
    #expect(waits == [.seconds(1), .milliseconds(20), .milliseconds(500), .seconds(1)])
  }

  @Test("Failures double the wait up to a minute, a success starts anew")
  func failures() async {
    let failure = Result<Int64?, PeerChartError>.failure(PeerChartError(.storage, "full"))
    let waits = await waits(Array(repeating: failure, count: 8) + [.success(nil), failure])
    #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 1, 1].map { .seconds($0) })
  }

  @Test("It is woken out of a wait, and a wake before the wait is not lost")
  func wake() async throws {
    let (calls, continuation) = AsyncStream<Void>.makeStream()
    let worker = BackgroundWorker(
      "test", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      sleep: { _ in _ = try await Self.forever() },
      body: {
        continuation.yield()
        return nil
      })
    let run = Task { try await worker.run() }
    var called = calls.makeAsyncIterator()
    for _ in 0..<50 {
      await called.next()
      worker.wake()
    }
    run.cancel()
    _ = await run.result
  }

  @Test("Graceful shutdown ends it, in a wait and in an attempt")
  func shutdown() async throws {
    for isAttempting in [true, false] {
      let (started, continuation) = AsyncStream<Void>.makeStream()
      let worker = BackgroundWorker(
        "test", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        sleep: { _ in _ = try await Self.forever() },
        body: {
          continuation.finish()
          return isAttempting ? try await Self.forever() : nil
        })
      let group = ServiceGroup(
        services: [worker], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      let run = Task { try await group.run() }
      for await _ in started {}
      await group.triggerGracefulShutdown()
      try await run.value
    }
  }
}
