import Audit
import Consent
import Foundation
public import Identity
import Primitives

extension Exchange {
  /// The apps that whoever is signed in has let in.
  public func appGrants(of signedIn: SignedIn) async throws -> [AppGrantSummary] {
    try await store.read { [self] snapshot in
      try snapshot.items(
        .appGrant, prefix: signedIn.account.bytes, after: nil, limit: 256
      ).compactMap { key, _ in
        guard let id = AppGrantID(Hex.encode(key)), let grant = try grant(id, in: snapshot) else {
          return nil
        }
        return AppGrantSummary(
          id: id.text, client: grant.client, name: grant.clientName,
          scope: grant.scope.description, patient: grant.patient,
          since: Instant(millisecondsSinceEpoch: grant.createdAt).description,
          until: Instant(millisecondsSinceEpoch: grant.expiresAt).description,
          isOffline: grant.session == nil)
      }
    }
  }

  /// Takes away what an app was let do. Its next request is refused, on every instance.
  ///
  /// - Throws: `not-found` for a grant of somebody else, or none.
  public func endAppGrant(
    _ text: String, as signedIn: SignedIn, from origin: SignInOrigin
  ) async throws {
    try await pass { [self] snapshot in
      guard let id = AppGrantID(text), id.key.starts(with: signedIn.account.bytes),
        let grant: AppGrantRecord = try item(.appGrant, id.key, in: snapshot),
        let (record, account) = try session(
          Self.sessionKey(signedIn.token), signedIn.account, in: snapshot)
      else { throw PeerChartError(.notFound, "there is no such app") }
      var draft = EventDraft(kind: .tokenRevoked)
      draft.detail = ["client": grant.client, "grant": id.text]
      var passage = Passage(outcome: .success(()))
      try end(id, &passage, &draft, in: snapshot)
      passage.entries = [try entry(draft, person(account, record, origin), at: clock.now())]
      return passage
    }
  }

  /// Ends a grant and its refresh tokens.
  ///
  /// - Parameter keepingSession: whether a session behind it goes on.
  func end(
    _ id: AppGrantID, _ passage: inout Passage<some Sendable>, _ draft: inout EventDraft,
    in snapshot: any StoreSnapshot, keepingSession: Bool = false
  ) throws {
    guard let grant: AppGrantRecord = try item(.appGrant, id.key, in: snapshot) else { return }
    passage.change(ItemChange(kind: .appGrant, key: id.key, sealed: nil), &draft)
    // Of a program that signed a person in, the session would only bring another.
    if !keepingSession, grant.client == Self.ownProgram,
      let session = grant.session.map({ Array($0) }),
      try snapshot.item(.session, key: session) != nil
    {
      try end(session: session, &passage, &draft, in: snapshot)
    }
    if let family = grant.family, draft.reasons.isEmpty {
      passage.change(
        ItemChange(kind: .refreshFamily, key: Array(family), sealed: nil), &draft)
    }
  }

  /// Ends what a client brings (RFC 7009): the whole grant behind it. What is not the client's, or no token
  /// any more, is answered alike.
  ///
  /// - Throws: `invalid_client`.
  public func revoke(
    _ token: PresentedToken, of authentication: ClientAuthentication, certificate: [UInt8]? = nil,
    at server: ServerMetadata, networkAddress: String?, requestID: String
  ) async throws {
    let client = try await authenticate(
      authentication, certificate: certificate, at: server
    ).client
    let now = clock.now()
    try await pass { [self] snapshot in
      let nothing = Passage(outcome: .success(()))
      let id: AppGrantID?
      switch token {
      case .refresh(let token):
        let family: RefreshFamily? = try item(.refreshFamily, token.familyKey, in: snapshot)
        id = family.flatMap { $0.clientID == client.id ? AppGrantID($0.grant) : nil }
      case .access(let text):
        let claims = try claims(text, at: server, now, in: snapshot)
        id = claims.flatMap { $0.clientID == client.id ? AppGrantID($0.grant) : nil }
      case .bearer, .unknown: id = nil
      }
      guard let id else { return nothing }
      var passage = nothing
      var draft = EventDraft(kind: .tokenRevoked)
      draft.detail = ["client": client.id, "grant": id.text]
      try end(id, &passage, &draft, in: snapshot)
      let caller = Caller(
        identity: .client(client.id), name: client.metadata.name ?? "", role: .system,
        scopes: nil, purpose: nil, networkAddress: networkAddress, requestID: requestID)
      passage.entries = [try entry(draft, caller, at: now)]
      return passage
    }
  }

  /// What a token is good for (RFC 7662), told to the client that it was issued to.
  ///
  /// - Throws: `invalid_client`.
  public func introspect(
    _ token: PresentedToken, for authentication: ClientAuthentication,
    certificate: [UInt8]? = nil, at server: ServerMetadata
  ) async throws -> IntrospectionResponse {
    let client = try await authenticate(
      authentication, certificate: certificate, at: server
    ).client
    let now = clock.now()
    if case .refresh(let token) = token {
      return try await store.read { [self] snapshot in
        let family: RefreshFamily? = try item(.refreshFamily, token.familyKey, in: snapshot)
        guard let family, family.clientID == client.id, family.isGood(token, at: now),
          let id = AppGrantID(family.grant), try grant(id, in: snapshot) != nil
        else { return .inactive }
        return .refresh(family)
      }
    }
    guard case .access(let text) = token else { return .inactive }
    return try await store.read { [self] snapshot in
      guard let claims = try claims(text, at: server, now, in: snapshot),
        claims.clientID == client.id,
        try caller(
          of: claims, purpose: nil, networkAddress: nil, requestID: "", baseURL: nil,
          in: snapshot) != nil
      else { return .inactive }
      return .active(claims)
    }
  }

  private func claims(
    _ text: Redacted<String>, at server: ServerMetadata, _ now: Instant,
    in snapshot: any StoreSnapshot
  ) throws -> AccessTokenClaims? {
    guard let ring = try keyRing(in: snapshot) else { return nil }
    return try? AccessTokenClaims(
      verifying: text.exposed, keys: ring.published(at: now), issuer: server.issuer,
      audience: server.fhirBase, at: now)
  }
}
