import Audit
import Consent
import Identity
public import Primitives

/// What somebody says of themselves who opens an account.
public struct AccountRegistration: Sendable {
  public var code: String
  public var login: String
  public var name: String
  /// Nil for somebody who will use a passkey alone.
  public var password: Redacted<String>
  public var language: String?
  public var email: String?

  public init(
    code: String, login: String, name: String, password: Redacted<String>,
    language: String? = nil, email: String? = nil
  ) {
    self.code = code
    self.login = login
    self.name = name
    self.password = password
    self.language = language
    self.email = email
  }
}

extension Exchange {
  /// Opens an account for somebody who was invited. The session that begins can do one thing: set up the
  /// second factor.
  ///
  /// - Throws: `forbidden` for a code that is not good; `invalid` for a name or password that will not do;
  ///   `conflict` for a login name that is taken.
  public func register(
    _ registration: AccountRegistration, from origin: SignInOrigin
  ) async throws -> NewSession {
    let login = try LoginName(registration.login)
    guard (1...AuditLimits.name).contains(registration.name.utf8.count) else {
      throw PeerChartError(.invalid, "a name is not empty and not endless", place: "name")
    }
    let code = AccountCode(registration.code)
    let tries = [Try.address(origin.networkAddress)]
    try await count(tries)
    let now = clock.now()
    guard let code else {
      throw PeerChartError(.forbidden, "this code is not good, or not any more")
    }
    _ = try await store.read { [self] in try invitation(code, at: now, in: $0) }
    try PasswordPolicy.check(
      registration.password, personal: [login.text, registration.name])
    let random = random
    let password = try await passwordWork.run {
      try PasswordHash.make(registration.password, random: random)
    }
    let id = AccountID(random: random)
    return try await pass { [self] snapshot in
      let now = clock.now()
      let invitation = try invitation(code, at: now, in: snapshot)
      guard try snapshot.item(.loginName, key: loginKey(login)) == nil else {
        throw PeerChartError(
          .conflict, "this name to sign in with is taken; sign in, or choose another",
          place: "login")
      }
      var account = AccountRecord(
        id: id, login: login.text, name: registration.name, language: registration.language,
        email: registration.email, createdAt: now.millisecondsSinceEpoch)
      account.password = password
      let record = SessionRecord(
        id: newID(), generation: account.generation,
        authentication: Authentication(methods: [.password], at: now.millisecondsSinceEpoch),
        createdAt: now.millisecondsSinceEpoch, device: origin.device,
        address: origin.networkAddress)
      var draft = EventDraft(kind: .accountCreated)
      draft.detail = ["account": id.description, "session": record.id]
      return try renew(
        record, replacing: nil, account, draft, origin, in: snapshot
      ) { passage, draft in
        try accept(invitation, code, &account, &passage, &draft, in: snapshot)
        passage.change(try keeping(account, after: snapshot), &draft)
        passage.change(try keeping(.loginName, loginKey(login), id, after: snapshot), &draft)
        passage.also { [self] in try forgive(tries, $0) }
      }
    }
  }

  /// Takes an invitation with an account that is there: the second child of a parent, a nurse who is a
  /// patient as well.
  public func take(
    code text: String, _ signedIn: SignedIn, from origin: SignInOrigin
  ) async throws {
    try await count([.address(origin.networkAddress)])
    guard let code = AccountCode(text) else {
      throw PeerChartError(.forbidden, "this code is not good, or not any more")
    }
    try await pass { [self] snapshot in
      let now = clock.now()
      guard
        let (record, known) = try session(
          Self.sessionKey(signedIn.token), signedIn.account, in: snapshot)
      else { throw Self.noSession }
      var account = known
      let invitation = try invitation(code, at: now, in: snapshot)
      var draft = EventDraft(kind: .relationshipChanged)
      draft.detail = ["account": account.id.description]
      var passage = Passage(outcome: .success(()))
      try accept(invitation, code, &account, &passage, &draft, in: snapshot)
      if account.staffRoles != known.staffRoles {
        passage.change(try keeping(account, after: snapshot), &draft)
      }
      passage.entries = [
        try entry(
          draft, person(account, record, origin), at: now,
          slot: draft.patient.flatMap { try snapshot.chart(tag: keys.chartTag($0))?.slot })
      ]
      return passage
    }
  }
}
