import Audit
import Consent
public import Identity
import Primitives

/// Somebody who is, acts for or treats a patient.
public struct RelationshipSummary: Sendable, Encodable {
  public let account: String
  public let name: String
  public let patient: String
  public let relationship: String
  public let from: String
  public let until: String?
  /// The record types that it is about; nil for all.
  public let recordTypes: [String]?
}

/// A member of the staff who can be assigned to treat patients.
public struct CareStaffSummary: Sendable, Encodable {
  public let account: String
  public let name: String
  /// The roles of care.
  public let roles: [String]
}

extension Exchange {
  private static var mostStaff: Int { 2000 }

  /// The members of the staff who can be assigned to treat patients, by name.
  public func careStaff(as caller: Caller) async throws -> [CareStaffSummary] {
    try require(.assignCare, caller)
    return try await store.read { [self] snapshot in
      try snapshot.items(.account, prefix: [], after: nil, limit: Self.mostStaff)
        .compactMap { key, sealed -> CareStaffSummary? in
          let account: AccountRecord = try decode(sealed, .account, key)
          // Who may break the glass is who treats.
          let roles = account.staffRoles.filter { Role(rawValue: $0)?.mayBreakGlass == true }
          guard !account.isDisabled, !roles.isEmpty else { return nil }
          return CareStaffSummary(
            account: account.id.description, name: account.name, roles: roles)
        }.sorted { ($0.name, $0.account) < ($1.name, $1.account) }
    }
  }

  /// Who acts for a patient, or treats them, by an account of this node.
  public func people(of patient: String, as caller: Caller) async throws -> [RelationshipSummary] {
    if caller.role == .patient || caller.role == .proxy {
      try require(.decideSharing, of: patient, caller)
    } else {
      try require(.assignCare, caller)
    }
    let now = clock.now()
    return try await store.read { [self] snapshot in
      let tag = keys.chartTag(patient)
      return try snapshot.items(.chartPerson, prefix: tag, after: nil, limit: 1000)
        .compactMap { key, sealed in
          let record: RelationshipRecord = try decode(sealed, .chartPerson, key)
          guard record.holds(at: now), let id = AccountID(bytes: Array(key.dropFirst(tag.count))),
            let account = try account(id, in: snapshot), !account.isDisabled
          else { return nil }
          return RelationshipSummary(
            account: id.description, name: account.name, patient: record.patient,
            relationship: record.kind.rawValue,
            from: Instant(millisecondsSinceEpoch: record.from).description,
            until: record.until.map { Instant(millisecondsSinceEpoch: $0).description },
            recordTypes: record.types)
        }
    }
  }

  /// Says that somebody of the staff treats a patient, for a time.
  ///
  /// - Throws: `not-found` for an account or chart that is not there.
  public func assign(
    _ id: AccountID, toTreat patient: String, seconds: Int64, as caller: Caller
  ) async throws {
    try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      try require(.assignCare, caller)
      guard let account = try account(id, in: snapshot), !account.staffRoles.isEmpty,
        try reading.hasPatient(patient)
      else {
        throw PeerChartError(.notFound, "there is no such member of the staff, or no such chart")
      }
      guard try relationship(of: id, to: patient, in: snapshot)?.kind.role == nil else {
        // The same account may be the patient's own, or a parent's: that is not overwritten.
        throw PeerChartError(.conflict, "this account stands to the patient in another way already")
      }
      let now = reading.time
      let record = RelationshipRecord(
        patient: patient, kind: .treating, from: now.millisecondsSinceEpoch,
        until: now.adding(seconds: seconds).millisecondsSinceEpoch)
      var draft = EventDraft(kind: .relationshipChanged)
      draft.patient = patient
      draft.detail = ["account": id.description, "relationship": record.kind.rawValue]
      var passage = Passage(outcome: .success(()))
      try relate(id, to: patient, record, &passage, &draft, in: snapshot)
      passage.entries = [try entry(draft, reading)]
      return passage
    }
  }

  /// Ends what ties an account to a patient, at once and on every instance. A patient's own tie stays.
  public func endRelationship(
    of id: AccountID, to patient: String, as caller: Caller
  ) async throws {
    try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard let record = try relationship(of: id, to: patient, in: snapshot) else {
        throw PeerChartError(.notFound, "nothing ties this account to that patient")
      }
      switch record.kind {
      case .treating where caller.role != .patient && caller.role != .proxy:
        try require(.assignCare, caller)
      case .selfOfPatient: try require(.invitePatients, caller)
      default: try require(.decideSharing, of: patient, caller)
      }
      var draft = EventDraft(kind: .relationshipChanged)
      draft.patient = patient
      draft.detail = ["account": id.description, "relationship": "none"]
      var passage = Passage(outcome: .success(()))
      try relate(id, to: patient, nil, &passage, &draft, in: snapshot)
      passage.entries = [try entry(draft, reading)]
      return passage
    }
  }
}
