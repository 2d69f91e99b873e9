import Audit
import Consent
public import Identity
import Primitives

extension Exchange {
  /// Recognises a session: the first step of every request from a page.
  ///
  /// - Throws: `unauthenticated` for a session that has ended, was ended, or never was, in the same words.
  public func authenticate(
    session token: SessionToken, purpose: String?, networkAddress: String?, requestID: String
  ) async throws -> SignedIn {
    let now = clock.now()
    let purpose = try Self.purpose(purpose)
    let restrictions = try await currentRestrictions()
    let (known, isToBeNoted) = try await store.read { [self] snapshot in
      let key = Self.sessionKey(token)
      guard let (record, account) = try session(key, token.account, in: snapshot),
        let last = try lastUse(key, record, in: snapshot),
        isAlive(record, lastUsed: last, at: now)
      else { throw Self.noSession }
      let signedIn = try signedIn(
        token, record, account, purpose: purpose, networkAddress: networkAddress,
        requestID: requestID, under: restrictions, at: now, in: snapshot)
      let passed = now.millisecondsSinceEpoch - last
      return (signedIn, passed >= sessions.noteInterval * 1000)
    }
    try count(.account(known.signedIn.account))
    if isToBeNoted { try await noteUse(of: Self.sessionKey(token), at: now) }
    if let (breach, caller) = known.barred { try await logBreach(breach, caller) }
    return known.signedIn
  }

  /// Ends the session.
  public func signOut(_ token: SessionToken, from origin: SignInOrigin) async throws {
    try await pass { [self] snapshot in
      let key = Self.sessionKey(token)
      guard let (record, account) = try session(key, token.account, in: snapshot) else {
        return Passage(outcome: .success(()))
      }
      var draft = EventDraft(kind: .signOut)
      draft.detail = ["session": record.id]
      var passage = Passage(outcome: .success(()))
      try end(session: key, &passage, &draft, in: snapshot)
      passage.entries = [
        try entry(draft, person(account, record, origin), at: clock.now())
      ]
      return passage
    }
  }

  /// The sessions of the account that is signed in, the newest first.
  public func sessions(of signedIn: SignedIn) async throws -> [SessionSummary] {
    let now = clock.now()
    return try await store.read { [self] snapshot in
      try allSessions(of: signedIn.account, in: snapshot)
        .sorted { $0.record.createdAt > $1.record.createdAt }
        .compactMap { key, record in
          guard let last = try lastUse(key, record, in: snapshot),
            isAlive(record, lastUsed: last, at: now)
          else { return nil }
          return SessionSummary(
            id: record.id, device: record.device, address: record.address,
            began: Instant(millisecondsSinceEpoch: record.createdAt).description,
            lastUsed: Instant(millisecondsSinceEpoch: last).description,
            isThisOne: record.id == signedIn.session)
        }
    }
  }

  /// Ends one of the account's own sessions, or with nil all but the one that asks.
  public func endSession(_ id: String?, as signedIn: SignedIn, from origin: SignInOrigin)
    async throws
  {
    try await pass { [self] snapshot in
      guard let account = try account(signedIn.account, in: snapshot) else { throw Self.noSession }
      let ended = try allSessions(of: signedIn.account, in: snapshot).filter { _, record in
        id.map { $0 == record.id } ?? (record.id != signedIn.session)
      }
      guard id == nil || !ended.isEmpty else {
        throw PeerChartError(.notFound, "there is no session of that id")
      }
      var draft = EventDraft(kind: .signOut)
      var passage = Passage(outcome: .success(()))
      for (key, _) in ended.prefix(64) {
        try end(session: key, &passage, &draft, in: snapshot)
      }
      let record = SessionRecord(
        id: signedIn.session, generation: account.generation,
        authentication: signedIn.authentication, createdAt: 0)
      passage.entries = [try entry(draft, person(account, record, origin), at: clock.now())]
      return passage
    }
  }

  /// Goes on in another capacity: a member of the staff who looks at the own chart, a parent at a child's.
  /// The session gets another token (ASVS 7.2.4), so that one learned before is of no use.
  ///
  /// - Throws: `forbidden` for a capacity that the account does not have.
  public func act(
    as capacity: Capacity, _ signedIn: SignedIn, from origin: SignInOrigin
  ) async throws -> NewSession {
    try await pass { [self] snapshot in
      let now = clock.now()
      guard
        let (record, account) = try session(
          Self.sessionKey(signedIn.token), signedIn.account, in: snapshot)
      else { throw Self.noSession }
      guard try capacities(of: account, at: now, in: snapshot).contains(capacity) else {
        throw PeerChartError(.forbidden, "this account cannot act in that capacity")
      }
      var changed = record
      changed.capacity = capacity.description
      var draft = EventDraft(kind: .signIn)
      draft.detail = ["session": record.id, "capacity": capacity.role.rawValue]
      draft.patient = capacity.patient
      return try renew(
        changed, replacing: Self.sessionKey(signedIn.token), account, draft, origin, in: snapshot)
    }
  }

