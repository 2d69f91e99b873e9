import Audit
public import Consent
import FHIR
import Identity
public import Primitives

/// Whom an invitation makes of the person who takes it.
public enum InvitedAs: Sendable {
  /// A patient of this node, or somebody who acts for one.
  case relation(RelationshipKind, patient: String, until: Instant?)
  /// Somebody who acts for a patient in some record types only.
  case limited(RelationshipKind, patient: String, until: Instant?, to: RecordTypeSet)
  case staff(Set<Role>)
}

/// An invitation as kept, under the hash of its code.
struct AccountInvitationRecord: Codable, Sendable {
  var id: String
  var relation: RelationshipRecord?
  var staffRoles: [String] = []
  var expiresAt: Int64
}

extension Exchange {
  /// Invites somebody to sign in here. The code is handed over by whoever has seen who they are: at the
  /// desk, in the family.
  ///
  /// - Parameter lifetime: seconds until the code is no good any more.
  /// - Throws: `forbidden`, `step-up-required`; `not-found` for a patient without a chart.
  public func inviteAccount(
    as invited: InvitedAs, lifetime: Int64, by caller: Caller
  ) async throws -> AccountCode {
    let code = AccountCode(random: random)
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      try requireInviting(invited, caller)
      var record = AccountInvitationRecord(
        id: newID(), expiresAt: reading.time.adding(seconds: lifetime).millisecondsSinceEpoch)
      var draft = EventDraft(kind: .accountInvited)
      draft.detail = ["invitation": record.id]
      switch invited {
      case .relation(let kind, let patient, let until):
        record.relation = try relation(kind, patient, until, reading)
        draft.patient = patient
        draft.detail["relationship"] = kind.rawValue
      case .limited(let kind, let patient, let until, let types):
        guard kind == .caregiver || kind == .emergencyDelegate || kind == .guardian, !types.isEmpty
        else { throw PeerChartError(.invalid, "this relationship is to the whole chart") }
        record.relation = try relation(kind, patient, until, reading)
        record.relation?.types = types.types.map(\.rawValue)
        draft.patient = patient
        draft.detail["relationship"] = kind.rawValue
        draft.detail["record-types"] = types.types.map(\.rawValue).joined(separator: " ")
      case .staff(let roles):
        guard !roles.isEmpty, roles.isDisjoint(with: [.patient, .proxy, .system]) else {
          throw PeerChartError(.invalid, "staff have one or more roles of the staff")
        }
        record.staffRoles = roles.map(\.rawValue).sorted()
        draft.detail["roles"] = record.staffRoles.joined(separator: " ")
      }
      var passage = Passage(outcome: .success(code))
      passage.change(try keeping(.accountInvitation, code.digest, record), &draft)
      passage.entries = [try entry(draft, reading)]
      return passage
    }
  }

  /// A patient names those who act for them; the desk or an administrator invites the patient.
  private func requireInviting(_ invited: InvitedAs, _ caller: Caller) throws {
    switch invited {
    case .staff: try require(.manageAccounts, caller)
    case .relation(let kind, let patient, _), .limited(let kind, let patient, _, _):
      switch kind {
      case .treating:
        throw PeerChartError(.invalid, "whom somebody treats is assigned, not invited")
      case .caregiver, .emergencyDelegate:
        if caller.role == .patient || caller.role == .proxy {
          return try require(.decideSharing, of: patient, caller)
        }
        try require(.invitePatients, caller)
      case .selfOfPatient, .parent, .guardian: try require(.invitePatients, caller)
      }
    }
  }

  /// - Throws: `not-found` for a patient without a chart, `invalid` for a parent of somebody of age.
  private func relation(
    _ kind: RelationshipKind, _ patient: String, _ until: Instant?, _ reading: Reading
  ) throws -> RelationshipRecord {
    guard try reading.hasPatient(patient) else {
      throw PeerChartError(.notFound, "there is no chart of that patient")
    }
    var ends = until?.millisecondsSinceEpoch
    if kind == .parent {
      guard let majority = try majority(of: patient, reading) else {
        throw PeerChartError(
          .invalid, "a parent acts for a child whose birth date is on record; invite a guardian")
      }
      guard reading.time < majority else {
        throw PeerChartError(
          .invalid, "the patient is of age; a parent acts as caregiver, whom the patient names")
      }
      ends = min(ends ?? .max, majority.millisecondsSinceEpoch)
    }
    var record = RelationshipRecord(
      patient: patient, kind: kind, from: reading.time.millisecondsSinceEpoch, until: ends)
    if reading.caller.role == .patient { record.namedBy = reading.caller.name.exposed }
    return record
  }

  /// The day a patient comes of age: the eighteenth birthday.
  private func majority(of patient: String, _ reading: Reading) throws -> Instant? {
    guard
      let row = try reading.snapshot.newestVersion(of: keys.recordKey("Patient", patient)),
      !row.isDeleted
    else { return nil }
    return try reading.open(row).withResource { patient -> Instant? in
      patient.root["birthDate"]?.string.flatMap(Self.majority)
    }
  }

  /// The day on which somebody born on a day, `2015-03-01`, comes of age; nil for less than a day.
  static func majority(bornOn day: String) -> Instant? {
    let parts = day.split(separator: "-")
    guard parts.count == 3, let year = Int64(parts[0]), let month = Int64(parts[1]),
      let day = Int64(parts[2]), (1...9900).contains(year)
    else { return nil }
    // Who was born on a leap day comes of age on the first of March.
    let majority =
      CivilDate(year: year + 18, month: month, day: day)
      ?? CivilDate(year: year + 18, month: 3, day: 1)
    return majority.map { Instant(millisecondsSinceEpoch: $0.daysSinceEpoch * 86_400_000) }
  }

  /// The invitation that a code stands for.
  ///
  /// - Throws: `forbidden` for one that is unknown, used or expired, all in the same words.
  func invitation(
    _ code: AccountCode, at time: Instant, in snapshot: any StoreSnapshot
  ) throws -> AccountInvitationRecord {
    let record: AccountInvitationRecord? = try item(.accountInvitation, code.digest, in: snapshot)
    guard let record, time.millisecondsSinceEpoch < record.expiresAt else {
      throw PeerChartError(.forbidden, "this code is not good, or not any more")
    }
    return record
  }

  /// Uses an invitation up for an account.
  func accept(
    _ invitation: AccountInvitationRecord, _ code: AccountCode, _ account: inout AccountRecord,
    _ passage: inout Passage<some Sendable>, _ draft: inout EventDraft,
    in snapshot: any StoreSnapshot
  ) throws {
    var used = ItemChange(kind: .accountInvitation, key: code.digest, sealed: nil)
    used.before = .exactly(try snapshot.item(.accountInvitation, key: code.digest))
    passage.change(used, &draft)
    account.staffRoles = Set(account.staffRoles).union(invitation.staffRoles).sorted()
    draft.detail["invitation"] = invitation.id
    if let relation = invitation.relation {
      draft.patient = relation.patient
      draft.detail["relationship"] = relation.kind.rawValue
      try relate(account.id, to: relation.patient, relation, &passage, &draft, in: snapshot)
    }
  }
}
