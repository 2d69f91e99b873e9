import Audit
import Consent
import Foundation
import Identity
public import Primitives

/// An authenticator app about to be set up.
public struct OneTimeCodePrompt: Sendable {
  /// `otpauth://`, for a QR code.
  public let uri: Redacted<String>
  public let ticket: Redacted<String>
}

extension Exchange {
  /// Begins to set up an authenticator app: nothing is kept until a code of it was shown.
  public func promptForOneTimeCodes(_ signedIn: SignedIn) throws -> OneTimeCodePrompt {
    let secret = TOTPSecret(random: random)
    return OneTimeCodePrompt(
      uri: secret.keyURI(issuer: name.exposed, account: signedIn.login.exposed),
      ticket: try issue(
        .oneTimeCodes, seconds: sessions.secondFactor, account: signedIn.account,
        content: Array(try JSONEncoder().encode(secret))))
  }

  /// Sets an authenticator app up, in the place of one that was there.
  ///
  /// - Returns: the session that goes on, and ten recovery codes, shown this once.
  /// - Throws: `unauthenticated` for a wrong code; `step-up-required` to somebody who has a second factor
  ///   and has not shown it lately.
  public func setOneTimeCodes(
    ticket: Redacted<String>, code: Redacted<String>, _ signedIn: SignedIn,
    from origin: SignInOrigin
  ) async throws -> (session: NewSession, recoveryCodes: [Redacted<String>]) {
    let ticket = try open(ticket, .oneTimeCodes)
    guard ticket.account == signedIn.account, let content = ticket.content else {
      throw Self.noSession
    }
    let secret = try JSONDecoder().decode(TOTPSecret.self, from: content)
    try await count([.secondFactor(signedIn.account)])
    let (codes, shown) = try RecoveryCodes.make(random: random)
    let session = try await begin(
      signedIn.account, [.password, .oneTimeCode], forgiving: [.secondFactor(signedIn.account)],
      replacing: signedIn.token, origin
    ) { [self] account, passage, snapshot, now in
      try requireFreshFactor(account, signedIn, at: now)
      let digits = code.exposed.filter { !$0.isWhitespace }
      guard let step = secret.step(matching: digits, at: now, after: nil) else {
        throw Self.wrongCode
      }
      account.oneTimeCodes = secret
      account.lastStep = step
      account.recoveryCodes = codes
      try spend(ticket, &passage, in: snapshot)
    }
    return (session, shown)
  }

  /// Changes the password. All other sessions end.
  ///
  /// - Throws: `unauthenticated` for a wrong old one; `invalid` for a new one that is too easy to guess.
  public func changePassword(
    from old: Redacted<String>, to new: Redacted<String>, _ signedIn: SignedIn,
    from origin: SignInOrigin
  ) async throws -> NewSession {
    let known = try await store.read { [self] snapshot in
      try self.account(signedIn.account, in: snapshot)
    }
    guard let known else { throw Self.noSession }
    try PasswordPolicy.check(new, personal: [known.login, known.name])
    let tries = [Try.secondFactor(known.id)]
    try await count(tries)
    let random = random
    let hash = try await passwordWork.run {
      if let password = known.password, !password.matches(old) { throw Self.wrongPassword }
      return try PasswordHash.make(new, random: random)
    }
    let methods = signedIn.authentication.methods
    return try await begin(
      known.id, methods, forgiving: tries, replacing: signedIn.token, origin
    ) { [self] account, passage, snapshot, now in
      try requireFreshFactor(account, signedIn, at: now)
      guard account.password == known.password else { throw Self.wrongPassword }
      account.password = hash
      account.generation += 1
      try mail(.passwordChanged, to: account, &passage, in: snapshot)
    }
  }

  /// Makes ten new recovery codes; those of before are good no more.
  ///
  /// - Returns: the codes, shown this once.
  /// - Throws: `step-up-required`; `conflict` without an authenticator app, which they stand in for.
  public func renewRecoveryCodes(
    _ signedIn: SignedIn, from origin: SignInOrigin
  ) async throws -> [Redacted<String>] {
    let (codes, shown) = try RecoveryCodes.make(random: random)
    try await changeFactors(signedIn, origin, "recovery-codes-renewed") { account in
      guard account.oneTimeCodes != nil else {
        throw PeerChartError(.conflict, "recovery codes stand in for an authenticator app")
      }
      account.recoveryCodes = codes
    }
    return shown
  }

  /// Takes the authenticator app away, and with it its recovery codes, unless it is the last second factor.
  public func removeOneTimeCodes(_ signedIn: SignedIn, from origin: SignInOrigin) async throws {
    try await changeFactors(signedIn, origin, "one-time-codes-removed") { account in
      guard account.oneTimeCodes != nil else {
        throw PeerChartError(.notFound, "there is no authenticator app")
      }
      guard !account.passkeys.isEmpty else {
        throw PeerChartError(.conflict, "this is the only second factor; add another first")
      }
      account.oneTimeCodes = nil
      account.lastStep = nil
      account.recoveryCodes = nil
    }
  }

  /// Asks whether somebody has shown a factor lately, before they begin what needs it.
  ///
  /// - Throws: `step-up-required`.
  public func requireFreshFactor(_ signedIn: SignedIn) async throws {
    let account = try await store.read { [self] in try self.account(signedIn.account, in: $0) }
    guard let account else { throw Self.noSession }
    try requireFreshFactor(account, signedIn, at: clock.now())
  }

  /// Who has a second factor changes factors only having shown it lately.
  func requireFreshFactor(
    _ account: AccountRecord, _ signedIn: SignedIn, at time: Instant
  ) throws {
    guard account.hasSecondFactor else { return }
    let age = time.millisecondsSinceEpoch - signedIn.authentication.at
    guard signedIn.authentication.isMultiFactor, age < sessions.stepUp * 1000 else {
      throw PeerChartError(
        .stepUpRequired, "this asks for your passkey or a code once more; sign in again")
    }
  }

  func changeFactors(
    _ signedIn: SignedIn, _ origin: SignInOrigin, _ what: String,
    _ change: @escaping @Sendable (inout AccountRecord) throws -> Void
  ) async throws {
    try await pass { [self] snapshot in
      let now = clock.now()
      guard
        let (record, known) = try session(
          Self.sessionKey(signedIn.token), signedIn.account, in: snapshot)
      else { throw Self.noSession }
      try requireFreshFactor(known, signedIn, at: now)
      var account = known
      try change(&account)
      var draft = EventDraft(kind: .accountChanged)
      draft.detail = ["account": account.id.description, "change": what]
      var passage = Passage(outcome: .success(()))
      passage.change(try keeping(account, after: snapshot), &draft)
      passage.entries = [try entry(draft, person(account, record, origin), at: now)]
      return passage
    }
  }
}
