public import Logging
import Primitives
public import ServiceLifecycle

/// Does one kind of work for as long as the node runs: what lies in the outbox, what subscribers wait
/// for, bulk jobs.
///
/// It looks when it is woken, when something is due, and in any case at intervals: another process on
/// the same records may have left something to do.
public final class BackgroundWorker: Service {
  /// How long it waits between two looks.
  public struct Pace: Sendable {
    /// The longest wait.
    public var pollMilliseconds: Int64 = 1000
    /// The shortest, so that an attempt that is overdue all the time does not keep the machine busy.
    public var leastMilliseconds: Int64 = 20
    /// The first wait after the store failed; it doubles up to `failureLimit`.
    public var failureMilliseconds: Int64 = 1000
    public var failureLimit: Int64 = 60_000

    public init() {}
  }

  private let body: @Sendable () async throws -> Int64?
  private let sleep: @Sendable (Duration) async throws -> Void
  private let pace: Pace
  private let logger: Logger
  private let work: String
  private let signal = WakeSignal()

  /// - Parameters:
  ///   - work: what it works on, for the log.
  ///   - sleep: waits for a time; a test brings its own.
  ///   - body: does what there is to do, and returns the milliseconds until there is more; nil if
  ///     nothing is left.
  public init(
    _ work: String, pace: Pace = Pace(), logger: Logger,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    body: @escaping @Sendable () async throws -> Int64?
  ) {
    self.work = work
    self.pace = pace
    self.logger = logger
    self.sleep = sleep
    self.body = body
  }

  /// Says that there is something to do.
  public func wake() { signal.ring() }

  /// Runs until graceful shutdown or cancellation. A step in progress is broken off: what was not
  /// written down as done is done again.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      var failures: Int64 = 0
      while !Task.isCancelled {
        let wait: Int64
        do {
          wait = self.wait(untilDue: try await self.body())
          failures = 0
        } catch {
          if Task.isCancelled { break }
          failures += 1
          wait = self.wait(afterFailures: failures)
          self.logger.error(
            "\(self.work) could not be worked on",
            metadata: ["code": .string((error as? PeerChartError)?.code.rawValue ?? "internal")])
        }
        await self.pause(milliseconds: wait)
      }
    }
  }

  private func wait(untilDue milliseconds: Int64?) -> Int64 {
    min(max(milliseconds ?? .max, pace.leastMilliseconds), pace.pollMilliseconds)
  }

  private func wait(afterFailures count: Int64) -> Int64 {
    let (product, overflow) = pace.failureMilliseconds.multipliedReportingOverflow(
      by: 1 << min(count - 1, 30))
    return overflow ? pace.failureLimit : min(product, pace.failureLimit)
  }

  /// Returns when the time is over, the bell rings or the task is cancelled.
  private func pause(milliseconds: Int64) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.signal.wait() }
      group.addTask { try? await self.sleep(.milliseconds(milliseconds)) }
      await group.next()
      group.cancelAll()
    }
  }
}
