/// The answer to a request.
public enum Decision: Hashable, Sendable {
  case permit(Permit)
  case deny([Reason])

  public var permit: Permit? {
    if case .permit(let permit) = self { permit } else { nil }
  }

  /// All reasons of a refusal, for the audit log and the patient; of a permit, what it overrode.
  public var reasons: [Reason] {
    switch self {
    case .permit(let permit): permit.overridesDenial ? [Reason(.denialOverridden)] : []
    case .deny(let reasons): reasons
    }
  }

  /// What a refused caller is told: nothing about the record, the patient's wishes or other grants.
  public var reasonsForCaller: [Reason.Code] {
    guard case .deny(let reasons) = self else { return [] }
    var codes: [Reason.Code] = []
    for reason in reasons {
      let code = reason.code.revealsRecord ? Reason.Code.noGrant : reason.code
      if !codes.contains(code) { codes.append(code) }
    }
    return codes
  }
}
