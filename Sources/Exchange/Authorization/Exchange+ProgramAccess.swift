import Audit
import Consent
import Foundation
public import Identity
public import Primitives

/// What a program gets with which a person signs in to the REST API: a token for minutes, and what renews
/// it.
public struct ProgramAccess: Sendable {
  /// A JWT (RFC 9068) for the API alone.
  public let token: Redacted<String>
  /// How long it is good, in seconds.
  public let seconds: Int64
  /// Renews it, once: each renewal gives another.
  public let renewal: Redacted<String>
  /// Shown with later attempts to sign in, so that strangers' attempts do not slow this program down.
  public let deviceTicket: Redacted<String>
  /// As whom the person acts.
  public let capacity: Capacity
  /// As whom they could.
  public let capacities: [Capacity]
}

/// Whoever a token of the REST API speaks for.
public struct ProgramVisitor: Sendable {
  public let caller: Caller
  let account: AccountID
  let grant: AppGrantID
  let session: [UInt8]
}

extension Exchange {
  /// The client of grants that are no app's: a person signed in through the node's own API.
  static var ownProgram: String { "urn:peerchart:api" }

  /// Gives a program access for the person whose session it has begun with both factors, or renews it. The
  /// session goes on under another token, and what was given before ends.
  ///
  /// The token is bound to a grant, and that to the session: whatever ends the session (the person, another
  /// device, another password, an administrator) ends the token with it.
  ///
  /// - Parameter wanted: as whom to act; nil for as before, else as oneself.
  /// - Throws: `unauthenticated` for a session that has ended; `forbidden` for one factor alone, and for a
  ///   capacity that the account does not have.
  public func access(
    with session: SessionToken, as wanted: Capacity?, at server: ServerMetadata,
    from origin: SignInOrigin
  ) async throws -> ProgramAccess {
    let ring = try await signingKeys()
    return try await pass { [self] snapshot in
      let now = clock.now()
      let old = Self.sessionKey(session)
      guard let (record, account) = try self.session(old, session.account, in: snapshot),
        try isAlive(session: old, of: account.id, in: snapshot)
      else { throw Self.noSession }
      guard record.authentication.isMultiFactor else {
        throw PeerChartError(.forbidden, "this asks for a second factor; set one up")
      }
      let capacities = try capacities(of: account, at: now, in: snapshot)
      let chosen = wanted ?? record.capacity.flatMap { Capacity($0) } ?? capacities.first
      guard let chosen, capacities.contains(chosen) else {
        throw PeerChartError(.forbidden, "this account cannot act in that capacity")
      }
      var changed = record
      changed.capacity = chosen.description
      var draft = EventDraft(kind: .tokenIssued)
      draft.detail = ["client": Self.ownProgram, "session": record.id]
      draft.patient = chosen.patient
      var access: ProgramAccess?
      let passage = try renew(
        changed, replacing: old, account, draft, origin, in: snapshot
      ) { passage, draft in
        try end(Self.programGrant(old), &passage, &draft, in: snapshot, keepingSession: true)
        let begun = try passage.outcome.get()
        let key = Self.sessionKey(begun.token)
        let id = Self.programGrant(key)
        let grant = AppGrantRecord(
          client: Self.ownProgram, clientName: "REST API",
          standing: AccountStanding(
            account: account.id, capacity: chosen, authentication: record.authentication),
          generation: account.generation, scope: try SMARTScopes(granted: "user/*.cruds"),
          patient: chosen.patient, createdAt: now.millisecondsSinceEpoch,
          expiresAt: Instant(millisecondsSinceEpoch: record.createdAt)
            .adding(seconds: sessions.absolute).millisecondsSinceEpoch,
          session: Data(key))
        passage.change(try keeping(.appGrant, id.key, grant), &draft)
        let claims = AccessTokenClaims(
          issuer: server.issuer, audience: server.apiBase, subject: account.id.description,
          clientID: Self.ownProgram, id: newID(), scope: grant.scope, grant: id.text, binding: nil,
          authentication: AuthenticationContext(record.authentication), patient: chosen.patient,
          at: now)
        access = ProgramAccess(
          token: try claims.signed(by: ring.current), seconds: TokenLifetime.access,
          renewal: begun.token.text, deviceTicket: begun.deviceTicket, capacity: chosen,
          capacities: capacities)
      }
      guard let access else { throw Self.noSession }
      return passage.giving(access)
    }
  }

  /// Recognises the holder of a token of the API, by the grant and the session behind it.
  ///
  /// - Throws: `unauthenticated`, all in the same words.
  public func authenticate(
    programToken text: String, at server: ServerMetadata, networkAddress: String?,
    requestID: String
  ) async throws -> ProgramVisitor {
    let refusal = PeerChartError(.unauthenticated, "this access token is not valid here")
    let now = clock.now()
    guard let ring = try await store.read({ [self] in try keyRing(in: $0) }) else { throw refusal }
    let claims: AccessTokenClaims
    do {
      claims = try checkedTokens.claims(text) {
        try AccessTokenClaims(
          verifying: text, keys: ring.published(at: now), issuer: server.issuer,
          audience: server.apiBase, at: now)
      }
    } catch { throw refusal }
    // One that was checked before may have run out since, or be shown at another address.
    guard now < claims.expires, claims.issuer == server.issuer, claims.audience == server.apiBase,
      claims.clientID == Self.ownProgram, claims.binding == nil, let id = AppGrantID(claims.grant)
    else { throw refusal }
    let visitor = try await store.read { [self] snapshot -> ProgramVisitor? in
      guard let grant = try grant(id, in: snapshot), grant.client == Self.ownProgram,
        let session = grant.session, let standing = grant.standing,
        let caller = try standing.caller(
          self, purpose: nil, networkAddress: networkAddress, requestID: requestID, in: snapshot)
      else { return nil }
      return ProgramVisitor(
        caller: caller, account: standing.account, grant: id, session: Array(session))
    }
    guard let visitor else { throw refusal }
    return visitor
  }

  /// Ends what a program was given, with its session.
  public func signOut(_ visitor: ProgramVisitor, from origin: SignInOrigin) async throws {
    try await pass { [self] snapshot in
      guard let (record, account) = try session(visitor.session, visitor.account, in: snapshot)
      else { return Passage(outcome: .success(())) }
      var draft = EventDraft(kind: .signOut)
      draft.detail = ["session": record.id]
      var passage = Passage(outcome: .success(()))
      try end(visitor.grant, &passage, &draft, in: snapshot)
      passage.entries = [try entry(draft, person(account, record, origin), at: clock.now())]
      return passage
    }
  }

  /// The grant of a session: one session, one grant, so that no list of them has to be gone through.
  private static func programGrant(_ session: [UInt8]) -> AppGrantID {
    AppGrantID(key: Array(session.prefix(2 * AppGrantID.owner)))
  }
}

extension ServerMetadata {
  /// The base address of the REST API, which is no app's: the audience of its tokens.
  public var apiBase: String { issuer + "/api" }
}

extension Passage {
  /// The same passage with another outcome.
  fileprivate func giving<Other: Sendable>(_ value: Other) -> Passage<Other> {
    var other = Passage<Other>(outcome: .success(value))
    other.entries = entries
    other.guards = guards
    other.uses = uses
    other.apply = apply
    return other
  }
}
