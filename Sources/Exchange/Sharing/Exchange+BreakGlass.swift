import Audit
import Consent
import FHIR
import Foundation
import Primitives

extension Exchange {
  /// Opens a chart in an emergency: small scope, short time, on record, the patient told at once.
  ///
  /// - Parameter body: a `BreakGlassDraft` as JSON.
  /// - Returns: the session, as JSON.
  public func breakTheGlass(_ body: [UInt8], as caller: Caller) async throws -> [UInt8] {
    let draft: BreakGlassDraft
    do {
      draft = try JSONDecoder().decode(BreakGlassDraft.self, from: Data(body))
    } catch {
      throw PeerChartError(
        .malformed, "break-glass takes JSON with patient, reason and text", cause: error)
    }
    let summary = try await breakTheGlass(draft, as: caller)
    return Array(try JSONEncoder().encode(summary))
  }

  /// As above.
  public func breakTheGlass(
    _ draft: BreakGlassDraft, as caller: Caller
  ) async throws -> BreakGlassSummary {
    try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard try reading.hasPatient(draft.patient), let slot = try reading.slot(of: draft.patient),
        caller.role.mayBreakGlass, let person = caller.person
      else {
        return try refusal(
          reading, .request(patient: nil, [Reason(.roleNotPermitted)]), action: .read)
      }
      // Somebody signed in shows a factor once more, and does it in person: not by an app.
      if case .account = caller.identity { try require(.breakGlass, caller) }
      let scope = try justifiedScope(draft, caller)
      let session = try session(draft, scope, caller, person, at: reading.time)
      let summary = BreakGlassSummary(session)
      let key = keys.chartTag(draft.patient) + Array(session.id.utf8)
      var event = EventDraft(kind: .breakGlass)
      event.patient = draft.patient
      event.emergency = AuditEmergency(
        code: session.emergency.rawValue,
        text: AuditLimits.clipped(session.text, to: AuditLimits.text) ?? "")
      event.detail = [
        "break-glass": session.id,
        "record-types": summary.recordTypes.joined(separator: " "),
      ]
      if !summary.labels.isEmpty { event.detail["labels"] = summary.labels.joined(separator: " ") }
      for (part, why) in scope.justifications { event.detail["justification-\(part)"] = why }
      event.detail.merge(summary.disclosure?.detail ?? [:]) { $1 }
      var passage = Passage(outcome: .success(summary))
      passage.change(try keeping(.breakGlass, key, BreakGlassRecord(session)), &event)
      passage.also { try $0.bumpConsentRevision(slot: slot) }
      passage.change(
        try notice(
          .glassBroken, at: reading.time, patient: draft.patient, peer: caller.name.exposed,
          reference: session.id, text: Self.noticeText(session, scope, summary)), &event)
      try mail(.glassBroken, about: draft.patient, &passage, in: snapshot)
      passage.entries = [try entry(event, reading)]
      return passage
    }
  }

  /// What the patient reads: what happened, and where more than the minimum was opened, what and why.
  private static func noticeText(
    _ session: BreakGlassSession, _ scope: JustifiedScope, _ summary: BreakGlassSummary
  ) -> String {
    var parts = [session.text]
    parts += scope.justifications.sorted { $0.key < $1.key }.map { part, why in
      part == "record-types"
        ? "Opened \(summary.recordTypes.joined(separator: ", ")): \(why)" : "Opened \(part): \(why)"
    }
    if let disclosure = summary.disclosure { parts.append(disclosure.sentence) }
    return parts.joined(separator: " — ")
  }

  private func session(
    _ draft: BreakGlassDraft, _ scope: JustifiedScope, _ caller: Caller,
    _ person: PartyIdentifier, at time: Instant
  ) throws -> BreakGlassSession {
    let node: NodeID = if case .peer(let peer) = caller.identity { peer } else { nodeID }
    return try BreakGlassSession(
      id: newID(), patient: draft.patient, node: node, person: person,
      emergency: try draft.emergency, text: draft.text,
      scope: BreakGlassSession.Scope(
        types: scope.types, labels: scope.labels, justification: scope.justification,
        emergencyDisclosure: scope.disclosure),
      start: time, seconds: try draft.seconds)
  }

  /// Who receives and who discloses: a peer's staff works for the peer, and names itself in the request;
  /// a token is a person of this node's own.
  private func justifiedScope(
    _ draft: BreakGlassDraft, _ caller: Caller
  ) throws -> JustifiedScope {
    let isPeer = if case .peer = caller.identity { true } else { false }
    return try draft.justifiedScope(
      affiliation: isPeer ? caller.name.exposed : name.exposed, discloser: name.exposed,
      bearer: isPeer ? nil : caller.name.exposed)
  }

  func breakGlassSessions(
    of patient: String, in snapshot: any StoreSnapshot
  ) throws -> [BreakGlassSession] {
    var sessions: [BreakGlassSession] = []
    var position: [UInt8]?
    repeat {
      let page = try snapshot.items(
        .breakGlass, prefix: keys.chartTag(patient), after: position, limit: 256)
      for (key, sealed) in page {
        let record: BreakGlassRecord = try decode(sealed, .breakGlass, key)
        sessions.append(try record.session())
      }
      position = page.count == 256 ? page.last?.key : nil
    } while position != nil
    return sessions
  }

  /// All break-glass sessions of the node, newest first.
  ///
  /// - Parameter patient: whose chart was opened; nil for all charts.
  public func breakGlassSessions(
    of patient: String? = nil, as caller: Caller
  ) async throws -> [BreakGlassSummary] {
    try require(patient == nil ? .reviewBreakGlass : .seeChartLog, of: patient, caller)
    return try await store.read { [self] snapshot in
      let sessions =
        try patient.map { try breakGlassSessions(of: $0, in: snapshot) }
        ?? items(.breakGlass, as: BreakGlassRecord.self, in: snapshot).map {
          try $0.value.session()
        }
      return sessions.sorted { $0.start > $1.start }.map(BreakGlassSummary.init)
    }
  }

  /// Records what the patient or privacy officer thinks of an emergency access. A violation ends it.
  public func review(
    breakGlass id: String, accepted: Bool, note: String, as caller: Caller
  ) async throws {
    let permission: NodePermission =
      caller.role == .privacyOfficer ? .reviewBreakGlass : .decideSharing
    try requireRole(permission, caller)
    try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard
        let (key, record) = try items(.breakGlass, as: BreakGlassRecord.self, in: snapshot)
          .first(where: { $0.value.id == id })
      else { throw PeerChartError(.notFound, "there is no break-glass session of that id") }
      try require(permission, of: record.patient, caller)
      let session = try record.session().reviewed(
        as: accepted ? .accepted : .violation,
        by: caller.person ?? PartyIdentifier(system: "urn:peerchart:node", value: "operator"),
        at: reading.time,
        note: note)
      let slot = try reading.slot(of: session.patient)
      var event = EventDraft(kind: .breakGlassReviewed)
      event.patient = session.patient
      event.reasons = [accepted ? "accepted" : "violation"]
      event.detail = ["break-glass": id, "note": note]
      var passage = Passage(outcome: .success(()))
      passage.change(
        try keeping(.breakGlass, key, BreakGlassRecord(session), after: snapshot), &event)
      if let slot { passage.also { try $0.bumpConsentRevision(slot: slot) } }
      passage.entries = [try entry(event, reading)]
      return passage
    }
  }
}
