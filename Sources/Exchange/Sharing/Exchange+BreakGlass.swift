import Audit
import Consent
import FHIR
import Foundation
import Primitives

/// A break-glass session as kept, under the tag of its chart.
private struct BreakGlassRecord: Codable {
  var id: String
  var patient: String
  var node: String
  var personSystem: String
  var person: String
  var emergency: String
  var text: String
  var types: [String]
  var labels: [String]
  var justification: String?
  /// Milliseconds since 1970.
  var start: Int64
  var seconds: Int64
  var judgement: String?
  var reviewedAt: Int64?
  var reviewer: String?
  var note: String?
}

/// Emergency access as asked for.
public struct BreakGlassDraft: Codable, Sendable {
  public var patient: String
  /// One of the coded emergencies.
  public var reason: String
  public var text: String
  /// Why more than allergies, medications and problems is needed.
  public var justification: String?
  public var recordTypes: [String]?
  public var hours: Double?
}

/// A break-glass session, for people and programs to look at.
public struct BreakGlassSummary: Sendable, Encodable {
  public let session: String
  public let patient: String
  public let by: String
  public let reason: String
  public let text: String
  public let recordTypes: [String]
  public let from: String
  public let until: String
  public let review: String
  public let reviewDue: String
}

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
      guard let slot = try reading.slot(of: draft.patient), caller.role.mayBreakGlass,
        let person = caller.person
      else {
        return try refusal(
          reading, .request(patient: nil, [Reason(.roleNotPermitted)]), action: .read)
      }
      let session = try session(draft, caller, person, at: reading.time)
      let key = keys.chartTag(draft.patient) + Array(session.id.utf8)
      let sealed = try sealedItem(.breakGlass, key, BreakGlassRecord(session))
      var event = EventDraft(kind: .breakGlass)
      event.patient = draft.patient
      event.emergency = AuditEmergency(
        code: session.emergency.rawValue, text: String(session.text.prefix(500)))
      event.detail = [
        "break-glass": session.id,
        "record-types": session.scope.types.types.map(\.rawValue).joined(separator: " "),
      ]
      if let why = session.scope.justification { event.detail["justification"] = why }
      var passage = Passage(
        outcome: .success(BreakGlassSummary(session)), entries: [try entry(event, reading)])
      passage.also { transaction in
        try transaction.putItem(.breakGlass, key: key, sealed: sealed)
        try transaction.bumpConsentRevision(slot: slot)
      }
      passage.also(
        try notice(
          .glassBroken, at: reading.time, patient: draft.patient, peer: caller.name.exposed,
          reference: session.id, text: session.text))
      return passage
    }
  }

  private func session(
    _ draft: BreakGlassDraft, _ caller: Caller, _ person: PartyIdentifier, at time: Instant
  ) throws -> BreakGlassSession {
    guard let emergency = BreakGlassSession.Emergency(rawValue: draft.reason) else {
      throw PeerChartError(
        .invalid,
        "the reason must be one of "
          + BreakGlassSession.Emergency.allCases.map(\.rawValue).joined(separator: ", "),
        place: "reason")
    }
    let node: NodeID = if case .peer(let peer) = caller.identity { peer } else { nodeID }
    let types = draft.recordTypes.map {
      RecordTypeSet($0.compactMap(RecordType.init(rawValue:)))
    }
    let hours = draft.hours ?? Double(BreakGlassSession.defaultSeconds) / 3600
    guard hours.isFinite, hours > 0, hours <= 24 else {
      throw PeerChartError(.invalid, "a break-glass session lasts 24 hours at most", place: "hours")
    }
    return try BreakGlassSession(
      id: newID(), patient: draft.patient, node: node, person: person, emergency: emergency,
      text: draft.text,
      scope: BreakGlassSession.Scope(
        types: types ?? .emergency, labels: .ordinary, justification: draft.justification),
      start: time, seconds: Int64(hours * 3600))
  }

  func breakGlassSessions(
    of patient: String, in snapshot: any StoreSnapshot
  ) throws -> [BreakGlassSession] {
    let tag = keys.chartTag(patient)
    return try items(.breakGlass, as: BreakGlassRecord.self, in: snapshot)
      .filter { $0.key.starts(with: tag) }.map { try $0.value.session() }
  }

  /// All break-glass sessions of the node, newest first.
  public func breakGlassSessions(as caller: Caller) async throws -> [BreakGlassSummary] {
    try Self.requireOwner(caller, of: nil)
    return try await store.read { [self] snapshot in
      try items(.breakGlass, as: BreakGlassRecord.self, in: snapshot)
        .map { try $0.value.session() }.sorted { $0.start > $1.start }.map(BreakGlassSummary.init)
    }
  }

  /// Records what the patient or privacy officer thinks of an emergency access. A violation ends it.
  public func review(
    breakGlass id: String, accepted: Bool, note: String, as caller: Caller
  ) async throws {
    try Self.requireOwner(caller)
    try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard
        let (key, record) = try items(.breakGlass, as: BreakGlassRecord.self, in: snapshot)
          .first(where: { $0.value.id == id })
      else { throw PeerChartError(.notFound, "there is no break-glass session of that id") }
      try Self.requireOwner(caller, of: record.patient)
      let session = try record.session().reviewed(
        as: accepted ? .accepted : .violation,
        by: PartyIdentifier(system: "urn:peerchart:node", value: "operator"), at: reading.time,
        note: note)
      let sealed = try sealedItem(.breakGlass, key, BreakGlassRecord(session))
      let slot = try reading.slot(of: session.patient)
      var event = EventDraft(kind: .breakGlassReviewed)
      event.patient = session.patient
      event.reasons = [accepted ? "accepted" : "violation"]
      event.detail = ["break-glass": id, "note": note]
      return Passage(outcome: .success(()), entries: [try entry(event, reading)]) { transaction in
        try transaction.putItem(.breakGlass, key: key, sealed: sealed)
        if let slot { try transaction.bumpConsentRevision(slot: slot) }
      }
    }
  }
}

