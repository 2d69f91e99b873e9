import Consent
import Crypto
import Foundation
import Identity
import Primitives

/// An app or service as kept: what it registered, and what an administrator allows it by itself.
struct ClientRecord: Codable, Sendable {
  var client: RegisteredClient
  /// The `system/` scopes that it may use without a person (SMART backend services). None until an
  /// administrator says so: whoever registers is nobody yet.
  var approved: SMARTScopes?
  /// Whether people find it among the apps to open. Nobody who registers gets there by that alone.
  var isOffered: Bool?
  /// SHA-256 over the token with which the client reads and ends its registration (RFC 7592).
  var management: Data?

  static func key(_ id: String) -> [UInt8] {
    Array(SHA256.hash(data: Array("client\n\(id)".utf8)))
  }
}

/// An app as people and programs see it.
public struct ClientSummary: Sendable, Encodable {
  public let id: String
  public let name: String
  public let registered: String
  /// `public` or `private_key_jwt`.
  public let authentication: String
  public let redirectURIs: [String]
  public let scope: String?
  /// What it may do without a person.
  public let approved: String?
  /// The URI by which its trust community knows it (UDAP).
  public let community: String?
  /// Where it is opened out of a session.
  public let launchAddress: String?
  /// Whether people find it among the apps to open.
  public let isOffered: Bool

  init(_ record: ClientRecord) {
    let metadata = record.client.metadata
    id = record.client.id
    name = metadata.name ?? record.client.id
    registered = record.client.registered.description
    authentication = metadata.authentication.rawValue
    redirectURIs = metadata.redirectURIs.map(\.text)
    scope = metadata.scope?.description
    approved = record.approved?.description
    community = record.client.communityURI
    launchAddress = metadata.launchAddress
    isOffered = record.isOffered ?? false
  }
}

/// What a person has let an app do, as kept under the account; what a service may do is kept under its
/// client.
struct AppGrantRecord: Codable, Sendable {
  var client: String
  var clientName: String
  /// The person; nil for a service of its own.
  var standing: AccountStanding?
  /// The generation of the account that it was made in: disabling the account ends it.
  var generation: Int64
  var scope: SMARTScopes
  var patient: String?
  /// Milliseconds since 1970.
  var createdAt: Int64
  var expiresAt: Int64
  /// The session that it ends with, unless the app may come when nobody is there.
  var session: Data?
  /// Where its refresh tokens are kept.
  var family: Data?
}

/// The name of a grant, as tokens carry it: whose it is, and 16 random bytes.
struct AppGrantID: Sendable {
  static let owner = 16
  let key: [UInt8]

  init(of owner: [UInt8], random: any RandomSource) {
    key = owner + random.bytes(Self.owner)
  }

  init(key: [UInt8]) { self.key = key }

  init?(_ text: String) {
    guard let key = Hex.decode(text), key.count == 2 * Self.owner else { return nil }
    self.key = key
  }

  /// Under what the grants of a service lie, which no account has.
  static func owner(ofClient id: String) -> [UInt8] {
    Array(ClientRecord.key(id).prefix(owner))
  }

  var text: String { Hex.encode(key) }
}

/// An app that somebody has let in, as they see it.
public struct AppGrantSummary: Sendable, Encodable {
  public let id: String
  public let client: String
  public let name: String
  public let scope: String
  public let patient: String?
  public let since: String
  public let until: String
  /// Whether it may come when nobody is there.
  public let isOffline: Bool
}
