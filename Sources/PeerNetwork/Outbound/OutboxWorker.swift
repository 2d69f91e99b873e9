public import Exchange
public import Logging
import Primitives
public import ServiceLifecycle

/// Delivers what lies in the outbox, for as long as the node runs; or does other work of the kind, such as
/// that of subscriptions.
///
/// It looks when it is woken, when the next attempt is due, and in any case at intervals: another
/// process on the same data folder may have put something there.
public final class OutboxWorker: Service {
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

  private let deliverDue: @Sendable () async throws -> Int64?
  private let sleep: @Sendable (Duration) async throws -> Void
  private let pace: Pace
  private let logger: Logger
  private let work: String
  private let signal = WakeSignal()

  /// - Parameters:
  ///   - sleep: waits for a time; a test brings its own.
  public convenience init(
    exchange: Exchange, transport: any PeerTransport, pace: Pace = Pace(), logger: Logger,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.init(pace: pace, logger: logger, sleep: sleep) {
      try await exchange.deliverDue(using: transport)
    }
  }

  /// - Parameters:
  ///   - work: what it works on, for the log.
  ///   - deliverDue: makes the attempts that are due and returns the milliseconds until the next one, nil
  ///     if there is nothing left.
  public init(
    work: String = "the outbox", pace: Pace = Pace(), logger: Logger,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    deliverDue: @escaping @Sendable () async throws -> Int64?
  ) {
    self.deliverDue = deliverDue
    self.sleep = sleep
    self.pace = pace
    self.logger = logger
    self.work = work
  }

  /// Says that something was put into the outbox.
  public func wake() { signal.ring() }

  /// Runs until graceful shutdown or cancellation. An attempt in progress is broken off: its message
  /// stays in the outbox, and the receiver knows a repeated one by its id.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      var failures: Int64 = 0
      while !Task.isCancelled {
        let wait: Int64
        do {
          wait = self.wait(untilDue: try await self.deliverDue())
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
