import Crypto
public import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A private key of the node that signs tokens: ES256, which every client library knows.
public struct SigningKey: Sendable {
  private let key: P256.Signing.PrivateKey
  /// The public half, named by its thumbprint.
  public let publicKey: JSONWebKey

  /// Makes a fresh key.
  ///
  /// - Throws: `invalid` when the source of randomness gives no key.
  public init(random: any RandomSource) throws {
    // One in 2^32 strings of 32 bytes is none.
    for _ in 0..<4 {
      if let key = try? SigningKey(rawRepresentation: Redacted(random.bytes(32))) {
        self = key
        return
      }
    }
    throw PeerChartError(.invalid, "the source of randomness gives no keys")
  }

  /// Reads a key that was kept.
  ///
  /// - Throws: `malformed`; nothing thrown holds a part of the bytes.
  public init(rawRepresentation: Redacted<[UInt8]>) throws {
    guard let key = try? P256.Signing.PrivateKey(rawRepresentation: rawRepresentation.exposed)
    else { throw PeerChartError(.malformed, "not a signing key") }
    self.key = key
    let bare = JSONWebKey(material: .p256(key.publicKey), keyID: nil, algorithm: .es256)
    publicKey = JSONWebKey(
      material: .p256(key.publicKey), keyID: bare.thumbprint, algorithm: .es256)
  }

  /// The 32 bytes of the key, to be sealed by the vault.
  public var rawRepresentation: Redacted<[UInt8]> { Redacted(Array(key.rawRepresentation)) }

  /// Signs claims: the compact form of a JWS (RFC 7515 section 7.1).
  ///
  /// - Throws: `invalid` when the library refuses.
  func sign(type: String, _ claims: OAuthJSON) throws -> String {
    let header = OAuthJSON.object([
      "typ": .string(type), "alg": .string(SignatureAlgorithm.es256.rawValue),
      "kid": .string(publicKey.thumbprint),
    ])
    let message = Base64URL.encode(header.bytes) + "." + Base64URL.encode(claims.bytes)
    do {
      let signature = try key.signature(for: Array(message.utf8))
      return message + "." + Base64URL.encode(Array(signature.rawRepresentation))
    } catch {
      throw PeerChartError(.invalid, "a token cannot be signed", cause: error)
    }
  }
}

extension SigningKey: CustomStringConvertible {
  /// Never the key.
  public var description: String { "<signing key \(publicKey.thumbprint)>" }
}
