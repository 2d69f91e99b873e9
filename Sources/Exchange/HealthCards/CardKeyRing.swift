import ClinicalFormats
import Foundation
import Identity
import Primitives

/// The keys with which the node signs health cards, and which cards of each it has taken back: one row for all
/// instances.
struct CardKeyRing: Codable {
  /// How long one key signs, in seconds. Cards are kept for years, and so are the keys that check them.
  static let keyAge: Int64 = 365 * 86_400
  /// The most keys that are published.
  static let maximumKeys = 64

  private struct Retired: Codable {
    /// The key set with this one key in it.
    var keys: JWKSet
  }

  private var current: Data
  private var since: Int64
  private var retired: [Retired]
  /// By key, the names of the cards that were revoked.
  private var revoked: [String: [String]]
  /// The addresses under which cards were issued.
  private(set) var issuers: Set<String>

  init(random: any RandomSource, at now: Instant) throws {
    current = Data(try SigningKey(random: random).rawRepresentation.exposed)
    since = now.millisecondsSinceEpoch
    (retired, revoked, issuers) = ([], [:], [])
  }

  /// The key that signs.
  var signingKey: SigningKey {
    get throws { try SigningKey(rawRepresentation: Redacted(Array(current))) }
  }

  func isFresh(at now: Instant) -> Bool {
    now < Instant(millisecondsSinceEpoch: since).adding(seconds: Self.keyAge)
  }

  /// The ring with a fresh key that signs from now on.
  ///
  /// - Throws: `tooLarge` where too many are published already.
  func rotated(random: any RandomSource, at now: Instant) throws -> CardKeyRing {
    guard retired.count + 2 <= Self.maximumKeys else {
      throw PeerChartError(.tooLarge, "too many keys of health cards are published already")
    }
    var ring = try CardKeyRing(random: random, at: now)
    ring.retired = retired + [Retired(keys: try JWKSet([signingKey.publicKey]))]
    (ring.revoked, ring.issuers) = (revoked, issuers)
    return ring
  }

  mutating func issues(under address: String) { issuers.insert(address) }

  mutating func revoke(_ id: String, of key: String) { revoked[key, default: []].append(id) }

  /// The newest key first.
  private var publicKeys: [JSONWebKey] {
    get throws { [try signingKey.publicKey] + retired.reversed().flatMap(\.keys.keys) }
  }

  /// What `/.well-known/jwks.json` shows.
  var keySet: [UInt8] {
    get throws {
      HealthCardKeyDocument.serialized(
        try publicKeys.map { ($0, listVersion: version($0.thumbprint)) })
    }
  }

  /// What `/.well-known/crl/KID.json` shows; nil for a key that is not this node's.
  func list(of key: String) throws -> HealthCardRevocationList? {
    guard try publicKeys.contains(where: { $0.thumbprint == key }) else { return nil }
    return HealthCardRevocationList(
      keyID: key, counter: version(key), revoking: revoked[key] ?? [])
  }

  /// Grows by one with every card that is revoked.
  private func version(_ key: String) -> Int64 { Int64(revoked[key]?.count ?? 0) + 1 }

  /// This node as verifiers see it, under one of its addresses.
  func issuer(_ address: String, name: String) throws -> HealthCardIssuer {
    HealthCardIssuer(
      address: address, name: name, keySet: try HealthCardKeySet(parsing: keySet),
      lists: try publicKeys.compactMap { try list(of: $0.thumbprint) })
  }
}
