import Exchange
import Logging
import Primitives
import ServiceLifecycle

/// Clears away what is of no use any more, an hour after the node began to serve and every hour after:
/// large bodies that no row names, sessions and tokens that have run out.
struct Housekeeper: Service {
  let exchange: Exchange
  let store: any RecordStore
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: .seconds(3600))) != nil {
        await clear("bodies that nothing names") { try await store.sweepBodies() }
        await clear("sessions and tokens that have run out") {
          try await exchange.removeExpired()
        }
      }
    }
  }

  private func clear(_ what: String, _ work: () async throws -> Int) async {
    do {
      let removed = try await work()
      guard removed > 0 else { return }
      logger.info("cleared away \(what)", metadata: ["count": "\(removed)"])
    } catch {
      guard !Task.isCancelled else { return }
      logger.error(
        "could not clear away \(what)",
        metadata: ["code": .string((error as? PeerChartError)?.code.rawValue ?? "internal")])
    }
  }
}
