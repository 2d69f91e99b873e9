import Audit
import Consent
import Foundation
import Identity
public import Primitives

extension Exchange {
  /// Signs in with a password, the first of two factors where there are two.
  ///
  /// An account that is not there takes as long and is answered as one whose password was wrong.
  ///
  /// - Throws: `unauthenticated`; `too-many-requests`.
  public func signIn(
    login text: String, password: Redacted<String>, from origin: SignInOrigin
  ) async throws -> SignInStep {
    guard let login = try? LoginName(text) else {
      try await count([.address(origin.networkAddress)])
      _ = try await passwordWork.run { PasswordHash.spend(password) }
      throw Self.wrongPassword
    }
    let account = try await store.read { [self] snapshot in
      try self.account(named: login, in: snapshot)
    }
    let tries = tries(login, account?.id, origin)
    try await count(tries)
    let isRight = try await passwordWork.run {
      guard let hash = account?.password else {
        PasswordHash.spend(password)
        return false
      }
      return hash.matches(password)
    }
    guard let account, isRight, !account.isDisabled else {
      try await refuse(account, "password", origin)
      throw Self.wrongPassword
    }
    try await renewHash(of: account, password)
    if account.hasSecondFactor {
      try await store.write { [self] in try forgive(tries, $0) }
      return .secondFactor(
        ticket: try issue(
          .secondFactor, seconds: sessions.secondFactor, account: account.id),
        hasPasskey: !account.passkeys.isEmpty, hasOneTimeCodes: account.oneTimeCodes != nil)
    }
    let session = try await begin(account.id, [.password], forgiving: tries, origin)
    return .complete(session)
  }

  /// Hashes a password anew that was hashed at a lower cost than is usual now; its owner has just shown it.
  private func renewHash(of account: AccountRecord, _ password: Redacted<String>) async throws {
    guard let old = account.password, old.isOutdated else { return }
    let hash = try await passwordWork.run { [random] in
      try PasswordHash.make(password, random: random)
    }
    try await pass { [self] snapshot in
      // Whoever changed it meanwhile has hashed it.
      guard var known = try self.account(account.id, in: snapshot), known.password == old else {
        return Passage(outcome: .success(()))
      }
      known.password = hash
      var draft = EventDraft(kind: .accountChanged)
      draft.detail = ["account": account.id.description, "change": "password-hash"]
      var passage = Passage(outcome: .success(()))
      passage.change(try keeping(known, after: snapshot), &draft)
      passage.entries = [try entry(draft, nodeOperator(), at: clock.now())]
      return passage
    }
  }

  /// The second factor: a code of the authenticator app, or one of the recovery codes.
  ///
  /// - Throws: `unauthenticated`; `too-many-requests`.
  public func signIn(
    ticket: Redacted<String>, code: Redacted<String>, from origin: SignInOrigin
  ) async throws -> NewSession {
    let ticket = try open(ticket, .secondFactor)
    guard let id = ticket.account else { throw Self.wrongCode }
    try await count([.secondFactor(id)])
    do {
      return try await begin(
        id, [.password, .oneTimeCode], forgiving: [.secondFactor(id)], origin
      ) { account, passage, snapshot, now in
        try Self.use(code, &account, at: now)
        try self.spend(ticket, &passage, in: snapshot)
      }
    } catch let error as PeerChartError where error == Self.wrongCode {
      let account = try await store.read { [self] snapshot in try self.account(id, in: snapshot) }
      try await refuse(account, "code", origin)
      throw error
    }
  }

