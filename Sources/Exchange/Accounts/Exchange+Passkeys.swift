import Audit
import Consent
import Foundation
public import Identity
public import Primitives

/// What a page needs to ask the browser for a passkey: the options, and a ticket that comes back with the
/// answer.
public struct PasskeyPrompt: Sendable {
  /// `PublicKeyCredentialCreationOptionsJSON` or `PublicKeyCredentialRequestOptionsJSON`.
  public let options: [UInt8]
  public let ticket: Redacted<String>
}

extension Exchange {
  /// Asks for any passkey of this node: nobody need say first who they are.
  ///
  /// - Parameter account: the ticket of somebody whose password was right: one of their passkeys.
  public func promptForPasskey(
    at party: RelyingParty, of account: Redacted<String>? = nil
  ) async throws -> PasskeyPrompt {
    let challenge = PasskeyChallenge(random: random)
    let id = try account.flatMap { try open($0, .secondFactor).account }
    let passkeys = try await store.read { [self] snapshot in
      try id.flatMap { try self.account($0, in: snapshot)?.passkeys } ?? []
    }
    return PasskeyPrompt(
      options: try PasskeyRequest.optionsJSON(
        challenge: challenge, relyingParty: party, allowing: passkeys),
      ticket: try issue(
        .passkeyUse, seconds: sessions.secondFactor, account: id, content: challenge.bytes))
  }

  /// Signs in with a passkey: two factors in one.
  ///
  /// - Parameters:
  ///   - answer: what `navigator.credentials.get` gave, as JSON.
  ///   - session: the session of somebody who shows it again; nil for a new one.
  /// - Throws: `unauthenticated`; `too-many-requests`.
  public func signIn(
    passkey answer: [UInt8], ticket: Redacted<String>, at party: RelyingParty,
    again session: SessionToken? = nil, from origin: SignInOrigin
  ) async throws -> NewSession {
    let ticket = try open(ticket, .passkeyUse)
    let refusal = PeerChartError(.unauthenticated, "this passkey is not known here")
    let assertion = try PasskeyAssertion(parsing: answer)
    guard let challenge = ticket.content.flatMap({ PasskeyChallenge(bytes: Array($0)) }),
      let id = ticket.account ?? assertion.userHandle.flatMap({ AccountID(bytes: $0) }),
      session.map({ $0.account == id }) ?? true
    else { throw refusal }
    let tries = [Try.address(origin.networkAddress)]
    try await count(tries)
    do {
      return try await begin(
        id, [.passkey], forgiving: tries, replacing: session, origin
      ) { [self] account, passage, snapshot, _ in
        guard
          let index = account.passkeys.firstIndex(where: {
            $0.credentialID == assertion.credentialID
          })
        else { throw refusal }
        let use = try account.passkeys[index].verify(
          assertion: answer, challenge: challenge, relyingParty: party,
          userHandle: account.id.bytes)
        account.passkeys[index].record(use)
        try spend(ticket, &passage, in: snapshot)
      }
    } catch let error as PeerChartError where error.code == .unauthenticated {
      let account = try await store.read { [self] snapshot in try self.account(id, in: snapshot) }
      try await refuse(account, "passkey", origin)
      throw error
    }
  }

  /// Asks the browser to make a passkey for whoever is signed in.
  public func promptForNewPasskey(
    at party: RelyingParty, _ signedIn: SignedIn
  ) async throws -> PasskeyPrompt {
    let account = try await store.read { [self] snapshot in
      try self.account(signedIn.account, in: snapshot)
    }
    guard let account else { throw Self.noSession }
    let challenge = PasskeyChallenge(random: random)
    return PasskeyPrompt(
      options: try PasskeyCreation.optionsJSON(
        challenge: challenge, relyingParty: party,
        user: .init(handle: account.id.bytes, name: account.login, displayName: account.name),
        excluding: account.passkeys),
      ticket: try issue(
        .passkeyCreation, seconds: sessions.secondFactor, account: account.id,
        content: challenge.bytes))
  }

  /// Adds a passkey. Whoever had shown one factor only has shown two with it.
  ///
  /// - Throws: `unauthenticated`, `malformed`; `step-up-required` to somebody who has a second factor and
  ///   has not shown it lately.
  public func addPasskey(
    _ answer: [UInt8], name: String, ticket: Redacted<String>, at party: RelyingParty,
    _ signedIn: SignedIn, from origin: SignInOrigin
  ) async throws -> NewSession {
    let ticket = try open(ticket, .passkeyCreation)
    guard ticket.account == signedIn.account,
      let challenge = ticket.content.flatMap({ PasskeyChallenge(bytes: Array($0)) })
    else { throw Self.noSession }
    let label = String(name.prefix(64))
    return try await begin(
      signedIn.account, [.passkey], forgiving: [], replacing: signedIn.token, origin
    ) { [self] account, passage, snapshot, now in
      try requireFreshFactor(account, signedIn, at: now)
      guard account.passkeys.count < Self.passkeyLimit else {
        throw PeerChartError(
          .invalid, "an account has at most \(Self.passkeyLimit) passkeys; remove one first")
      }
      let passkey = try Passkey.register(
        response: answer, challenge: challenge, relyingParty: party, name: label, at: now)
      guard !account.passkeys.contains(where: { $0.credentialID == passkey.credentialID }) else {
        throw PeerChartError(.conflict, "this passkey is known already")
      }
      account.passkeys.append(passkey)
      try spend(ticket, &passage, in: snapshot)
    }
  }

  private static var passkeyLimit: Int { 16 }

  /// Removes a passkey, unless it is the last second factor.
  public func removePasskey(
    _ id: String, _ signedIn: SignedIn, from origin: SignInOrigin
  ) async throws {
    try await changeFactors(signedIn, origin, "passkey-removed") { account in
      let kept = account.passkeys.filter { Base64URL.encode($0.credentialID) != id }
      guard kept.count < account.passkeys.count else {
        throw PeerChartError(.notFound, "there is no such passkey")
      }
      let hasCard = account.certificates?.isEmpty == false
      guard !kept.isEmpty || hasCard || account.oneTimeCodes != nil && account.password != nil
      else {
        throw PeerChartError(.conflict, "this is the only way to sign in; add another first")
      }
      account.passkeys = kept
    }
  }

  /// Calls a passkey by another name.
  public func renamePasskey(
    _ id: String, to name: String, _ signedIn: SignedIn, from origin: SignInOrigin
  ) async throws {
    let label = String(name.prefix(64))
    guard !label.allSatisfy(\.isWhitespace) else {
      throw PeerChartError(.invalid, "a passkey has a name", place: "name")
    }
    try await changeFactors(signedIn, origin, "passkey-renamed") { account in
      guard
        let index = account.passkeys.firstIndex(where: {
          Base64URL.encode($0.credentialID) == id
        })
      else { throw PeerChartError(.notFound, "there is no such passkey") }
      account.passkeys[index].name = label
    }
  }
}
