import Primitives
import TransparencyLog

/// A kind of place to which anchors go: the one protocol of chains, calendars and authorities.
protocol LogAnchoring: Sendable {
  /// Takes an anchor as far as it goes now, and says when to look again (`nextAttempt`).
  ///
  /// Doing it twice does it once: whatever a second attempt must not do differently is handed to `keep`,
  /// which returns when it is durable, before anything is sent.
  ///
  /// - Throws: `unreachable` and whatever else may pass; the anchor stays as it was last kept.
  func advance(
    _ anchor: LogAnchorRecord, now: Int64,
    keep: @Sendable (LogAnchorRecord) async throws -> Void
  ) async throws -> LogAnchorRecord
}
