public import Primitives

/// The state of a session's review: pending, then judged once.
public enum BreakGlassReview: Hashable, Sendable {
  /// What the reviewer found.
  public enum Judgement: String, CaseIterable, Hashable, Sendable { case accepted, violation }

  case pending
  case reviewed(Judgement, by: PartyIdentifier, at: Instant, note: String)

  var isViolation: Bool {
    if case .reviewed(.violation, _, _, _) = self { true } else { false }
  }
}

extension BreakGlassSession {
  /// Judges the session; a violation also ends it at once. Throws `forbidden` to the one who broke the
  /// glass, `conflict` when it was judged before, `invalid` without a note.
  public func reviewed(
    as judgement: BreakGlassReview.Judgement, by reviewer: PartyIdentifier, at time: Instant,
    note: String
  ) throws(PeerChartError) -> BreakGlassSession {
    guard review == .pending else {
      throw PeerChartError(.conflict, "this break-glass session was reviewed before")
    }
    guard reviewer != person else {
      throw PeerChartError(.forbidden, "nobody reviews their own break-glass session")
    }
    guard !note.isBlank else { throw PeerChartError(.invalid, "a review needs a note") }
    guard time >= start else {
      throw PeerChartError(.invalid, "a review cannot come before the session")
    }
    var session = self
    session.review = .reviewed(judgement, by: reviewer, at: time, note: note)
    return session
  }
}
