import Primitives
import Synchronization

/// The value of `Date` (RFC 9110 section 6.6.1), written once a second.
final class DateField: Sendable {
  private let written = Mutex((second: Int64.min, text: ""))

  var text: String {
    let now = SystemClock().now()
    return written.withLock { written in
      let second = now.millisecondsSinceEpoch / 1000
      if written.second != second { written = (second, HTTPDate.text(now)) }
      return written.text
    }
  }
}
