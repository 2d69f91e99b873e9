import Audit
import Consent
import Foundation
public import Identity
public import Primitives
import Synchronization

extension Exchange {
  /// Exchanges a code, a refresh token or a client's own right for an access token.
  ///
  /// - Throws: `OAuthError`.
  public func token(
    _ request: TokenEndpointRequest, holder: TokenHolder, at server: ServerMetadata,
    networkAddress: String?, requestID: String
  ) async throws -> Redacted<[UInt8]> {
    let ring = try await signingKeys()
    // A proof without the nonce of now is sent again: nothing else of the request is used up by that.
    let proof = try proof(holder, accessToken: nil, nonces: DPoPNonces(ring), at: clock.now())
    let record = try await authenticate(
      request.client, certificate: holder.certificate, at: server)
    let client = record.client
    try await use(proof)
    let binding = try binding(client, proof, holder.certificate)
    let call = TokenCall(
      record: record, binding: binding, server: server, ring: ring,
      networkAddress: networkAddress, requestID: requestID)
    switch request.grant {
    case .authorizationCode(let code, let redirectURI, let verifier):
      try client.require(.authorizationCode)
      return try await redeem(code, redirectURI: redirectURI, verifier: verifier, call)
    case .refreshToken(let token, let scope):
      try client.require(.refreshToken)
      return try await refresh(token, scope: scope, call)
    case .clientCredentials(let scope):
      try client.require(.clientCredentials)
      return try await serve(scope, call)
    }
  }

  /// The client that authenticates itself at an endpoint.
  ///
  /// - Parameter certificate: what the client showed in the TLS handshake.
  /// - Throws: `invalid_client`.
  func authenticate(
    _ authentication: ClientAuthentication, certificate: [UInt8]?, at server: ServerMetadata
  ) async throws -> ClientRecord {
    let now = clock.now()
    let record = try await readOAuth { [self] in
      try registered(authentication.clientID, in: $0)
    }
    let client = record.client
    let assertion: ClientAssertion?
    if client.communityURI != nil {
      guard case .assertion(let text, _) = authentication else {
        throw OAuthError(.invalidClient, "a member of a community signs with its certificate")
      }
      assertion = try await ClientAssertion(
        verifying: text.exposed, client: client, anchors: anchors(.programs),
        audiences: server.assertionAudiences, at: now)
    } else if client.metadata.authentication.isMutualTLS {
      try await authentication.verify(
        client, certificate: certificate, anchors: anchors(.programs), at: now)
      assertion = nil
    } else {
      let keys: JWKSet? =
        if case .registered(let keys) = client.metadata.keys { keys } else { nil }
      assertion = try authentication.verify(
        client, keys: keys, audiences: server.assertionAudiences, at: now)
    }
    if let assertion {
      guard try await remember(assertion.id, until: assertion.rememberUntil) else {
        throw OAuthError(.invalidClient, "this assertion was used before")
      }
    }
    return record
  }

  /// What the tokens are bound to: the key of the proof, else the certificate if the client asks for that.
  private func binding(
    _ client: RegisteredClient, _ proof: DPoPProof?, _ certificate: [UInt8]?
  ) throws -> TokenBinding? {
    var binding = proof?.binding
    if binding == nil, client.metadata.isCertificateBound, let certificate {
      binding = .certificate(der: certificate)
    }
    try client.require(binding)
    return binding
  }

