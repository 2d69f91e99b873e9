import Exchange
public import Logging
import Primitives
public import ServiceLifecycle

/// Works on bulk exports and imports, for as long as the node runs.
///
/// It looks when it is woken and at intervals: another process may have left a job behind.
public final class BulkWorker: Service {
  private static let pollMilliseconds: Int64 = 1000
  private static let leastMilliseconds: Int64 = 20
  private static let failureLimit: Int64 = 60_000

  private let work: @Sendable () async throws -> Int64?
  private let logger: Logger
  private let signal = WakeSignal()

  /// - Parameter work: does what there is to do, and returns the milliseconds until there may be more.
  public init(logger: Logger, work: @escaping @Sendable () async throws -> Int64?) {
    self.work = work
    self.logger = logger
  }

  /// Says that there is a job.
  public func wake() { signal.ring() }

  /// Runs until graceful shutdown or cancellation. A step in progress is broken off: what was not written
  /// down is done again.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      var failures = 0
      while !Task.isCancelled {
        var wait = Self.pollMilliseconds
        do {
          wait = min(max(try await self.work() ?? .max, Self.leastMilliseconds), wait)
          failures = 0
        } catch {
          if Task.isCancelled { break }
          failures = min(failures + 1, 16)
          wait = min(Self.pollMilliseconds << Int64(failures - 1), Self.failureLimit)
          self.logger.error(
            "bulk jobs could not be worked on",
            metadata: ["code": .string((error as? PeerChartError)?.code.rawValue ?? "internal")])
        }
        await self.pause(milliseconds: wait)
      }
    }
  }

  private func pause(milliseconds: Int64) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.signal.wait() }
      group.addTask { try? await Task.sleep(for: .milliseconds(milliseconds)) }
      await group.next()
      group.cancelAll()
    }
  }
}