  // MARK: What the use cases share

  /// Where a session lies.
  static func sessionKey(_ token: SessionToken) -> [UInt8] { token.account.bytes + token.digest }

  static var noSession: PeerChartError {
    PeerChartError(.unauthenticated, "you are not signed in, or not any more")
  }

  func session(
    _ key: [UInt8], _ id: AccountID, in snapshot: any StoreSnapshot
  ) throws -> (SessionRecord, AccountRecord)? {
    guard let record: SessionRecord = try item(.session, key, in: snapshot),
      let account = try account(id, in: snapshot), !account.isDisabled,
      record.generation == account.generation
    else { return nil }
    return (record, account)
  }

  /// A session that is begun in the place of another, or of none.
  func renew(
    _ record: SessionRecord, replacing old: [UInt8]?, _ account: AccountRecord,
    _ event: EventDraft, _ origin: SignInOrigin, in snapshot: any StoreSnapshot,
    adding more: (inout Passage<NewSession>, inout EventDraft) throws -> Void = { _, _ in }
  ) throws -> Passage<NewSession> {
    let token = SessionToken(account: account.id, random: random)
    let key = Self.sessionKey(token)
    let known = origin.deviceTicket.flatMap { try? open($0, .device) }
    let accounts = [account.id] + (known?.accounts ?? []).filter { $0 != account.id }.prefix(7)
    let device = try issue(
      .device, seconds: 365 * 86_400, accounts: accounts, id: known?.id)
    var passage = Passage(
      outcome: .success(
        NewSession(
          token: token, deviceTicket: device, isMultiFactor: record.authentication.isMultiFactor)))
    var draft = event
    if let old { try end(session: old, &passage, &draft, in: snapshot) }
    passage.change(try keeping(.session, key, record), &draft)
    // It is used by beginning: one that goes on under another token has not been idle meanwhile.
    let activity = try sealedItem(
      .sessionActivity, key, SessionActivity(at: clock.now().millisecondsSinceEpoch))
    passage.also { try $0.putItem(.sessionActivity, key: key, sealed: activity) }
    try more(&passage, &draft)
    let slot = try draft.patient.flatMap { try snapshot.chart(tag: keys.chartTag($0))?.slot }
    passage.entries = [
      try entry(draft, person(account, record, origin), at: clock.now(), slot: slot)
    ]
    return passage
  }

  /// The person behind a session, for the log.
  func person(
    _ account: AccountRecord, _ record: SessionRecord, _ origin: SignInOrigin
  ) -> Caller {
    let capacity = record.capacity.flatMap { Capacity($0) }
    return Caller(
      identity: .account(account.id), name: account.name, role: capacity?.role ?? .patient,
      scopes: nil, purpose: nil, networkAddress: origin.networkAddress,
      requestID: origin.requestID)
  }

  private func signedIn(
    _ token: SessionToken, _ record: SessionRecord, _ account: AccountRecord,
    purpose: PurposeOfUse?, networkAddress: String?, requestID: String,
    under restrictions: RestrictionPolicy, at now: Instant, in snapshot: any StoreSnapshot
  ) throws -> (signedIn: SignedIn, barred: (AccessRestriction.Breach, Caller)?) {
    let all = try capacities(of: account, at: now, in: snapshot)
    func breach(_ capacity: Capacity) -> AccessRestriction.Breach? {
      restrictions.breach([.role(capacity.role)], from: networkAddress, at: now)
    }
    // In a role that may not be used from here or now nobody acts; a nurse at home is still a patient.
    let capacities = restrictions.isEmpty ? all : all.filter { breach($0) == nil }
    let chosen = record.capacity.flatMap { Capacity($0) }
    // One that was taken away is not acted in any more; nor is another put in its place unasked.
    let capacity = chosen.map { capacities.contains($0) ? $0 : nil } ?? capacities.first
    let caller = try capacity.flatMap { capacity in
      try AccountStanding(
        account: account.id, capacity: capacity, authentication: record.authentication
      ).caller(
        self, purpose: purpose, networkAddress: networkAddress, requestID: requestID,
        in: snapshot)
    }
    let wanted = chosen ?? all.first
    let barred = wanted.flatMap { wanted in
      all.contains(wanted) ? breach(wanted).map { ($0, wanted) } : nil
    }.map { breach, wanted in
      (
        breach,
        Caller(
          identity: .account(account.id), name: account.name, role: wanted.role, scopes: nil,
          purpose: purpose, networkAddress: networkAddress, requestID: requestID)
      )
    }
    let signedIn = SignedIn(
      account: account.id, name: Redacted(account.name), login: Redacted(account.login),
      language: account.language, token: token, session: record.id,
      authentication: record.authentication, capacities: capacities, capacity: capacity,
      caller: caller, hasOneTimeCodes: account.oneTimeCodes != nil,
      passkeys: account.passkeys.map(PasskeySummary.init),
      certificates: (account.certificates ?? []).map(CertificateSummary.init),
      isTrained: account.trainedAt != nil,
      endsAt: Instant(millisecondsSinceEpoch: record.createdAt).adding(seconds: sessions.absolute),
      proxies: try personalRelationships(of: account.id, at: now, in: snapshot)
        .filter { $0.kind.role == .proxy }.map { proxy in
          ProxySummary(
            patient: proxy.patient, relationship: proxy.kind,
            until: proxy.until.map { Instant(millisecondsSinceEpoch: $0) },
            recordTypes: proxy.types, namedBy: proxy.namedBy.map { Redacted($0) },
            isActive: capacities.contains(Capacity(role: .proxy, patient: proxy.patient)))
        })
    return (signedIn, barred)
  }

