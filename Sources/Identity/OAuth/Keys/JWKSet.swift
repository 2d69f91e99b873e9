import Primitives

/// A JWK set (RFC 7517 section 5): the public keys of a client, or of this node.
public struct JWKSet: Sendable, Hashable {
  /// Largest text in bytes.
  public static let maximumLength = 65_536
  /// The most keys in one set.
  public static let maximumKeys = 32

  /// The keys that are of use here, in the order given.
  public let keys: [JSONWebKey]

  /// - Throws: `tooLarge` for more than 32 keys.
  public init(_ keys: [JSONWebKey]) throws {
    guard keys.count <= Self.maximumKeys else {
      throw PeerChartError(.tooLarge, "a key set has more than \(Self.maximumKeys) keys")
    }
    self.keys = keys
  }

  /// Reads a set. Keys of kinds that are not offered here are passed over, as section 5 asks; one that
  /// is damaged or private spoils the set, because somebody should look at it.
  ///
  /// - Throws: `malformed`, `tooLarge` or `integrity`.
  public init(parsing bytes: [UInt8]) throws {
    try self.init(OAuthJSONParser.parse(bytes, limit: Self.maximumLength))
  }

  init(_ json: OAuthJSON) throws {
    guard let elements = json["keys"]?.elements else {
      throw PeerChartError(.malformed, "a key set has an array of keys", place: "keys")
    }
    guard elements.count <= Self.maximumKeys else {
      throw PeerChartError(.tooLarge, "a key set has more than \(Self.maximumKeys) keys")
    }
    keys = try elements.enumerated().compactMap { number, element in
      do {
        return try JSONWebKey(element)
      } catch let error as PeerChartError where error.code == .notSupported {
        return nil
      } catch let error as PeerChartError {
        throw PeerChartError(error.code, error.reason, place: "keys[\(number)]")
      }
    }
  }

  /// The keys that a signature may have been made with: those of the name in its header; without a
  /// name only the one key there is for the algorithm, so that nothing is tried in turn.
  func candidates(keyID: String?, algorithm: SignatureAlgorithm) -> [JSONWebKey] {
    let fitting = keys.filter { $0.algorithms.contains(algorithm) }
    guard let keyID else { return fitting.count == 1 ? fitting : [] }
    return fitting.filter { $0.keyID?.isIdentical(to: keyID) == true }
  }

  /// The set as RFC 7517 writes it, for `jwks_uri` (media type `application/jwk-set+json`).
  public var serialized: [UInt8] { json.bytes }

  var json: OAuthJSON { .object(["keys": .array(keys.map(\.json))]) }
}

extension JWKSet: Codable {
  /// Reads what `encode` wrote.
  public init(from decoder: any Decoder) throws {
    try self.init(parsing: Array(decoder.singleValueContainer().decode(String.self).utf8))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(json.text)
  }
}