extension BreakGlassRecord {
  init(_ session: BreakGlassSession) {
    id = session.id
    patient = session.patient
    node = session.node.description
    personSystem = session.person.system
    person = session.person.value
    emergency = session.emergency.rawValue
    text = session.text
    types = session.scope.types.types.map(\.rawValue)
    labels = session.scope.labels.labels.map(\.rawValue)
    justification = session.scope.justification
    start = session.start.millisecondsSinceEpoch
    seconds = (session.end.millisecondsSinceEpoch - session.start.millisecondsSinceEpoch) / 1000
    if case .reviewed(let judgement, let reviewer, let time, let note) = session.review {
      self.judgement = judgement.rawValue
      self.reviewer = reviewer.value
      reviewedAt = time.millisecondsSinceEpoch
      self.note = note
    }
  }

  func session() throws -> BreakGlassSession {
    guard let node = NodeID(node), let emergency = BreakGlassSession.Emergency(rawValue: emergency)
    else { throw PeerChartError(.integrity, "a stored break-glass session cannot be read") }
    var session = try BreakGlassSession(
      id: id, patient: patient, node: node,
      person: PartyIdentifier(system: personSystem, value: person), emergency: emergency,
      text: text,
      scope: BreakGlassSession.Scope(
        types: RecordTypeSet(types.compactMap(RecordType.init(rawValue:))),
        labels: LabelSet(ofLabels: labels.compactMap(SensitivityLabel.init(rawValue:))),
        justification: justification),
      start: Instant(millisecondsSinceEpoch: start), seconds: seconds)
    if let judgement = judgement.flatMap(BreakGlassReview.Judgement.init(rawValue:)) {
      session = try session.reviewed(
        as: judgement, by: PartyIdentifier(system: "urn:peerchart:node", value: reviewer ?? ""),
        at: Instant(millisecondsSinceEpoch: reviewedAt ?? start), note: note ?? "-")
    }
    return session
  }
}

extension BreakGlassSummary {
  init(_ session: BreakGlassSession) {
    self.session = session.id
    patient = session.patient
    by = session.person.value
    reason = session.emergency.rawValue
    text = session.text
    recordTypes = session.scope.types.types.map(\.rawValue)
    from = session.start.description
    until = session.end.description
    reviewDue = session.reviewDue.description
    review =
      switch session.review {
      case .pending: "pending"
      case .reviewed(let judgement, _, _, _): judgement.rawValue
      }
  }
}
