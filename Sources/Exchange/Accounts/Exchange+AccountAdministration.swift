import Audit
public import Consent
public import Identity
import Primitives

/// An account as an administrator sees it.
public struct AccountSummary: Sendable, Encodable {
  public let id: String
  public let login: String
  public let name: String
  public let roles: [String]
  public let isDisabled: Bool
  /// When the person said that they have been trained; nil: not yet.
  public let trained: String?
  public let created: String
  /// `passkey`, `certificate`, `one-time-codes`, `password`.
  public let factors: [String]

  init(_ account: AccountRecord) {
    id = account.id.description
    login = account.login
    name = account.name
    roles = account.staffRoles
    isDisabled = account.isDisabled
    trained = account.trainedAt.map { Instant(millisecondsSinceEpoch: $0).description }
    created = Instant(millisecondsSinceEpoch: account.createdAt).description
    factors = [
      account.passkeys.isEmpty ? nil : "passkey",
      account.certificates?.isEmpty ?? true ? nil : "certificate",
      account.oneTimeCodes == nil ? nil : "one-time-codes",
      account.password == nil ? nil : "password",
    ].compactMap { $0 }
  }
}

extension Exchange {
  /// A page of accounts in the order of their ids.
  ///
  /// - Parameter after: the id that the page before ended with.
  public func accounts(
    after: AccountID? = nil, limit: Int = 200, as caller: Caller
  ) async throws -> [AccountSummary] {
    try require(.manageAccounts, caller)
    return try await store.read { [self] snapshot in
      try snapshot.items(.account, prefix: [], after: after?.bytes, limit: limit)
        .map { AccountSummary(try decode($0.sealed, .account, $0.key)) }
    }
  }

  /// Says which roles of the staff an account has. What it had is over at once, on every instance.
  ///
  /// - Throws: `forbidden`, `step-up-required`, `not-found`, `invalid`.
  public func setRoles(
    _ roles: Set<Role>, of id: AccountID, as caller: Caller
  ) async throws {
    guard roles.isDisjoint(with: [.patient, .proxy, .system]) else {
      throw PeerChartError(.invalid, "these are no roles of the staff")
    }
    try await changeAccount(id, kind: .roleChanged, caller) { account, detail in
      account.staffRoles = roles.map(\.rawValue).sorted()
      detail["roles"] = account.staffRoles.joined(separator: " ")
    }
  }

  /// Disables an account, with all its sessions and programs, or lets it in again.
  public func setDisabled(
    _ isDisabled: Bool, account id: AccountID, as caller: Caller
  ) async throws {
    try await changeAccount(id, kind: .accountChanged, caller) { account, detail in
      account.isDisabled = isDisabled
      account.generation += 1
      detail["change"] = isDisabled ? "disabled" : "enabled"
    }
  }

  /// Takes the second factors of somebody who has lost them. The password is left, and signing in with it
  /// leads to setting up a new one.
  public func resetFactors(of id: AccountID, as caller: Caller) async throws {
    try await changeAccount(id, kind: .accountChanged, caller) { account, detail in
      account.passkeys = []
      account.certificates = nil
      account.oneTimeCodes = nil
      account.recoveryCodes = nil
      account.generation += 1
      detail["change"] = "factors-reset"
    }
  }

  private func changeAccount(
    _ id: AccountID, kind: AuditEventKind, _ caller: Caller,
    _ change: @escaping @Sendable (inout AccountRecord, inout [String: String]) throws -> Void
  ) async throws {
    try await pass { [self] snapshot in
      try require(.manageAccounts, caller)
      guard var account = try account(id, in: snapshot) else {
        throw PeerChartError(.notFound, "there is no account of that id")
      }
      // Nobody is their own administrator.
      guard caller.identity != .account(id) else {
        throw PeerChartError(.forbidden, "another administrator does that to one's own account")
      }
      var draft = EventDraft(kind: kind)
      draft.detail = ["account": id.description]
      try change(&account, &draft.detail)
      var passage = Passage(outcome: .success(()))
      passage.change(try keeping(account, after: snapshot), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }
}
