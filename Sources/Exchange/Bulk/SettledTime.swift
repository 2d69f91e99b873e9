import Primitives
import Synchronization

/// The latest moment that exports have settled, as far as this process knows.
///
/// A version bears the time at which it was decided about, and becomes durable later. An export must not
/// say that it is up to date at a moment while versions of before are still under way: they would be
/// missing from it, and from the next one that asks for what is newer. So its beginning settles that
/// moment in the store, and a write that comes with an earlier one is decided about once more.
final class SettledTime: Sendable {
  private let latest = Mutex<Int64>(.min)

  /// Takes in what the store says.
  func learn(_ time: Int64) { latest.withLock { $0 = max($0, time) } }

  /// The present, but behind what is settled: clocks of instances differ, and stand still for a
  /// millisecond.
  func next(_ now: Instant) -> Instant {
    let latest = latest.withLock { $0 }
    guard latest >= now.millisecondsSinceEpoch, latest < .max else { return now }
    return Instant(millisecondsSinceEpoch: latest + 1)
  }
}
