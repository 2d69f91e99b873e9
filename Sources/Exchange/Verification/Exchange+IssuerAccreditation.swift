import Identity
import Primitives

extension Exchange {
  /// Whether somebody whose word is taken here vouched for the issuer when it signed: what was signed before a
  /// suspension stays good, what was signed after does not.
  ///
  /// - Parameters:
  ///   - time: when it was signed, by the issuer's own clock.
  ///   - seen: when others had seen it at the latest. An issuer whose accreditation was withdrawn since could
  ///     date a document back; nil where nobody says.
  func accreditationCheck(
    of issuer: NodeID, at time: Instant, seen: Instant?
  ) async throws -> Verification.Check {
    let now = clock.now()
    let (standing, current) = try await store.read { [self] in
      (
        try entityStanding(of: issuer, at: time, in: $0),
        try entityStanding(of: issuer, at: now, in: $0)
      )
    }
    let by = standing.accreditor ?? ""
    let since = standing.since.map { " since \($0)" } ?? ""
    func check(
      _ state: Verification.Check.State, _ text: String, required: Bool = false
    ) -> Verification.Check {
      Verification.Check(
        .accreditation, state, text, required: required,
        code: state == .holds ? nil : "entity-\(standing.state.rawValue)")
    }
    switch standing.state {
    case .accredited:
      let organization = standing.credential?.organization ?? ""
      let npi = standing.credential.map { ", NPI \($0.npi)" } ?? ""
      let words = "By the word of \(by) it was of \(organization)\(npi), when it signed"
      if current.state > .accredited, let end = current.since, seen.map({ $0 > end }) ?? true {
        return Verification.Check(
          .accreditation, .unknown,
          "\(words); that has ended on \(end), and that it signed before then only its own clock says.",
          required: true, code: "entity-own-clock")
      }
      guard standing.isFresh else {
        return Verification.Check(
          .accreditation, .unknown,
          "\(words); \(by) was not asked lately whether that still holds.",
          required: false, code: "entity-stale")
      }
      return check(.holds, "\(words).")
    case .suspended:
      return check(
        .fails, "\(by) had suspended its accreditation\(since), before it signed.", required: true)
    case .revoked:
      return check(
        .fails, "\(by) had revoked its accreditation\(since), before it signed.", required: true)
    case .replaced:
      return check(
        .fails, "Its organization had gone on to other keys\(since), before it signed.",
        required: true)
    case .expired:
      return check(.unknown, "Its accreditation by \(by) had run out\(since), when it signed.")
    case .unknown: return .nobodyVouches
    }
  }
}

extension Verification.Check {
  static var nobodyVouches: Verification.Check {
    Verification.Check(
      .accreditation, .unknown,
      "Nobody whose word is taken here had vouched for the issuer when it signed.",
      required: false, code: "entity-unknown")
  }
}
