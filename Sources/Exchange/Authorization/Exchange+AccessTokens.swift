import Consent
import Crypto
import Foundation
public import Identity
import Primitives

/// What came with a request besides its access token.
public struct TokenHolder: Sendable {
  /// The value of `DPoP`.
  public var proof: String?
  /// The client's certificate of the connection, in DER.
  public var certificate: [UInt8]?
  public var method: String
  /// The address that the request was sent to, without its query.
  public var url: String
  /// Whether the token came in the scheme `DPoP`, not `Bearer`.
  public var isProofScheme: Bool

  public init(
    proof: String?, certificate: [UInt8]?, method: String, url: String, isProofScheme: Bool = false
  ) {
    self.proof = proof
    self.certificate = certificate
    self.method = method
    self.url = url
    self.isProofScheme = isProofScheme
  }
}

extension Exchange {
  /// Recognises the holder of an access token (RFC 9068): checked as a signed text, then against the
  /// grant it came from, so that it ends with the grant and not when it runs out.
  ///
  /// - Throws: `unauthenticated`, all in the same words; `OAuthError` for a proof that is no good.
  public func authenticate(
    accessToken text: String, holder: TokenHolder, at server: ServerMetadata, purpose: String?,
    networkAddress: String?, requestID: String
  ) async throws -> Caller {
    let purpose = try Self.purpose(purpose)
    let caller = try await recognize(text, holder: holder, at: server) {
      [self] claims, snapshot -> Caller? in
      try self.caller(
        of: claims, purpose: purpose, networkAddress: networkAddress, requestID: requestID,
        baseURL: server.fhirBase, in: snapshot)
    }
    return try await admitted(caller)
  }

  /// Checks an access token with its holder, and looks up what stands behind it.
  ///
  /// - Parameter find: nil for a grant that has ended.
  func recognize<Found: Sendable>(
    _ text: String, holder: TokenHolder, at server: ServerMetadata,
    _ find: @escaping @Sendable (AccessTokenClaims, any StoreSnapshot) throws -> Found?
  ) async throws -> Found {
    let refusal = PeerChartError(.unauthenticated, "this access token is not valid here")
    let now = clock.now()
    guard let ring = try await store.read({ [self] in try keyRing(in: $0) }) else { throw refusal }
    let claims: AccessTokenClaims
    do {
      claims = try checkedTokens.claims(text) {
        try AccessTokenClaims(
          verifying: text, keys: ring.published(at: now), issuer: server.issuer,
          audience: server.fhirBase, at: now)
      }
    } catch { throw refusal }
    // One that was checked before may have run out since, or be shown at another address.
    guard now < claims.expires, claims.issuer == server.issuer, claims.audience == server.fhirBase
    else { throw refusal }
    if case .key = claims.binding, !holder.isProofScheme {
      // RFC 9449 section 7.2: a token that is bound to a key is none for whoever merely bears it.
      throw OAuthError(.invalidToken, "this token is sent in the scheme DPoP, with a proof")
    }
    let proof = try proof(holder, accessToken: text, nonces: DPoPNonces(ring), at: now)
    do {
      try claims.requireHolder(proof: proof, certificate: holder.certificate)
    } catch let error as OAuthError { throw error } catch {
      guard case .key = claims.binding else { throw refusal }
      throw OAuthError(.invalidToken, "this token is of another key")
    }
    try await use(proof)
    guard let found = try await store.read({ try find(claims, $0) }) else { throw refusal }
    return found
  }

  /// Notes that something which may be used once was used.
  ///
  /// - Returns: whether it was the first time, on any instance.
  func remember(_ id: [UInt8], until: Instant) async throws -> Bool {
    let key = Array(SHA256.hash(data: id))
    let sealed = try sealedItem(
      .ticket, key, SpentTicket(expiresAt: until.millisecondsSinceEpoch))
    return try await store.write { transaction in
      guard try transaction.item(.ticket, key: key) == nil else { return false }
      try transaction.putItem(.ticket, key: key, sealed: sealed)
      return true
    }
  }

  /// Whoever a grant speaks for, with the rights of now.
  func caller(
    of claims: AccessTokenClaims, purpose: PurposeOfUse?, networkAddress: String?,
    requestID: String, baseURL: String?, in snapshot: any StoreSnapshot
  ) throws -> Caller? {
    guard let id = AppGrantID(claims.grant), let grant = try grant(id, in: snapshot),
      grant.client == claims.clientID, claims.scope.isCovered(by: grant.scope)
    else { return nil }
    return try caller(
      of: grant, id, scope: claims.scope, purpose: purpose, networkAddress: networkAddress,
      requestID: requestID, baseURL: baseURL, in: snapshot)
  }

  func caller(
    of grant: AppGrantRecord, _ id: AppGrantID, scope: SMARTScopes, purpose: PurposeOfUse?,
    networkAddress: String?, requestID: String, baseURL: String?,
    in snapshot: any StoreSnapshot
  ) throws -> Caller? {
    if let standing = grant.standing {
      let caller = try standing.caller(
        self, purpose: purpose, scopes: scope.resources, networkAddress: networkAddress,
        requestID: requestID, baseURL: baseURL, in: snapshot)
      let isStaff = Capacity(standing.capacity)?.patient == nil
      return caller?.through(
        client: grant.client, grant: id.text, chart: isStaff ? grant.patient : nil)
    }
    return try service(
      grant.client, scope: scope.description, purpose: purpose, networkAddress: networkAddress,
      requestID: requestID, baseURL: baseURL, in: snapshot
    )?.through(client: grant.client, grant: id.text)
  }

  /// A service in its own right; nil as soon as it is removed, or not approved for that much any more.
  func service(
    _ client: String, scope: String, purpose: PurposeOfUse?, networkAddress: String?,
    requestID: String, baseURL: String? = nil, in snapshot: any StoreSnapshot
  ) throws -> Caller? {
    let scope = try SMARTScopes(granted: scope)
    guard
      let record: ClientRecord = try item(.appClient, ClientRecord.key(client), in: snapshot),
      let approved = record.approved, scope.isCovered(by: approved)
    else { return nil }
    return Caller(
      identity: .client(client), name: record.client.metadata.name ?? client, role: .system,
      scopes: scope.resources, purpose: purpose ?? Role.system.usualPurpose,
      networkAddress: networkAddress, requestID: requestID, baseURL: baseURL)
  }

  /// A grant that stands: neither revoked nor run out, of an account and a client that are there, and, if
  /// it ends with a session, of one that has not ended.
  func grant(_ id: AppGrantID, in snapshot: any StoreSnapshot) throws -> AppGrantRecord? {
    guard let grant: AppGrantRecord = try item(.appGrant, id.key, in: snapshot),
      clock.now().millisecondsSinceEpoch < grant.expiresAt,
      try grant.client == Self.ownProgram
        || snapshot.item(.appClient, key: ClientRecord.key(grant.client)) != nil
    else { return nil }
    guard let standing = grant.standing else { return grant }
    guard let account = try account(standing.account, in: snapshot), !account.isDisabled,
      account.generation == grant.generation
    else { return nil }
    if let session = grant.session {
      guard try isAlive(session: Array(session), of: standing.account, in: snapshot) else {
        return nil
      }
    }
    return grant
  }
}
