import Primitives
import Synchronization

/// Ids of requests: a random start for each process, then a count. They are ours alone: an id that
/// the caller chose could carry anything into the log.
final class RequestIDs: Sendable {
  private let prefix: String
  private let count = Atomic<UInt64>(0)

  init(random: some RandomSource = SystemRandom()) { prefix = Hex.encode(random.bytes(8)) + "-" }

  func next() -> String {
    prefix + String(count.wrappingAdd(1, ordering: .relaxed).newValue, radix: 16)
  }
}
