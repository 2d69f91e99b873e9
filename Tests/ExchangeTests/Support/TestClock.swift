import Primitives
import Synchronization

/// A clock that stands still until somebody moves it.
final class TestClock: WallClock {
  private let time: Mutex<Instant>

  /// Starts on 1 March 2026, 09:00 UTC.
  init() { time = Mutex(Instant(millisecondsSinceEpoch: 1_772_355_600_000)) }

  func now() -> Instant { time.withLock { $0 } }

  func advance(seconds: Int64) {
    time.withLock { $0 = $0.adding(seconds: seconds) }
  }
}
