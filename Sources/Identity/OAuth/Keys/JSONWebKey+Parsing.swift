import Crypto
import CryptoExtras
import Primitives

extension JSONWebKey {
  /// Largest key text in bytes.
  public static let maximumLength = 8192
  /// Shortest and longest RSA modulus in bits: below, it is too weak; above, checking costs too much.
  static let modulusBits = 2048...8192

  /// Reads a public key.
  ///
  /// - Throws: `malformed`, `tooLarge`, `notSupported` for a kind of key that is not offered here,
  ///   `integrity` for a private key: it has been shown to somebody and is none any more.
  public init(parsing bytes: [UInt8]) throws {
    try self.init(OAuthJSONParser.parse(bytes, limit: Self.maximumLength))
  }

  init(_ json: OAuthJSON) throws {
    guard let members = json.members else {
      throw PeerChartError(.malformed, "a key is a JSON object")
    }
    let secret = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]
    guard
      !members.contains(where: { member in secret.contains { member.name.isIdentical(to: $0) } })
    else {
      throw PeerChartError(.integrity, "a private or secret key was sent: throw it away")
    }
    try Self.requireUse(json)
    let material =
      switch json["kty"]?.string {
      case "EC": try Self.curve(json)
      case "OKP": try Self.octets(json)
      case "RSA": try Self.rsa(json)
      default:
        throw PeerChartError(.notSupported, "a kind of key that is not offered", place: "kty")
      }
    let keyID = try json.text("kid", limit: 256)
    let algorithm = try json.text("alg", limit: 32).map { name in
      guard let algorithm = SignatureAlgorithm(rawValue: name) else {
        throw PeerChartError(
          .notSupported, "a key for an algorithm that is not offered", place: "alg")
      }
      return algorithm
    }
    self.init(material: material, keyID: keyID, algorithm: algorithm)
    guard !algorithms.isEmpty else {
      throw PeerChartError(
        .malformed, "the algorithm does not go with the kind of key", place: "alg")
    }
  }

  /// `use` and `key_ops`, where present, must say that the key checks signatures (RFC 7517 section 4).
  private static func requireUse(_ json: OAuthJSON) throws {
    if let use = json["use"], use.string != "sig" {
      throw PeerChartError(.notSupported, "a key that is not for signatures", place: "use")
    }
    if let operations = json["key_ops"],
      operations.elements?.contains(.string("verify")) != true
    {
      throw PeerChartError(.notSupported, "a key that is not for signatures", place: "key_ops")
    }
  }

  /// Coordinates have the full length of the field, leading zeros included (RFC 7518 section 6.2.1.2).
  private static func curve(_ json: OAuthJSON) throws -> Material {
    let x = try json.octets("x", limit: 48)
    let y = try json.octets("y", limit: 48)
    do {
      switch (json["crv"]?.string, x.count, y.count) {
      case ("P-256", 32, 32): return .p256(try P256.Signing.PublicKey(rawRepresentation: x + y))
      case ("P-384", 48, 48): return .p384(try P384.Signing.PublicKey(rawRepresentation: x + y))
      case ("P-256", _, _), ("P-384", _, _): break
      default:
        throw PeerChartError(.notSupported, "a curve that is not offered", place: "crv")
      }
    } catch let error as PeerChartError { throw error } catch {
      throw PeerChartError(.malformed, "the point is not on the curve", cause: error)
    }
    throw PeerChartError(.malformed, "a coordinate is not as long as the field")
  }

  private static func octets(_ json: OAuthJSON) throws -> Material {
    guard json["crv"]?.string == "Ed25519" else {
      throw PeerChartError(.notSupported, "a curve that is not offered", place: "crv")
    }
    let x = try json.octets("x", limit: 32)
    guard x.count == 32, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: x) else {
      throw PeerChartError(.malformed, "not an Ed25519 key", place: "x")
    }
    return .ed25519(key)
  }

  /// The numbers have no leading zeros (RFC 7518 section 2, `Base64urlUInt`); the exponent is 65537 or
  /// more (FIPS 186-5 section 5.4).
  private static func rsa(_ json: OAuthJSON) throws -> Material {
    let modulus = try json.octets("n", limit: modulusBits.upperBound / 8)
    let exponent = try json.octets("e", limit: 4)
    guard let first = modulus.first, first != 0, let last = modulus.last, last & 1 == 1,
      modulusBits.contains(modulus.count * 8 - first.leadingZeroBitCount)
    else {
      throw PeerChartError(.malformed, "an RSA modulus has 2048 to 8192 bits", place: "n")
    }
    guard let highest = exponent.first, highest != 0, let lowest = exponent.last, lowest & 1 == 1,
      exponent.reduce(UInt64(0), { $0 << 8 | UInt64($1) }) >= 65_537
    else {
      throw PeerChartError(.malformed, "an RSA exponent is odd and at least 65537", place: "e")
    }
    guard let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) else {
      throw PeerChartError(.malformed, "not an RSA key")
    }
    return .rsa(key, modulus: modulus, exponent: exponent)
  }
}

extension OAuthJSON {
  /// A member that is a text of at most `limit` bytes; nil where there is none.
  ///
  /// - Throws: `malformed` for another kind of value, `tooLarge`.
  func text(_ name: String, limit: Int) throws -> String? {
    guard let value = self[name] else { return nil }
    guard let text = value.string else {
      throw PeerChartError(.malformed, "a member must be a string", place: name)
    }
    guard text.utf8.count <= limit else {
      throw PeerChartError(.tooLarge, "a member is longer than \(limit) bytes", place: name)
    }
    return text
  }

  /// A member that is bytes in base64url and must be there.
  fileprivate func octets(_ name: String, limit: Int) throws -> [UInt8] {
    guard let text = try text(name, limit: limit * 2), let bytes = Base64URL.decode(text),
      bytes.count <= limit
    else {
      throw PeerChartError(.malformed, "a member must be bytes in base64url", place: name)
    }
    return bytes
  }
}
