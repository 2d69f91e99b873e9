import Audit
import Identity
import Primitives

extension Exchange {
  /// Seconds for which the code that was sent to an address is good.
  private static var addressCodeLife: Int64 { 3600 }

  /// Where the account's mail goes.
  public func mailSettings(of signedIn: SignedIn) async throws -> MailSettings {
    let mail = try await store.read { [self] snapshot in
      try account(signedIn.account, in: snapshot)?.mail
    }
    let now = clock.now().millisecondsSinceEpoch
    let waiting = mail?.unproven.flatMap { now < $0.expiresAt ? $0.address : nil }
    return MailSettings(
      address: mail?.address.map { Redacted($0) }, unproven: waiting.map { Redacted($0) },
      isWanted: mail?.isWanted ?? true)
  }

  /// Names an address for mail: a code goes there, and mail once the code has come back.
  ///
  /// - Throws: `invalid` for what is no address; `not-supported` on a node that sends no mail;
  ///   `step-up-required`; `too-many-requests`.
  public func nameMailAddress(
    _ text: String, _ signedIn: SignedIn, from origin: SignInOrigin
  ) async throws {
    guard sendsMail else {
      throw PeerChartError(.notSupported, "this node sends no mail")
    }
    guard let address = MailAddress(text) else {
      throw PeerChartError(.invalid, "this is no e-mail address", place: "email")
    }
    try await count([.mail(signedIn.account)])
    let code = AccountCode(random: random)
    try await changeMail(signedIn, origin, "mail-address-named") {
      [self] mail, account, passage, snapshot in
      mail.unproven = AccountMail.Unproven(
        address: "\(address)", code: code.digest,
        expiresAt: clock.now().adding(seconds: Self.addressCodeLife).millisecondsSinceEpoch)
      try self.mail(
        .addressCode, to: account, address: "\(address)", code: code.text.exposed, &passage,
        in: snapshot)
    }
  }

  /// Brings back the code that was sent to an address. The address of before is told.
  ///
  /// - Throws: `unauthenticated` for another code, or one that came too late.
  public func proveMailAddress(
    code text: String, _ signedIn: SignedIn, from origin: SignInOrigin
  ) async throws {
    try await count([.secondFactor(signedIn.account)])
    let code = AccountCode(text)
    try await changeMail(signedIn, origin, "mail-address-proven") {
      [self] mail, account, passage, snapshot in
      guard let code, let unproven = mail.unproven, unproven.code == code.digest,
        clock.now().millisecondsSinceEpoch < unproven.expiresAt
      else { throw PeerChartError(.unauthenticated, "the code is not right, or came too late") }
      if let before = mail.address, before != unproven.address {
        try self.mail(.addressChanged, to: account, address: before, &passage, in: snapshot)
      }
      mail.address = unproven.address
      mail.unproven = nil
      passage.also { [self] in try forgive([.secondFactor(signedIn.account)], $0) }
    }
  }

  /// Says whether mail is wanted. Warnings of somebody else in the account are sent all the same.
  public func wantMail(
    _ isWanted: Bool, _ signedIn: SignedIn, from origin: SignInOrigin
  ) async throws {
    try await changeMail(signedIn, origin, isWanted ? "mail-on" : "mail-off") { mail, _, _, _ in
      mail.isWanted = isWanted
    }
  }

  /// Takes the address away. It is told.
  public func removeMailAddress(_ signedIn: SignedIn, from origin: SignInOrigin) async throws {
    try await changeMail(signedIn, origin, "mail-address-removed") {
      [self] mail, account, passage, snapshot in
      if let before = mail.address {
        try self.mail(.addressChanged, to: account, address: before, &passage, in: snapshot)
      }
      mail.address = nil
      mail.unproven = nil
    }
  }

  private func changeMail(
    _ signedIn: SignedIn, _ origin: SignInOrigin, _ what: String,
    _ change:
      @escaping @Sendable (
        inout AccountMail, AccountRecord, inout Passage<Void>, any StoreSnapshot
      ) throws -> Void
  ) async throws {
    try await pass { [self] snapshot in
      guard
        let (record, known) = try session(
          Self.sessionKey(signedIn.token), signedIn.account, in: snapshot)
      else { throw Self.noSession }
      try requireFreshFactor(known, signedIn, at: clock.now())
      var account = known
      var mail = known.mail ?? AccountMail()
      var passage = Passage(outcome: .success(()))
      try change(&mail, known, &passage, snapshot)
      account.mail = mail
      var draft = EventDraft(kind: .accountChanged)
      draft.detail = ["account": account.id.description, "change": what]
      passage.change(try keeping(account, after: snapshot), &draft)
      passage.entries = [try entry(draft, person(account, record, origin), at: clock.now())]
      return passage
    }
  }
}
