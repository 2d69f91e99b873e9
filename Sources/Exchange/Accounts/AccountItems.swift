import Consent
import Identity
import Primitives
import Vault

/// Where accounts and what belongs to them lie.
extension Exchange {
  func account(_ id: AccountID, in snapshot: any StoreSnapshot) throws -> AccountRecord? {
    try item(.account, id.bytes, in: snapshot)
  }

  /// The account of a login name. Names are kept as keyed hashes.
  func account(
    named login: LoginName, in snapshot: any StoreSnapshot
  ) throws -> AccountRecord? {
    guard let id: AccountID = try item(.loginName, loginKey(login), in: snapshot) else {
      return nil
    }
    return try account(id, in: snapshot)
  }

  func loginKey(_ login: LoginName) -> [UInt8] {
    keys.index.recordKey(type: "login", id: login.text)
  }

  /// What ties an account to one patient; nil for nothing, or nothing any more.
  func relationship(
    of account: AccountID, to patient: String, at time: Instant, in snapshot: any StoreSnapshot
  ) throws -> RelationshipRecord? {
    let known = try relationship(of: account, to: patient, in: snapshot)
    return known.flatMap { $0.holds(at: time) ? $0 : nil }
  }

  /// The same, whether it holds now or not.
  func relationship(
    of account: AccountID, to patient: String, in snapshot: any StoreSnapshot
  ) throws -> RelationshipRecord? {
    for key in relationshipKeys(account, patient) {
      if let record: RelationshipRecord = try item(.relationship, key, in: snapshot) {
        return record
      }
    }
    return nil
  }

  /// Where a relationship lies: those of a person's own first, apart from those of care, which are many.
  private func relationshipKeys(_ account: AccountID, _ patient: String) -> [[UInt8]] {
    let tag = keys.chartTag(patient)
    return [Self.personal, Self.care].map { account.bytes + [$0] + tag }
  }

  private static var personal: UInt8 { 0 }
  private static var care: UInt8 { 1 }

  /// Everybody whom an account is or acts for. Whom the staff treat is looked up one by one instead: they
  /// are many.
  func personalRelationships(
    of account: AccountID, at time: Instant, in snapshot: any StoreSnapshot
  ) throws -> [RelationshipRecord] {
    let limit = 64
    let prefix = account.bytes + [Self.personal]
    return try snapshot.items(.relationship, prefix: prefix, after: nil, limit: limit)
      .map { try decode($0.sealed, .relationship, $0.key) as RelationshipRecord }
      .filter { $0.kind.role != nil && $0.holds(at: time) }
  }

  /// Whether somebody named for emergencies has said that there is one, which is not over.
  func actsInEmergency(
    _ account: AccountRecord, for patient: String, at time: Instant,
    in snapshot: any StoreSnapshot
  ) throws -> Bool {
    try breakGlassSessions(of: patient, in: snapshot)
      .contains { $0.node == nodeID && $0.person == account.party && $0.isActive(at: time) }
  }

  /// The capacities of an account: oneself first, then those one acts for, then the roles of the staff.
  func capacities(
    of account: AccountRecord, at time: Instant, in snapshot: any StoreSnapshot
  ) throws -> [Capacity] {
    let personal = try personalRelationships(of: account.id, at: time, in: snapshot)
      .filter { record in
        try record.kind != .emergencyDelegate
          || actsInEmergency(account, for: record.patient, at: time, in: snapshot)
      }
      .compactMap { record in
        record.kind.role.map { Capacity(role: $0, patient: record.patient) }
      }
      .sorted {
        ($0.role == .patient ? 0 : 1, $0.description) < (
          $1.role == .patient ? 0 : 1, $1.description
        )
      }
    return personal + account.staffRoles.compactMap { Capacity($0) }
  }

  /// Changes an account that was read from a snapshot.
  func keeping(_ account: AccountRecord, after snapshot: any StoreSnapshot) throws -> ItemChange {
    try keeping(.account, account.id.bytes, account, after: snapshot)
  }

  /// The changes that tie an account to a patient, or with nil untie it. Whoever decides about the chart at
  /// that moment decides anew.
  func relate(
    _ account: AccountID, to patient: String, _ record: RelationshipRecord?,
    _ passage: inout Passage<some Sendable>, _ event: inout EventDraft,
    in snapshot: any StoreSnapshot
  ) throws {
    let tag = keys.chartTag(patient)
    let places = relationshipKeys(account, patient)
    let place = record.map { $0.kind == .treating ? places[1] : places[0] }
    // One thing ties an account to a patient: what did before goes.
    for key in places
    where try key != place && snapshot.item(.relationship, key: key) != nil {
      passage.change(ItemChange(kind: .relationship, key: key, sealed: nil), &event)
    }
    if let record, let place {
      passage.change(try keeping(.relationship, place, record), &event)
    }
    let person = tag + account.bytes
    passage.change(
      ItemChange(
        kind: .chartPerson, key: person,
        sealed: try record.map { try sealedItem(.chartPerson, person, $0) }), &event)
    if let slot = try snapshot.chart(tag: tag)?.slot {
      passage.also { try $0.bumpConsentRevision(slot: slot) }
    }
  }
}
