import Identity
import Primitives

/// What the issuer says comes to, check by check.
extension Verification {
  /// Adds whether the document was taken back, or another was put in its place.
  mutating func add(_ knowledge: StatusKnowledge) {
    switch knowledge {
    case .unknown(let code, let text):
      add(Check(.revocation, .unknown, text, required: false, code: code))
      add(Check(.supersession, .unknown, text, required: false, code: code))
    case .denied:
      add(
        Check(
          .inclusion, .fails, "The issuer was asked, and has issued no such document.",
          required: true, code: "denied"))
      let text = "The issuer does not know the document."
      add(Check(.revocation, .unknown, text, required: false, code: "denied"))
      add(Check(.supersession, .unknown, text, required: false, code: "denied"))
    case .known(let status): add(status)
    }
  }

  private mutating func add(_ status: DocumentStatus) {
    let at = "by the issuer's word of \(status.time)"
    let since = status.since?.description
    switch status.state {
    case .good:
      add(Check(.revocation, .holds, "It is not revoked, \(at).", required: true))
      add(Check(.supersession, .holds, "It is not replaced, \(at).", required: true))
    case .revoked:
      self.since = since
      let reason = status.reason ?? .unspecified
      let words = reason == .unspecified ? "" : " (\(reason.rawValue))"
      add(
        Check(
          .revocation, .fails, "The issuer revoked it on \(since ?? "")\(words).", required: true,
          code: reason.rawValue))
      add(
        Check(
          .supersession, .unknown, "Of a revoked document the issuer does not say.",
          required: false, code: "revoked"))
    case .superseded:
      self.since = since
      add(Check(.revocation, .holds, "It is not revoked, \(at).", required: true))
      let successor = status.successor.map { Hex.encode($0) } ?? ""
      add(
        Check(
          .supersession, .fails,
          "The issuer replaced it on \(since ?? "") by document \(successor).", required: true))
    }
  }
}