  private func redeem(
    _ code: OpaqueSecret, redirectURI: String, verifier: String, _ call: TokenCall
  ) async throws -> Redacted<[UInt8]> {
    let refusal = OAuthError(.invalidGrant, "the code is not good")
    let next = RefreshToken(random: random)
    return try await passOAuth(call) { [self] snapshot, passage, draft in
      let now = clock.now()
      guard let sealed = try snapshot.item(.authorizationCode, key: code.digest) else {
        throw refusal
      }
      let stored: AuthorizationCode = try decode(sealed, .authorizationCode, code.digest)
      guard let id = AppGrantID(stored.grant) else { throw refusal }
      draft.detail["grant"] = id.text
      let redemption = stored.redeem(
        clientID: call.client.id, redirectURI: redirectURI, verifier: verifier,
        binding: call.binding, at: now)
      let spent: AuthorizationCode
      var failure: OAuthError?
      switch redemption {
      case .granted(let code): spent = code
      case .refused(let code, let error): (spent, failure) = (code, error)
      case .replayed(let code): (spent, failure) = (code, refusal)
      }
      var change = ItemChange(
        kind: .authorizationCode, key: code.digest,
        sealed: try sealedItem(.authorizationCode, code.digest, spent))
      change.before = .exactly(sealed)
      let kept = change
      passage.also { try kept.apply($0) }
      guard failure == nil, var grant = try grant(id, in: snapshot) else {
        // Whoever shows a code for the second time is a thief, or was robbed.
        if case .replayed = redemption { try end(id, &passage, &draft, in: snapshot) }
        throw failure ?? refusal
      }
      var response = try response(
        stored.scope, id, stored.subject, grant, authentication: stored.authentication, call, now)
      let isLasting =
        stored.scope.contains(.offlineAccess) || stored.scope.contains(.onlineAccess)
      if isLasting, call.client.metadata.grants.contains(.refreshToken) {
        let family = RefreshFamily(
          first: next, clientID: call.client.id, grant: id.text, scope: stored.scope,
          binding: call.binding, at: now)
        passage.change(try keeping(.refreshFamily, next.familyKey, family), &draft)
        grant.family = Data(next.familyKey)
        passage.change(try keeping(.appGrant, id.key, grant, after: snapshot), &draft)
        response.refreshToken = next
      }
      if stored.scope.contains(.openid) {
        response.idToken = try IDTokenClaims(
          issuer: call.server.issuer, subject: stored.subject, clientID: call.client.id,
          nonce: stored.request.nonce, authentication: stored.authentication,
          fhirUser: stored.scope.contains(.fhirUser) ? stored.fhirUser : nil, at: now
        ).signed(
          by: call.ring.identityKey(for: call.client.metadata), accessToken: response.accessToken)
      }
      return response.body(at: now)
    }
  }

  private func refresh(
    _ token: RefreshToken, scope asked: SMARTScopes?, _ call: TokenCall
  ) async throws -> Redacted<[UInt8]> {
    let refusal = OAuthError(.invalidGrant, "the refresh token is not good")
    let next = token.next(random: random)
    return try await passOAuth(call) { [self] snapshot, passage, draft in
      let now = clock.now()
      let stored: RefreshFamily? = try item(.refreshFamily, token.familyKey, in: snapshot)
      guard let stored, let id = AppGrantID(stored.grant) else { throw refusal }
      draft.detail["grant"] = id.text
      let family: RefreshFamily
      switch stored.use(
        token, next: next, clientID: call.client.id, binding: call.binding, at: now)
      {
      case .rotated(let rotated): family = rotated
      case .reused(let ended):
        draft.reasons = ["refresh-token-reused"]
        passage.change(
          try keeping(.refreshFamily, token.familyKey, ended, after: snapshot), &draft)
        try end(id, &passage, &draft, in: snapshot)
        throw refusal
      case .unproved, .revoked, .expired: throw refusal
      }
      guard let grant = try grant(id, in: snapshot), let standing = grant.standing else {
        throw refusal
      }
      let scope = asked ?? stored.scope
      guard scope.isCovered(by: stored.scope) else {
        throw OAuthError(.invalidScope, "more is asked for than was granted")
      }
      passage.change(
        try keeping(.refreshFamily, token.familyKey, family, after: snapshot), &draft)
      var response = try response(
        scope, id, standing.account.description, grant,
        authentication: AuthenticationContext(standing.authentication), call, now)
      response.refreshToken = next
      return response.body(at: now)
    }
  }

