import Audit
import Consent
import Crypto
import Foundation
public import Identity
public import Primitives

/// What came of a registration.
public struct RegistrationAnswer: Sendable {
  /// The body of the answer.
  public let body: Redacted<[UInt8]>
  /// Whether there is a client now that was not there before.
  public let isNew: Bool
}

extension Exchange {
  /// Registers an app, by itself (RFC 7591) or as a member of a trust community (UDAP): then the body carries
  /// a statement that the member signed, and what it says takes the place of what was registered for the
  /// member before. A statement without flows ends the registration.
  ///
  /// Registering gives nothing but a name: what an app may do a person says, and what a service may do by
  /// itself an administrator.
  ///
  /// - Throws: `OAuthError`; `too-many-requests`.
  public func registerClient(
    _ body: [UInt8], at server: ServerMetadata, networkAddress: String?, requestID: String
  ) async throws -> RegistrationAnswer {
    try await count([.registration(networkAddress)])
    let statement = try await SoftwareStatement(
      registration: body, endpoint: server.address(.register), anchors: anchors(.programs),
      at: clock.now())
    if let statement {
      guard try await remember(statement.id, until: statement.rememberUntil) else {
        throw OAuthError(.invalidSoftwareStatement, "this statement was used before")
      }
      return try await take(statement, networkAddress, requestID)
    }
    let metadata = try ClientMetadata(parsing: body)
    if case .address = metadata.keys {
      throw OAuthError(
        .invalidClientMetadata, "register the keys themselves as jwks: this node fetches none")
    }
    let client = RegisteredClient(
      id: newID(), metadata: metadata, communityURI: nil, registered: clock.now())
    let token = OpaqueSecret(.registration, random: random)
    let record = ClientRecord(client: client, management: Data(token.digest))
    try await note(client, "registered", networkAddress, requestID) { [self] snapshot in
      try keeping(.appClient, ClientRecord.key(client.id), record, after: snapshot)
    }
    return RegistrationAnswer(
      body: client.response(management: (token, Self.registrationAddress(client, server))),
      isNew: true)
  }

  private static func registrationAddress(
    _ client: RegisteredClient, _ server: ServerMetadata
  ) -> String { "\(server.address(.register))/\(client.id)" }

  private func take(
    _ statement: SoftwareStatement, _ networkAddress: String?, _ requestID: String
  ) async throws -> RegistrationAnswer {
    let id = Self.clientID(ofMember: statement.issuer)
    let key = ClientRecord.key(id)
    let old: ClientRecord? = try await store.read { [self] in try item(.appClient, key, in: $0) }
    guard let metadata = statement.metadata else {
      guard let old else {
        throw OAuthError(.invalidClientMetadata, "there is no registration to end")
      }
      try await note(old.client, "removed", networkAddress, requestID) { _ in
        ItemChange(kind: .appClient, key: key, sealed: nil)
      }
      return RegistrationAnswer(body: old.client.endedResponse, isNew: false)
    }
    let client = RegisteredClient(
      id: id, metadata: metadata, communityURI: statement.issuer, registered: clock.now())
    try await note(client, "registered", networkAddress, requestID) { [self] snapshot in
      let known: ClientRecord? = try item(.appClient, key, in: snapshot)
      // What an administrator approved stays for what the member still asks for.
      var record = known ?? ClientRecord(client: client)
      record.client = client
      return try keeping(.appClient, key, record, after: snapshot)
    }
    return RegistrationAnswer(body: client.response(management: nil), isNew: old == nil)
  }

  /// A member of a community has one registration here, under one name.
  private static func clientID(ofMember uri: String) -> String {
    Hex.encode(
      Array(SHA256.hash(data: Array("peerchart-community-client-v1\n\(uri)".utf8)).prefix(16)))
  }

  /// What is registered, for the client itself (RFC 7592 section 2.1).
  ///
  /// - Parameter token: the registration access token.
  /// - Throws: `invalid_token`, also for a client that is not there.
  public func registration(
    _ id: String, token: String?, at server: ServerMetadata
  ) async throws -> Redacted<[UInt8]> {
    let (record, token) = try await readOAuth { [self] in try managed(id, token, in: $0) }
    return record.client.response(
      management: (token, Self.registrationAddress(record.client, server)))
  }

  /// Ends the client's registration, by the client itself (RFC 7592 section 2.3).
  ///
  /// - Throws: as above.
  public func endRegistration(
    _ id: String, token: String?, networkAddress: String?, requestID: String
  ) async throws {
    let (record, _) = try await readOAuth { [self] in try managed(id, token, in: $0) }
    try await note(record.client, "removed", networkAddress, requestID) { _ in
      ItemChange(kind: .appClient, key: ClientRecord.key(id), sealed: nil)
    }
  }

  private func managed(
    _ id: String, _ text: String?, in snapshot: any StoreSnapshot
  ) throws -> (ClientRecord, OpaqueSecret) {
    let record: ClientRecord? = try item(.appClient, ClientRecord.key(id), in: snapshot)
    guard let token = text.flatMap({ OpaqueSecret(.registration, parsing: $0) }), let record,
      let digest = record.management, token.matches(digest: Array(digest))
    else { throw OAuthError(.invalidToken, "this registration access token is not good here") }
    return (record, token)
  }

  /// A change of a client, with its entry in the log.
  private func note(
    _ client: RegisteredClient, _ change: String, _ networkAddress: String?, _ requestID: String,
    _ make: @escaping @Sendable (any StoreSnapshot) throws -> ItemChange
  ) async throws {
    let caller = Caller(
      identity: .client(client.id), name: client.metadata.name ?? "", role: .system, scopes: nil,
      purpose: nil, networkAddress: networkAddress, requestID: requestID)
    try await pass { [self] snapshot in
      var draft = EventDraft(kind: .clientChanged)
      draft.detail = ["client": client.id, "change": change]
      var passage = Passage(outcome: .success(()))
      passage.change(try make(snapshot), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

  /// What members of trust communities read of this node (UDAP), signed.
  public func communityMetadata(at server: ServerMetadata) async throws -> [UInt8] {
    let statement = try ServerStatement.sign(
      server, ring: try await signingKeys(), keys: identity, authority: statement.authority,
      at: clock.now(), random: random)
    return server.communityMetadata(signed: statement)
  }
}

extension Try {
  /// Registering an app, from one network address.
  static func registration(_ address: String?) -> Try {
    Try(
      name: "registration/\(address ?? "-")", size: .init(capacity: 20, everySeconds: 180))
  }
}
