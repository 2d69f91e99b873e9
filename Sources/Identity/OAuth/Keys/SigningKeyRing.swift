public import Primitives

/// The keys with which the node signs tokens: two that sign, and those that did until lately, which stay
/// public until the last token they signed has run out.
public struct SigningKeyRing: Sendable {
  /// How long a key that signs no more is still good for checking, in seconds: no token lives longer.
  public static let retention = TokenLifetime.longestSigned + TokenLifetime.clockSkew
  /// The most keys that are kept for checking.
  static let maximumRetired = 16

  struct Retired: Sendable, Hashable {
    let key: JSONWebKey
    let until: Instant
  }

  /// The key that signs access tokens, for ES256.
  public let current: SigningKey
  /// The key that signs id tokens for apps that ask for no other algorithm than RS256.
  public let identity: SigningKey
  /// Since when they do.
  public let since: Instant
  let retired: [Retired]

  /// A ring with fresh keys. Making the RSA key takes some tenths of a second.
  ///
  /// - Throws: `invalid` when the source of randomness gives no keys.
  public init(random: any RandomSource, at now: Instant) throws {
    self.init(
      current: try SigningKey(random: random), identity: try .rsa(), since: now, retired: [])
  }

  init(current: SigningKey, identity: SigningKey, since: Instant, retired: [Retired]) {
    self.current = current
    self.identity = identity
    self.since = since
    self.retired = retired
  }

  /// The ring with fresh keys that sign from now on. Keys whose time is over are forgotten.
  ///
  /// - Throws: `tooLarge` when keys are replaced faster than their tokens run out, else as `init`.
  public func rotated(random: any RandomSource, at now: Instant) throws -> SigningKeyRing {
    let kept = retired.filter { now < $0.until }
    guard kept.count + 2 <= Self.maximumRetired else {
      throw PeerChartError(.tooLarge, "the signing key was replaced too often within minutes")
    }
    let end = now.adding(seconds: Self.retention)
    let last = [current, identity].map { Retired(key: $0.publicKey, until: end) }
    return SigningKeyRing(
      current: try SigningKey(random: random), identity: try .rsa(), since: now,
      retired: kept + last)
  }

  /// The key for the id tokens of a client (`id_token_signed_response_alg`).
  public func identityKey(for client: ClientMetadata) -> SigningKey {
    client.identityAlgorithm == .es256 ? current : identity
  }

  /// The keys that check tokens now: what `jwks_uri` shows.
  ///
  /// - Throws: never for a ring that was made here.
  public func published(at now: Instant) throws -> JWKSet {
    try JWKSet(
      [current.publicKey, identity.publicKey] + retired.filter { now < $0.until }.map(\.key))
  }
}

extension SigningKeyRing {
  private static let magic = "peerchart-token-keys-v1"

  /// The ring as bytes, to be sealed by the vault.
  public var serialized: Redacted<[UInt8]> {
    var writer = ByteWriter()
    writer.append(prefixed: Self.magic)
    writer.append(prefixed: current.rawRepresentation.exposed)
    writer.append(prefixed: identity.rawRepresentation.exposed)
    writer.append(since.millisecondsSinceEpoch)
    writer.append(UInt8(truncatingIfNeeded: retired.count))
    for key in retired {
      writer.append(prefixed: key.key.json.text)
      writer.append(key.until.millisecondsSinceEpoch)
    }
    return Redacted(writer.bytes)
  }

  /// Reads what `serialized` wrote.
  ///
  /// - Throws: `malformed` or `tooLarge`; nothing thrown holds a part of the bytes.
  public init(serialized bytes: Redacted<[UInt8]>) throws {
    var reader = ByteReader(bytes.exposed)
    guard try reader.readPrefixedText(limit: 64) == Self.magic else {
      throw PeerChartError(.malformed, "the signing keys do not follow their format")
    }
    let key = try SigningKey(rawRepresentation: Redacted(reader.readPrefixed(limit: 32)))
    let identity = try SigningKey(rawRepresentation: Redacted(reader.readPrefixed(limit: 8192)))
    guard key.publicKey.algorithm == .es256, identity.publicKey.algorithm == .rs256 else {
      throw PeerChartError(.malformed, "the signing keys do not follow their format")
    }
    let since = Instant(millisecondsSinceEpoch: try reader.read())
    let count = try reader.read(UInt8.self)
    guard count <= Self.maximumRetired else {
      throw PeerChartError(.tooLarge, "too many signing keys")
    }
    var retired: [Retired] = []
    for _ in 0..<count {
      let key = try JSONWebKey(parsing: reader.readPrefixed(limit: JSONWebKey.maximumLength))
      retired.append(Retired(key: key, until: Instant(millisecondsSinceEpoch: try reader.read())))
    }
    try reader.requireEnd()
    self.init(current: key, identity: identity, since: since, retired: retired)
  }
}