  /// A service in its own right.
  private func serve(
    _ scope: SMARTScopes, _ call: TokenCall
  ) async throws -> Redacted<[UInt8]> {
    guard let approved = call.record.approved else {
      throw OAuthError(
        .unauthorizedClient, "an administrator of the node has not approved this client yet")
    }
    let granted = try call.client.allowed(scope).narrowed(to: approved)
    guard !granted.isEmpty else {
      throw OAuthError(.invalidScope, "nothing of what is asked for is approved")
    }
    let id = AppGrantID(of: AppGrantID.owner(ofClient: call.client.id), random: random)
    return try await passOAuth(call) { [self] snapshot, passage, draft in
      let now = clock.now()
      draft.detail["grant"] = id.text
      draft.detail["scope"] = granted.description
      let grant = AppGrantRecord(
        client: call.client.id, clientName: call.client.metadata.name ?? call.client.id,
        standing: nil, generation: 0, scope: granted, patient: nil,
        createdAt: now.millisecondsSinceEpoch,
        expiresAt: now.adding(seconds: TokenLifetime.access).millisecondsSinceEpoch)
      passage.change(try keeping(.appGrant, id.key, grant), &draft)
      return try response(
        granted, id, call.client.id, grant, authentication: nil, call, now
      ).body(at: now)
    }
  }

  private func response(
    _ scope: SMARTScopes, _ id: AppGrantID, _ subject: String, _ grant: AppGrantRecord,
    authentication: AuthenticationContext?, _ call: TokenCall, _ now: Instant
  ) throws -> TokenResponse {
    let claims = AccessTokenClaims(
      issuer: call.server.issuer, audience: call.server.fhirBase, subject: subject,
      clientID: call.client.id, id: newID(), scope: scope, grant: id.text, binding: call.binding,
      authentication: authentication, patient: grant.patient, at: now)
    var response = TokenResponse(
      claims: claims, accessToken: try claims.signed(by: call.ring.current))
    if grant.patient != nil { response.needsPatientBanner = true }
    return response
  }

  /// A passage of the token endpoint: what it changes stands also where it refuses, with an entry in the
  /// log either way.
  private func passOAuth(
    _ call: TokenCall,
    _ body:
      @escaping @Sendable (
        any StoreSnapshot, inout Passage<Redacted<[UInt8]>>, inout EventDraft
      ) throws -> Redacted<[UInt8]>
  ) async throws -> Redacted<[UInt8]> {
    let refused = Mutex<OAuthError?>(nil)
    do {
      return try await pass { [self] snapshot in
        refused.withLock { $0 = nil }
        var draft = EventDraft(kind: .tokenIssued)
        draft.detail["client"] = call.client.id
        var passage = Passage<Redacted<[UInt8]>>(outcome: .success(Redacted([])))
        do {
          passage.outcome = .success(try body(snapshot, &passage, &draft))
        } catch let error as OAuthError {
          refused.withLock { $0 = error }
          draft.kind = .tokenRefused
          passage.outcome = .failure(PeerChartError(.forbidden, "the token was refused"))
        }
        let caller = Caller(
          identity: .client(call.client.id), name: call.client.metadata.name ?? "",
          role: .system, scopes: nil, purpose: nil, networkAddress: call.networkAddress,
          requestID: call.requestID)
        passage.entries = [try entry(draft, caller, at: clock.now())]
        return passage
      }
    } catch {
      if let refusal = refused.withLock({ $0 }) { throw refusal }
      throw error
    }
  }
}

/// Who calls the token endpoint, and what the answer is made with.
private struct TokenCall: Sendable {
  let record: ClientRecord
  let binding: TokenBinding?
  let server: ServerMetadata
  let ring: SigningKeyRing
  let networkAddress: String?
  let requestID: String

  var client: RegisteredClient { record.client }
}