  /// Begins a session for somebody who has shown who they are, in one transaction with what that used up.
  func begin(
    _ id: AccountID, _ methods: Set<AuthenticationMethod>, forgiving tries: [Try],
    replacing old: SessionToken? = nil, _ origin: SignInOrigin,
    proving proof:
      @escaping @Sendable (
        inout AccountRecord, inout Passage<NewSession>, any StoreSnapshot, Instant
      ) throws -> Void = { _, _, _, _ in }
  ) async throws -> NewSession {
    try await pass { [self] snapshot in
      let now = clock.now()
      guard var account = try account(id, in: snapshot), !account.isDisabled else {
        throw Self.wrongPassword
      }
      let before = account
      var proven = Passage<NewSession>(outcome: .failure(Self.wrongPassword))
      try proof(&account, &proven, snapshot, now)
      var record = SessionRecord(
        id: newID(), generation: account.generation,
        authentication: Authentication(methods: methods, at: now.millisecondsSinceEpoch),
        createdAt: now.millisecondsSinceEpoch, device: origin.device,
        address: origin.networkAddress)
      var oldKey: [UInt8]?
      if let old, let (known, _) = try session(Self.sessionKey(old), id, in: snapshot) {
        // Somebody shows a factor again: the session goes on, no longer than it would have.
        oldKey = Self.sessionKey(old)
        record.id = known.id
        record.createdAt = known.createdAt
        record.capacity = known.capacity
        record.authentication.methods.formUnion(known.authentication.methods)
      }
      var draft = EventDraft(kind: .signIn)
      draft.detail = [
        "session": record.id,
        "factors": record.authentication.references.joined(separator: " "),
      ]
      let changed = account
      let isChanged = try Self.encoded(changed) != Self.encoded(before)
      return try renew(
        record, replacing: oldKey, account, draft, origin, in: snapshot
      ) { passage, draft in
        if isChanged { passage.change(try keeping(changed, after: snapshot), &draft) }
        if let apply = proven.apply { passage.also(apply) }
        if old == nil, !isKnown(origin, to: account.id) {
          try mail(.newDevice, to: changed, &passage, in: snapshot)
        }
        passage.also { [self] in try forgive(tries, $0) }
      }
    }
  }

  /// Takes a code of the authenticator app or a recovery code, each once.
  static func use(
    _ code: Redacted<String>, _ account: inout AccountRecord, at time: Instant
  ) throws {
    let digits = code.exposed.filter { !$0.isWhitespace }
    if let secret = account.oneTimeCodes,
      let step = secret.step(matching: digits, at: time, after: account.lastStep)
    {
      account.lastStep = step
      return
    }
    guard var codes = account.recoveryCodes else {
      // As long as with an account that has some.
      RecoveryCodes.spend(code.exposed)
      throw wrongCode
    }
    guard codes.use(code.exposed) else { throw wrongCode }
    account.recoveryCodes = codes
  }

  /// What an attempt counts against: a browser that has signed in before against itself, any other against
  /// its address and the account.
  func tries(_ login: LoginName, _ account: AccountID?, _ origin: SignInOrigin) -> [Try] {
    if let account, let device = origin.deviceTicket.flatMap({ try? open($0, .device) }),
      device.accounts?.contains(account) == true
    {
      return [.device(Base64URL.encode(device.id))]
    }
    return [.address(origin.networkAddress), .stranger(login)]
  }

  /// Whether the browser has signed in to the account before.
  private func isKnown(_ origin: SignInOrigin, to account: AccountID) -> Bool {
    let device = origin.deviceTicket.flatMap { try? open($0, .device) }
    return device?.accounts?.contains(account) == true
  }

  /// Says in the log that somebody failed to sign in.
  func refuse(_ account: AccountRecord?, _ factor: String, _ origin: SignInOrigin) async throws {
    let caller = Caller(
      identity: account.map { .account($0.id) } ?? .nobody, name: account?.name ?? "",
      role: .patient, scopes: nil, purpose: nil, networkAddress: origin.networkAddress,
      requestID: origin.requestID)
    var draft = EventDraft(kind: .signInRefused)
    draft.detail = ["factor": factor]
    let entry = try entry(draft, caller, at: clock.now())
    try await pass { _ in
      var passage = Passage(outcome: .success(()))
      passage.entries = [entry]
      return passage
    }
  }

  private static func encoded(_ account: AccountRecord) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try encoder.encode(account)
  }

  static var wrongPassword: PeerChartError {
    PeerChartError(.unauthenticated, "the name or the password is not right")
  }

  static var wrongCode: PeerChartError {
    PeerChartError(.unauthenticated, "the code is not right, or was used before")
  }
}
