import Audit
import Identity
import Primitives

/// What people change about their own accounts.
extension Exchange {
  /// Keeps the language of the pages with the account, for every browser.
  ///
  /// - Parameter language: BCP 47.
  public func setLanguage(
    _ language: String, _ signedIn: SignedIn, from origin: SignInOrigin
  ) async throws {
    guard signedIn.language != language else { return }
    guard (2...35).contains(language.utf8.count),
      language.utf8.allSatisfy({
        $0 < 0x80 && ($0 == 0x2D || Character(Unicode.Scalar($0)).isLetter)
      })
    else { throw PeerChartError(.invalid, "this is no language", place: "language") }
    try await pass { [self] snapshot in
      guard
        let (record, known) = try session(
          Self.sessionKey(signedIn.token), signedIn.account, in: snapshot)
      else { throw Self.noSession }
      var account = known
      account.language = language
      var draft = EventDraft(kind: .accountChanged)
      draft.detail = ["account": account.id.description, "change": "language"]
      var passage = Passage(outcome: .success(()))
      passage.change(try keeping(account, after: snapshot), &draft)
      passage.entries = [try entry(draft, person(account, record, origin), at: clock.now())]
      return passage
    }
  }

  /// Closes the account: its sessions and programs end, what tied it to charts is untied, and nothing that
  /// showed who it was is kept but the name that stands in the log. Charts stay: they are the patient's.
  ///
  /// - Throws: `step-up-required`.
  public func closeAccount(_ signedIn: SignedIn, from origin: SignInOrigin) async throws {
    try await pass { [self] snapshot in
      let now = clock.now()
      guard
        let (record, known) = try session(
          Self.sessionKey(signedIn.token), signedIn.account, in: snapshot)
      else { throw Self.noSession }
      try requireFreshFactor(known, signedIn, at: now)
      var account = known
      account.isDisabled = true
      account.isClosed = true
      account.generation += 1
      account.staffRoles = []
      account.password = nil
      account.oneTimeCodes = nil
      account.lastStep = nil
      account.recoveryCodes = nil
      account.passkeys = []
      account.email = nil
      account.mail = nil
      var draft = EventDraft(kind: .accountChanged)
      draft.detail = ["account": account.id.description, "change": "closed"]
      var passage = Passage(outcome: .success(()))
      for tie in try personalRelationships(of: account.id, at: now, in: snapshot) {
        try relate(account.id, to: tie.patient, nil, &passage, &draft, in: snapshot)
      }
      if let login = try? LoginName(account.login) {
        passage.change(
          ItemChange(kind: .loginName, key: loginKey(login), sealed: nil), &draft)
      }
      passage.change(try keeping(account, after: snapshot), &draft)
      passage.entries = [try entry(draft, person(account, record, origin), at: now)]
      return passage
    }
  }
}
