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
    let key = account.bytes + keys.chartTag(patient)
    let record: RelationshipRecord? = try item(.relationship, key, in: snapshot)
    return record.flatMap { $0.holds(at: time) ? $0 : nil }
  }

  /// Everybody whom an account is or acts for. Whom the staff treat is looked up one by one instead: they
  /// are many.
  func personalRelationships(
    of account: AccountID, at time: Instant, in snapshot: any StoreSnapshot
  ) throws -> [RelationshipRecord] {
    let limit = 64
    return try snapshot.items(.relationship, prefix: account.bytes, after: nil, limit: limit)
      .map { try decode($0.sealed, .relationship, $0.key) as RelationshipRecord }
      .filter { $0.kind.role != nil && $0.holds(at: time) }
  }

  /// The capacities of an account: oneself first, then those one acts for, then the roles of the staff.
  func capacities(
    of account: AccountRecord, at time: Instant, in snapshot: any StoreSnapshot
  ) throws -> [Capacity] {
    let personal = try personalRelationships(of: account.id, at: time, in: snapshot)
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
    for (kind, key) in [
      (ItemKind.relationship, account.bytes + tag), (.chartPerson, tag + account.bytes),
    ] {
      passage.change(
        ItemChange(
          kind: kind, key: key, sealed: try record.map { try sealedItem(kind, key, $0) }), &event)
    }
    if let slot = try snapshot.chart(tag: tag)?.slot {
      passage.also { try $0.bumpConsentRevision(slot: slot) }
    }
  }
}
