import Crypto
import CryptoExtras
import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A public key as RFC 7517 writes it, fit to check signatures. A value of this type has been checked:
/// the point is on its curve, the modulus is long enough.
public struct JSONWebKey: Sendable {
  enum Material: Sendable {
    case p256(P256.Signing.PublicKey)
    case p384(P384.Signing.PublicKey)
    case ed25519(Curve25519.Signing.PublicKey)
    case rsa(_RSA.Signing.PublicKey, modulus: [UInt8], exponent: [UInt8])
  }

  /// The name that headers give (`kid`), 256 bytes at most.
  public let keyID: String?
  /// The only algorithm of this key (`alg`), where the key names one.
  public let algorithm: SignatureAlgorithm?
  /// The key's name by its content: base64url of 32 bytes (RFC 7638).
  public let thumbprint: String
  let material: Material

  init(material: Material, keyID: String?, algorithm: SignatureAlgorithm?) {
    self.material = material
    self.keyID = keyID
    self.algorithm = algorithm
    let required = OAuthJSON.object(
      Self.required(material).map { OAuthJSON.Member(name: $0, value: .string($1)) })
    thumbprint = Base64URL.encode(Array(SHA256.hash(data: required.bytes)))
  }

  /// The members that make the key, in the order of their names (RFC 7638 section 3.2, RFC 8037
  /// section 2).
  private static func required(_ material: Material) -> [(String, String)] {
    func curve(_ name: String, _ point: [UInt8]) -> [(String, String)] {
      let half = point.count / 2
      return [
        ("crv", name), ("kty", "EC"), ("x", Base64URL.encode(point.prefix(half))),
        ("y", Base64URL.encode(point.dropFirst(half))),
      ]
    }
    return switch material {
    case .p256(let key): curve("P-256", Array(key.rawRepresentation))
    case .p384(let key): curve("P-384", Array(key.rawRepresentation))
    case .ed25519(let key):
      [("crv", "Ed25519"), ("kty", "OKP"), ("x", Base64URL.encode(Array(key.rawRepresentation)))]
    case .rsa(_, let modulus, let exponent):
      [("e", Base64URL.encode(exponent)), ("kty", "RSA"), ("n", Base64URL.encode(modulus))]
    }
  }

  /// The point of a key on P-256: both coordinates, 64 bytes; nil for other kinds of keys.
  public var point: [UInt8]? {
    if case .p256(let key) = material { Array(key.rawRepresentation) } else { nil }
  }

  /// What the key may check: a key of the NIST curves has one algorithm, an RSA key two, Ed25519 two
  /// names of one.
  public var algorithms: Set<SignatureAlgorithm> {
    let possible: Set<SignatureAlgorithm> =
      switch material {
      case .p256: [.es256]
      case .p384: [.es384]
      case .ed25519: [.edDSA, .ed25519]
      case .rsa: [.rs256, .rs384]
      }
    return algorithm.map { possible.intersection([$0]) } ?? possible
  }

  /// The payload of a text in the compact form of a JWS (RFC 7515) that was signed with the private half.
  /// What is signed for a purpose is read by the type of that purpose, which checks more.
  ///
  /// - Throws: `unauthenticated` for another signer, `malformed`, `notSupported` or `tooLarge`.
  public func payload(ofSigned text: String) throws -> [UInt8] {
    let profile = JWSProfile(algorithms: algorithms, types: nil)
    return try CompactJWS(parsing: text, as: profile).bytes(signedBy: [self])
  }

  /// Whether `signature`, in the form that JWS gives it (RFC 7518 section 3), was made over `message` with
  /// the private half.
  public func verifies(
    _ signature: [UInt8], over message: [UInt8], by algorithm: SignatureAlgorithm
  ) -> Bool {
    guard algorithms.contains(algorithm) else { return false }
    switch (material, algorithm) {
    case (.p256(let key), .es256):
      guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else {
        return false
      }
      return key.isValidSignature(signature, for: message)
    case (.p384(let key), .es384):
      guard let signature = try? P384.Signing.ECDSASignature(rawRepresentation: signature) else {
        return false
      }
      return key.isValidSignature(signature, for: message)
    case (.ed25519(let key), .edDSA), (.ed25519(let key), .ed25519):
      return key.isValidSignature(signature, for: message)
    case (.rsa(let key, _, _), .rs256):
      return key.isValidSignature(
        _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: message),
        padding: .insecurePKCS1v1_5)
    case (.rsa(let key, _, _), .rs384):
      return key.isValidSignature(
        _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA384.hash(data: message),
        padding: .insecurePKCS1v1_5)
    default: return false
    }
  }

  /// The key as a JSON object.
  var json: OAuthJSON {
    let members = Self.required(material).map {
      OAuthJSON.Member(name: $0, value: .string($1))
    }
    let named: [OAuthJSON.Member] = [
      keyID.map { OAuthJSON.Member(name: "kid", value: .string($0)) },
      algorithm.map { OAuthJSON.Member(name: "alg", value: .string($0.rawValue)) },
      OAuthJSON.Member(name: "use", value: .string("sig")),
    ].compactMap { $0 }
    return .object(members + named)
  }
}

extension JSONWebKey: Hashable {
  /// Equal when they are the same key under the same name.
  public static func == (a: Self, b: Self) -> Bool {
    a.thumbprint == b.thumbprint && a.keyID == b.keyID && a.algorithm == b.algorithm
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(thumbprint) }
}
