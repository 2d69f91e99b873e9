import Exchange
import Logging
import Primitives
import ServiceLifecycle

/// Removes large bodies that no row names, an hour after the node began to serve and every hour after.
struct BodySweeper: Service {
  let store: any RecordStore
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: .seconds(3600))) != nil {
        do {
          let removed = try await store.sweepBodies()
          if removed > 0 {
            logger.info("swept bodies that nothing names", metadata: ["count": "\(removed)"])
          }
        } catch {
          guard !Task.isCancelled else { return }
          logger.error(
            "the large bodies could not be swept",
            metadata: ["code": .string((error as? PeerChartError)?.code.rawValue ?? "internal")])
        }
      }
    }
  }
}
