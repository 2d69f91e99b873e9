public import Crypto
import Primitives

/// Whose word on organizations a node takes: a name to show and the Ed25519 key that signs.
public struct Accreditor: Sendable, Hashable {
  private static let longest = 4096
  private static let longestName = 128

  public let name: String
  public let key: JSONWebKey

  /// A node as accreditor: it signs with the key that its identity is made of.
  public init(name: String, key: Curve25519.Signing.PublicKey) {
    self.name = name
    self.key = JSONWebKey(material: .ed25519(key), keyID: nil, algorithm: nil)
  }

  /// Reads what `json` writes.
  ///
  /// - Throws: `malformed`, `invalid` for a key of another kind.
  public init(parsing bytes: [UInt8]) throws {
    let json = try OAuthJSONParser.parse(bytes, limit: Self.longest)
    guard let name = try json.text("name", limit: Self.longestName), !name.isEmpty,
      let key = json["key"]
    else { throw PeerChartError(.malformed, "an accreditor has a name and a key") }
    self.name = name
    self.key = try JSONWebKey(key)
    guard case .ed25519 = self.key.material else {
      throw PeerChartError(.invalid, "an accreditor signs with Ed25519", place: "key")
    }
  }

  /// For handing over: `{"name":…,"key":{JWK}}`.
  public var json: [UInt8] {
    OAuthJSON.object(["name": .string(name), "key": key.json]).bytes
  }

  /// The key's thumbprint (RFC 7638): under it an accreditor is known.
  public var id: String { key.thumbprint }
}
