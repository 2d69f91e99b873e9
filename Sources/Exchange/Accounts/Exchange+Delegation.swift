import Audit
public import Consent
import FHIR
import Identity
import Primitives

extension Exchange {
  /// Opens a chart to somebody whom the patient has named for emergencies: what the patient named, for a
  /// day at most, on record, the patient told at once, and the patient's to judge.
  ///
  /// - Parameter hours: 1 to 24.
  /// - Returns: the capacity to act in.
  /// - Throws: `forbidden` for somebody who is not named; `invalid` without words; `step-up-required`.
  public func openAsDelegate(
    for patient: String, reason: BreakGlassSession.Emergency, text: String, hours: Int,
    _ signedIn: SignedIn, from origin: SignInOrigin
  ) async throws -> Capacity {
    guard (1...24).contains(hours) else {
      throw PeerChartError(.invalid, "an emergency lasts 24 hours at most", place: "hours")
    }
    let words = AuditLimits.clipped(text, to: AuditLimits.text) ?? ""
    return try await pass { [self] snapshot in
      let now = clock.now()
      guard
        let (_, account) = try session(
          Self.sessionKey(signedIn.token), signedIn.account, in: snapshot)
      else { throw Self.noSession }
      guard signedIn.authentication.isMultiFactor,
        let named = try relationship(of: account.id, to: patient, at: now, in: snapshot),
        named.kind == .emergencyDelegate,
        let slot = try snapshot.chart(tag: keys.chartTag(patient))?.slot
      else {
        throw PeerChartError(.forbidden, "the patient has not named you for emergencies")
      }
      try requireFreshFactor(account, signedIn, at: now)
      let types = named.limits ?? .emergency
      let rest = named.until.map { ($0 - now.millisecondsSinceEpoch) / 1000 } ?? .max
      let session = try BreakGlassSession(
        id: newID(), patient: patient, node: nodeID, person: account.party, emergency: reason,
        text: words,
        scope: BreakGlassSession.Scope(
          types: types, labels: .ordinary,
          justification: types.isSubset(of: .emergency) ? nil : "named by the patient beforehand"),
        start: now, seconds: max(1, min(Int64(hours) * 3600, rest)))
      let capacity = Capacity(role: .proxy, patient: patient)
      var draft = EventDraft(kind: .breakGlass)
      draft.patient = patient
      draft.emergency = AuditEmergency(code: reason.rawValue, text: words)
      draft.detail = [
        "break-glass": session.id, "relationship": named.kind.rawValue,
        "record-types": types.types.map(\.rawValue).joined(separator: " "),
      ]
      var passage = Passage(outcome: .success(capacity))
      passage.change(
        try keeping(
          .breakGlass, keys.chartTag(patient) + Array(session.id.utf8), BreakGlassRecord(session)),
        &draft)
      passage.also { try $0.bumpConsentRevision(slot: slot) }
      passage.change(
        try notice(
          .glassBroken, at: now, patient: patient, peer: account.name, reference: session.id,
          text: words), &draft)
      try mail(.glassBroken, about: patient, &passage, in: snapshot)
      let caller = Caller(
        identity: .account(account.id), name: account.name, role: .proxy, scopes: nil,
        purpose: .breakTheGlass, networkAddress: origin.networkAddress,
        requestID: origin.requestID)
      passage.entries = [try entry(draft, caller, at: now, slot: slot)]
      return passage
    }
  }
}
