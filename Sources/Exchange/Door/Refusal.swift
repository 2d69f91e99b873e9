import Audit
import Consent
import Primitives

/// Why a request comes to nothing.
enum RefusalCause {
  /// There is no such record.
  case absent(type: String, id: String)
  /// There is one, and the caller may not.
  case record(ClosedRecord, [Reason])
  /// A whole request that no rule allows.
  case request(patient: String?, [Reason])
}

extension Exchange {
  /// A passage that refuses, with its audit entry. To callers who may not learn what exists, a record
  /// that is not there and one that is not for them look the same.
  func refusal<Value>(
    _ reading: Reading, _ cause: RefusalCause, action: ConsentAction
  ) throws -> Passage<Value> {
    let error: PeerChartError
    var draft = EventDraft(kind: .decisionDeny, action: action)
    switch cause {
    case .absent(let type, let id):
      draft.entities = ["\(type)/\(id)"]
      draft.reasons = ["no-such-record"]
      error =
        reading.caller.seesAbsence
        ? PeerChartError(.notFound, "there is no such record") : Self.denied([])
    case .record(let record, let reasons):
      draft.patient = record.patients.first
      draft.entities = ["\(record.type)/\(record.id)/_history/\(record.row.number)"]
      draft.reasons = reasons.map(\.code.rawValue)
      draft.grants = reasons.compactMap(\.grant?.value)
      error = Self.denied(Decision.deny(reasons).reasonsForCaller)
    case .request(let patient, let reasons):
      draft.patient = patient
      draft.reasons = reasons.map(\.code.rawValue)
      draft.grants = reasons.compactMap(\.grant?.value)
      error = Self.denied(Decision.deny(reasons).reasonsForCaller)
    }
    var passage = Passage<Value>(outcome: .failure(error))
    passage.entries = [try entry(draft, reading)]
    return passage
  }

  /// The refusal as the caller sees it. Nothing in it tells whether there was anything to refuse.
  static func denied(_ codes: [Reason.Code]) -> PeerChartError {
    let codes = codes.isEmpty ? [Reason.Code.noGrant] : codes
    return PeerChartError(
      .forbidden,
      "access denied: " + codes.map { "\($0.text) (\($0.rawValue))" }.joined(separator: " "))
  }
}
