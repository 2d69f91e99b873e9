import Primitives
import Synchronization

/// A piece of work for one of the store's threads: `attempt` may be undone and made again, `finish`
/// is called exactly once.
struct StoreJob<Access> {
  let attempt: (Access) throws -> Void
  let finish: (PeerChartError?) -> Void

  /// Makes a job of `body`, hands it to `submit`, and waits for what it gives.
  static func run<Result: Sendable>(
    _ body: @escaping @Sendable (Access) throws -> Result, submit: (StoreJob<Access>) -> Void
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      let result = Mutex<Result?>(nil)
      submit(
        StoreJob(
          attempt: { access in
            let value = try body(access)
            result.withLock { $0 = value }
          },
          finish: { error in
            if let error {
              continuation.resume(throwing: error)
            } else if let value = result.withLock({ $0 }) {
              continuation.resume(returning: value)
            } else {
              continuation.resume(throwing: PeerChartError(.storage, "the work did not run"))
            }
          }))
    }
  }
}