  /// The person in another of their capacities, for one question.
  ///
  /// - Throws: `forbidden` for a capacity that the account does not have.
  public func caller(
    _ signedIn: SignedIn, as capacity: Capacity, from origin: SignInOrigin
  ) async throws -> Caller {
    let standing = AccountStanding(
      account: signedIn.account, capacity: capacity, authentication: signedIn.authentication)
    let caller = try await store.read { [self] snapshot in
      try standing.caller(
        self, purpose: nil, networkAddress: origin.networkAddress, requestID: origin.requestID,
        in: snapshot)
    }
    guard let caller else {
      throw PeerChartError(.forbidden, "this account cannot act in that capacity")
    }
    try await requirePlaceAndTime(caller)
    return caller
  }

  private func allSessions(
    of account: AccountID, in snapshot: any StoreSnapshot
  ) throws -> [(key: [UInt8], record: SessionRecord)] {
    try snapshot.items(.session, prefix: account.bytes, after: nil, limit: 256)
      .map { ($0.key, try decode($0.sealed, .session, $0.key)) }
  }

  /// Ends a session, once: of two who end it to go on under another token, one comes through.
  func end(
    session key: [UInt8], _ passage: inout Passage<some Sendable>, _ event: inout EventDraft,
    in snapshot: any StoreSnapshot
  ) throws {
    var change = ItemChange(kind: .session, key: key, sealed: nil)
    change.before = .exactly(try snapshot.item(.session, key: key))
    passage.change(change, &event)
    passage.also { try $0.deleteItem(.sessionActivity, key: key) }
  }

  // MARK: Automatic logoff

  /// Whether a session goes on, for what ends with it.
  func isAlive(
    session key: [UInt8], of account: AccountID, in snapshot: any StoreSnapshot
  ) throws -> Bool {
    guard let (record, _) = try session(key, account, in: snapshot),
      let last = try lastUse(key, record, in: snapshot)
    else { return false }
    return isAlive(record, lastUsed: last, at: clock.now())
  }

  private func isAlive(_ record: SessionRecord, lastUsed: Int64, at time: Instant) -> Bool {
    let now = time.millisecondsSinceEpoch
    return now - lastUsed < sessions.idle * 1000
      && now - record.createdAt < sessions.absolute * 1000
  }

  private func lastUse(
    _ key: [UInt8], _ record: SessionRecord, in snapshot: any StoreSnapshot
  ) throws -> Int64? {
    try item(.sessionActivity, key, as: SessionActivity.self, in: snapshot)?.at ?? record.createdAt
  }

  private func noteUse(of key: [UInt8], at time: Instant) async throws {
    let activity = SessionActivity(at: time.millisecondsSinceEpoch)
    let sealed = try sealedItem(.sessionActivity, key, activity)
    try await store.write { transaction in
      guard try transaction.item(.session, key: key) != nil else { return }
      try transaction.putItem(.sessionActivity, key: key, sealed: sealed)
    }
  }
}

extension AccountRecord {
  /// The person as grants name people.
  var party: PartyIdentifier {
    PartyIdentifier(system: "urn:peerchart:account", value: id.description)
  }
}

extension PasskeySummary {
  init(_ passkey: Passkey) {
    id = Base64URL.encode(passkey.credentialID)
    name = passkey.name
    created = passkey.createdAt.description
    isBackedUp = passkey.isBackedUp
  }
}
