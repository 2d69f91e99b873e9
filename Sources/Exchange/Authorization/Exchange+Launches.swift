import Consent
import Crypto
import Foundation
public import Identity
import Primitives

/// That somebody opened an app out of a session (SMART App Launch 2.2, EHR launch): kept under the digest
/// of the secret that the app brings back, until it does.
struct LaunchRecord: Codable, Sendable {
  var client: String
  var account: AccountID
  /// The session that it was opened in.
  var session: String
  /// As whom the person goes on, as `Capacity` writes it.
  var capacity: String
  /// Whose chart was open.
  var patient: String?
  /// Milliseconds since 1970.
  var expiresAt: Int64
}

/// An app that can be opened out of a session.
public struct LaunchableApp: Sendable, Encodable {
  public let id: String
  public let name: String
  /// The page that is opened, and its host.
  public let address: String
  public let host: String

  public init(id: String, name: String, address: String, host: String) {
    self.id = id
    self.name = name
    self.address = address
    self.host = host
  }
}

extension Exchange {
  /// How long an opened app has to ask, in seconds.
  private static var launchSeconds: Int64 { 300 }

  /// The apps that an administrator offers for opening.
  public func launchableApps(for signedIn: SignedIn) async throws -> [LaunchableApp] {
    guard signedIn.caller != nil else { return [] }
    return try await store.read { [self] snapshot in
      // Whoever likes registers; those that are offered are few.
      try items(.offeredApp, as: String.self, in: snapshot).compactMap { key, _ in
        guard let record: ClientRecord = try item(.appClient, key, in: snapshot),
          record.isOffered == true, let address = record.client.metadata.launchAddress,
          let host = URL(string: address)?.host
        else { return nil }
        return LaunchableApp(
          id: record.client.id, name: record.client.metadata.name ?? record.client.id,
          address: address, host: host)
      }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }
  }

  /// Opens an app out of a session, for the chart that is shown.
  ///
  /// - Parameter patient: whose chart one of the staff has open; a patient or proxy has their own.
  /// - Returns: where to send the browser.
  /// - Throws: `not-found` for an app that is not offered; `invalid` for somebody else's chart.
  public func launch(
    _ client: String, patient: String?, as signedIn: SignedIn, at server: ServerMetadata
  ) async throws -> String {
    guard let capacity = signedIn.capacity, signedIn.caller != nil else { throw Self.noSession }
    guard capacity.patient == nil || patient == nil || patient == capacity.patient else {
      throw PeerChartError(.invalid, "this is about another patient than you speak for")
    }
    guard capacity.patient != nil || patient != nil else {
      throw PeerChartError(.invalid, "one of the staff opens an app for a chart")
    }
    let secret = OpaqueSecret(.launch, random: random)
    let record = LaunchRecord(
      client: client, account: signedIn.account, session: signedIn.session,
      capacity: capacity.description, patient: capacity.patient ?? patient,
      expiresAt: clock.now().adding(seconds: Self.launchSeconds).millisecondsSinceEpoch)
    let app = try await store.read { [self] in try self.client(client, in: $0) }
    guard app.isOffered == true, let address = app.client.metadata.launchAddress else {
      throw PeerChartError(.notFound, "no app of that id is offered here")
    }
    let sealed = try sealedItem(.launch, secret.digest, record)
    try await store.write { try $0.putItem(.launch, key: secret.digest, sealed: sealed) }
    return server.launchLocation(address, secret: secret)
  }

  /// What a request says that it comes of; nil for one that begins by itself.
  ///
  /// - Throws: `invalid_request`, sent to the app, for a launch of another app, person or session, or one
  ///   that was used or took too long.
  func launch(
    of request: AuthorizationRequest, _ visitor: SignedIn
  ) async throws -> (capacity: Capacity, patient: String?)? {
    guard let digest = request.launch else { return nil }
    let now = clock.now().millisecondsSinceEpoch
    let record: LaunchRecord? = try await store.read { [self] in try item(.launch, digest, in: $0) }
    guard let record, now < record.expiresAt, record.client == request.clientID,
      record.account == visitor.account, record.session == visitor.session,
      let capacity = Capacity(record.capacity)
    else {
      throw OAuthError(
        .invalidRequest, "launch is not good, or not any more: open the app again",
        target: request.target)
    }
    return (capacity, record.patient)
  }

  /// Uses a launch up, in the transaction of the decision that rests on it.
  func spend(
    launch digest: [UInt8], _ passage: inout Passage<some Sendable>, in snapshot: any StoreSnapshot
  ) throws {
    guard let sealed = try snapshot.item(.launch, key: digest) else {
      throw PeerChartError(.unauthenticated, "this was used before; begin again")
    }
    var change = ItemChange(kind: .launch, key: digest, sealed: nil)
    change.before = .exactly(sealed)
    let spent = change
    passage.also { try spent.apply($0) }
  }
}
