import Foundation
import Synchronization

/// Counts and rate of a long piece of work, on the last line of the terminal.
///
/// Says nothing in its first second, and nothing at all where standard error is no terminal.
final class Progress: Sendable {
  private struct State {
    var count = 0
    var total: Int?
    var lastShown: ContinuousClock.Instant
    var isShown = false
  }

  private static let patience = Duration.seconds(1)
  private static let interval = Duration.milliseconds(100)

  private let unit: String
  private let isActive = StandardError.isTerminal
  private let start: ContinuousClock.Instant
  private let state: Mutex<State>

  /// - Parameters:
  ///   - unit: what is counted, in the plural: `resources`.
  ///   - total: how many there will be, if known.
  init(_ unit: String, total: Int? = nil) {
    self.unit = unit
    start = ContinuousClock.now
    state = Mutex(State(total: total, lastShown: start))
  }

  /// Says how many there will be, where that is known only later.
  func expect(_ total: Int) { state.withLock { $0.total = total } }

  func add(_ count: Int) {
    let now = ContinuousClock.now
    let text = state.withLock { state -> String? in
      state.count += count
      guard isActive, now - start >= Self.patience, now - state.lastShown >= Self.interval else {
        return nil
      }
      state.lastShown = now
      state.isShown = true
      return Self.text(state, unit, after: now - start)
    }
    if let text { StandardError.raw("\r\u{1B}[K\(text)") }
  }

  /// Takes the line away again.
  func finish() {
    let wasShown = state.withLock { state in
      defer { state.isShown = false }
      return state.isShown
    }
    if wasShown { StandardError.raw("\r\u{1B}[K") }
  }

  private static func text(_ state: State, _ unit: String, after time: Duration) -> String {
    let seconds =
      Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    let rate = Int((Double(state.count) / seconds).rounded())
    let share = state.total.map { " of \($0)" } ?? ""
    return "\(state.count)\(share) \(unit), \(rate)/s"
  }
}
