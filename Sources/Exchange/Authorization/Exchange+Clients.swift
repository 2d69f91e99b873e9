import Audit
import Consent
import Foundation
public import Identity
import Primitives

extension Exchange {
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
    if let scope, try scope.offered(to: nil) != scope {
      throw PeerChartError(
        .invalid,
        "a scope with a query is for reading and searching (rs), by search parameters of its type")
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

  /// Says whether people find an app among those that they may open out of their session (SMART EHR launch).
  ///
  /// - Throws: `not-found`; `invalid` for one that registered no address for that.
  public func offerClient(_ id: String, _ isOffered: Bool, as caller: Caller) async throws {
    try await pass { [self] snapshot in
      try require(.manageClients, caller)
      var record = try client(id, in: snapshot)
      guard record.client.metadata.launchAddress != nil || !isOffered else {
        throw PeerChartError(.invalid, "this app did not register where it is opened")
      }
      record.isOffered = isOffered
      var draft = EventDraft(kind: .clientChanged)
      draft.detail = ["client": id, "change": isOffered ? "offered" : "withdrawn"]
      var passage = Passage(outcome: .success(()))
      let sealed = isOffered ? try sealedItem(.offeredApp, ClientRecord.key(id), id) : nil
      passage.also {
        if let sealed {
          try $0.putItem(.offeredApp, key: ClientRecord.key(id), sealed: sealed)
        } else {
          try $0.deleteItem(.offeredApp, key: ClientRecord.key(id))
        }
      }
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
