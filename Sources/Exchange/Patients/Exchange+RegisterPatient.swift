import Audit
import Consent
import FHIR
import Identity
public import Primitives

/// What became of a registration.
public struct RegisteredPatient: Sendable {
  public let patient: String
  public let version: Int64
  /// With which the patient opens an account, or adds the chart to one; nil where whoever registered them
  /// acts for them.
  public let code: AccountCode?
  /// How the person who registered stands to the patient, in a household.
  public let relationship: RelationshipKind?
  /// How long the code is good, or the relationship lasts.
  public let until: Instant?
}

extension Exchange {
  /// For how many patients one member of a household acts: a family, not a register.
  private static var largestFamily: Int { 24 }
  /// How long somebody may take to open the account, in seconds.
  private static var invitationLifetime: Int64 { 7 * 86_400 }

  /// Registers a patient: a new chart with its first record. In an organization the desk does it and hands
  /// the patient a code; in a household a member of the family does, and acts for the new patient, until
  /// they come of age.
  ///
  /// - Throws: `forbidden` for everybody else; `invalid` for a day of birth that is to come.
  public func registerPatient(
    _ profile: PatientProfile, as caller: Caller
  ) async throws -> RegisteredPatient {
    let isFamily = kind == .household && (caller.role == .patient || caller.role == .proxy)
    try requireRole(isFamily ? .decideSharing : .invitePatients, caller)
    try checkBirth(profile)
    let id = newID()
    let resource = try Resource(parsing: profile.written(into: nil))
    try resource.checkStructure()
    // Nobody has rights to a chart that is not there: the family has those that it is about to get.
    let actor = isFamily ? caller.acting(for: id) : caller
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, actor)
      let writer = RecordWriter(reading)
      let stored: StoredResource
      do {
        stored = try writer.put(resource, id: id)
      } catch let refusal as WriteRefusal {
        return try self.refusal(reading, refusal.cause, action: .write)
      }
      let tie = isFamily ? try familyTie(id, profile, reading) : nil
      let code = isFamily ? nil : AccountCode(random: random)
      let codeEnds = reading.time.adding(seconds: Self.invitationLifetime)
      let until =
        tie.map { $0.record.until.map { Instant(millisecondsSinceEpoch: $0) } } ?? codeEnds
      var passage = try writer.passage(
        RegisteredPatient(
          patient: id, version: stored.resource.version, code: code,
          relationship: tie?.record.kind, until: until))
      var draft = EventDraft(kind: isFamily ? .relationshipChanged : .accountInvited)
      if let tie {
        draft.detail = [
          "account": tie.account.description, "relationship": tie.record.kind.rawValue,
        ]
        try relate(tie.account, to: id, tie.record, &passage, &draft, in: snapshot)
      } else if let code {
        let relation = RelationshipRecord(
          patient: id, kind: .selfOfPatient, from: reading.time.millisecondsSinceEpoch)
        var record = AccountInvitationRecord(
          id: newID(), expiresAt: codeEnds.millisecondsSinceEpoch)
        record.relation = relation
        draft.detail = ["invitation": record.id, "relationship": relation.kind.rawValue]
        passage.change(try keeping(.accountInvitation, code.digest, record), &draft)
      }
      passage.entries.append(try entry(draft, reading))
      return passage
    }
  }

  /// Of a minor a parent, of anybody else a caregiver.
  private func familyTie(
    _ patient: String, _ profile: PatientProfile, _ reading: Reading
  ) throws -> (account: AccountID, record: RelationshipRecord) {
    guard case .account(let account) = reading.caller.identity else {
      throw PeerChartError(.forbidden, "a family is registered by somebody with an account")
    }
    let now = reading.time
    let family = try personalRelationships(of: account, at: now, in: reading.snapshot)
    guard family.count < Self.largestFamily else {
      throw PeerChartError(
        .conflict, "one person acts for \(Self.largestFamily) patients at most here")
    }
    let majority = profile.birthDate.flatMap(Self.majority).flatMap { now < $0 ? $0 : nil }
    return (
      account,
      RelationshipRecord(
        patient: patient, kind: majority == nil ? .caregiver : .parent,
        from: now.millisecondsSinceEpoch, until: majority?.millisecondsSinceEpoch)
    )
  }
}

extension Caller {
  /// The same person, for another patient.
  fileprivate func acting(for patient: String) -> Caller {
    Caller(
      identity: identity, name: name.exposed, role: .proxy, scopes: scopes,
      purpose: Role.proxy.usualPurpose, patients: [patient], person: person,
      authentication: authentication, networkAddress: networkAddress, requestID: requestID,
      baseURL: baseURL)
  }
}
