import Audit
import Consent
import Foundation
public import Identity
public import Primitives

extension Exchange {
  /// Registers an app (RFC 7591). Registering gives nothing but a name: what an app may do a person says,
  /// and what a service may do by itself an administrator.
  ///
  /// - Returns: the body of the answer.
  /// - Throws: `OAuthError`; `too-many-requests`.
  public func registerClient(
    _ body: [UInt8], networkAddress: String?, requestID: String
  ) async throws -> Redacted<[UInt8]> {
    let metadata = try ClientMetadata(parsing: body)
    if case .address = metadata.keys {
      throw OAuthError(
        .invalidClientMetadata, "register the keys themselves as jwks: this node fetches none")
    }
    try await count([.registration(networkAddress)])
    let now = clock.now()
    let client = RegisteredClient(
      id: newID(), metadata: metadata, communityURI: nil, registered: now)
    let record = ClientRecord(client: client, approved: nil)
    try await keep(record, "registered", networkAddress, requestID)
    return client.response(management: nil)
  }

  private func keep(
    _ record: ClientRecord, _ change: String, _ networkAddress: String?, _ requestID: String
  ) async throws {
    let caller = Caller(
      identity: .client(record.client.id), name: record.client.metadata.name ?? "",
      role: .system, scopes: nil, purpose: nil, networkAddress: networkAddress,
      requestID: requestID)
    try await pass { [self] snapshot in
      var draft = EventDraft(kind: .clientChanged)
      draft.detail = ["client": record.client.id, "change": change]
      var passage = Passage(outcome: .success(()))
      passage.change(
        try keeping(.appClient, ClientRecord.key(record.client.id), record, after: snapshot),
        &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

  /// The apps that are registered here.
  public func clients(as caller: Caller) async throws -> [ClientSummary] {
    try require(.manageClients, caller)
    return try await store.read { [self] snapshot in
      try items(.appClient, as: ClientRecord.self, in: snapshot).map(\.value)
        .sorted { $0.client.registered > $1.client.registered }.map(ClientSummary.init)
    }
  }

  /// Says what a service may do by itself; nil for nothing any more.
  ///
  /// - Throws: `not-found`; `invalid` for other scopes than `system/` ones.
  public func approveClient(
    _ id: String, scope: SMARTScopes?, as caller: Caller
  ) async throws {
    if let scope, scope.resources.scopes.contains(where: { $0.context != .system }) {
      throw PeerChartError(.invalid, "a service by itself has system/ scopes")
    }
    try await pass { [self] snapshot in
      try require(.manageClients, caller)
      var record = try client(id, in: snapshot)
      record.approved = scope
      var draft = EventDraft(kind: .clientChanged)
      draft.detail = ["client": id, "change": "approved", "scope": scope?.description ?? ""]
      var passage = Passage(outcome: .success(()))
      passage.change(
        try keeping(.appClient, ClientRecord.key(id), record, after: snapshot), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

  /// Removes an app. Whatever it was given is of no use from then on.
  public func removeClient(_ id: String, as caller: Caller) async throws {
    try await pass { [self] snapshot in
      try require(.manageClients, caller)
      _ = try client(id, in: snapshot)
      var draft = EventDraft(kind: .clientChanged)
      draft.detail = ["client": id, "change": "removed"]
      var passage = Passage(outcome: .success(()))
      passage.change(
        ItemChange(kind: .appClient, key: ClientRecord.key(id), sealed: nil), &draft)
      passage.entries = [try entry(draft, caller, at: clock.now())]
      return passage
    }
  }

  func client(_ id: String, in snapshot: any StoreSnapshot) throws -> ClientRecord {
    let record: ClientRecord? = try item(.appClient, ClientRecord.key(id), in: snapshot)
    guard let record else {
      throw PeerChartError(.notFound, "no app of that id is registered here")
    }
    return record
  }

  /// Reads, and lets OAuth's errors through, which a store would take for its own.
  func readOAuth<Value: Sendable>(
    _ body: @escaping @Sendable (any StoreSnapshot) throws -> Value
  ) async throws -> Value {
    try await store.read { snapshot -> Result<Value, OAuthError> in
      do { return .success(try body(snapshot)) } catch let error as OAuthError {
        return .failure(error)
      }
    }.get()
  }

  /// The client that a request names.
  ///
  /// - Throws: `invalid_client`.
  func registered(_ id: String, in snapshot: any StoreSnapshot) throws -> ClientRecord {
    let record: ClientRecord? = try item(.appClient, ClientRecord.key(id), in: snapshot)
    guard let record else { throw OAuthError(.invalidClient, "this client is not registered here") }
    return record
  }
}

extension Try {
  /// Registering an app, from one network address.
  static func registration(_ address: String?) -> Try {
    Try(
      name: "registration/\(address ?? "-")", size: .init(capacity: 20, everySeconds: 180))
  }
}
