public import Crypto
import Primitives

/// Whose word on organizations a node takes: a name to show and the Ed25519 key that signs; and, where the
/// accreditor says so, the node at which it can be asked for its newest.
public struct Accreditor: Sendable, Hashable {
  /// Where an accreditor is asked: what it takes to know its node when it answers.
  public struct Place: Sendable, Hashable {
    /// The node's signed identity statement, which names the certificate to pin.
    public let identity: [UInt8]
    /// `host:port`, in the order to try.
    public let addresses: [NodeAddress]
  }

  private static let longest = 64 << 10
  private static let longestName = 128
  private static let mostAddresses = 8

  public let name: String
  public let key: JSONWebKey
  public let place: Place?

  /// A node as accreditor: it signs with the key that its identity is made of.
  public init(name: String, key: Curve25519.Signing.PublicKey) {
    self.name = name
    self.key = JSONWebKey(material: .ed25519(key), keyID: nil, algorithm: nil)
    place = nil
  }

  /// A node as accreditor, with where it can be asked.
  ///
  /// - Throws: `invalid` for more than 8 addresses, or none.
  public init(_ statement: IdentityStatement, addresses: [NodeAddress]) throws {
    guard (1...Self.mostAddresses).contains(addresses.count) else {
      throw PeerChartError(.invalid, "an accreditor has 1 to \(Self.mostAddresses) addresses")
    }
    name = statement.name.text
    key = JSONWebKey(material: .ed25519(statement.keys.signing), keyID: nil, algorithm: nil)
    place = Place(identity: statement.bytes, addresses: addresses)
  }

  /// Reads what `json` writes.
  ///
  /// - Throws: `malformed`, `invalid` for a key of another kind, `integrity` for the identity of another node
  ///   than the key's.
  public init(parsing bytes: [UInt8]) throws {
    let json = try OAuthJSONParser.parse(bytes, limit: Self.longest)
    guard let name = try json.text("name", limit: Self.longestName), !name.isEmpty,
      let key = json["key"]
    else { throw PeerChartError(.malformed, "an accreditor has a name and a key") }
    self.name = name
    self.key = try JSONWebKey(key)
    guard case .ed25519(let material) = self.key.material else {
      throw PeerChartError(.invalid, "an accreditor signs with Ed25519", place: "key")
    }
    place = try json["identity"].map { try Self.place($0, json["addresses"], of: material) }
  }

  private static func place(
    _ identity: OAuthJSON, _ addresses: OAuthJSON?, of key: Curve25519.Signing.PublicKey
  ) throws -> Place {
    guard let bytes = identity.string.flatMap({ Base64URL.decode($0) }),
      let texts = addresses?.elements, (1...mostAddresses).contains(texts.count)
    else {
      throw PeerChartError(
        .malformed, "an accreditor's place is its identity and 1 to \(mostAddresses) addresses",
        place: "identity")
    }
    guard try IdentityStatement(parsing: bytes).keys.signingBytes == Array(key.rawRepresentation)
    else {
      throw PeerChartError(.integrity, "this is the identity of another node", place: "identity")
    }
    return Place(
      identity: bytes,
      addresses: try texts.map { text in
        guard let address = text.string.flatMap({ NodeAddress($0) }) else {
          throw PeerChartError(.malformed, "an address is host:port", place: "addresses")
        }
        return address
      })
  }

  /// For handing over: `{"name":…,"key":{JWK}}`, and `identity` and `addresses` where there is a place.
  public var json: [UInt8] {
    OAuthJSON.object([
      "name": .string(name), "key": key.json,
      "identity": place.map { .string(Base64URL.encode($0.identity)) },
      "addresses": place.map { .strings($0.addresses.map(\.description)) },
    ]).bytes
  }

  /// The key's thumbprint (RFC 7638): under it an accreditor is known.
  public var id: String { key.thumbprint }
}
