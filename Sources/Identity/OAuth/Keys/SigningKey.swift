import Crypto
import CryptoExtras
public import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A private key of the node that signs tokens: ES256 for what the node itself reads, RS256 for what
/// apps read, because OpenID Connect lets them count on that alone.
public struct SigningKey: Sendable {
  private enum Private: Sendable {
    case p256(P256.Signing.PrivateKey)
    case rsa(_RSA.Signing.PrivateKey)
  }

  private let key: Private
  /// The public half, named by its thumbprint.
  public let publicKey: JSONWebKey

  /// Makes a fresh key for ES256.
  ///
  /// - Throws: `invalid` when the source of randomness gives no key.
  public init(random: any RandomSource) throws {
    // One in 2^32 strings of 32 bytes is none.
    for _ in 0..<4 {
      if let key = try? P256.Signing.PrivateKey(rawRepresentation: random.bytes(32)) {
        try self.init(.p256(key))
        return
      }
    }
    throw PeerChartError(.invalid, "the source of randomness gives no keys")
  }

  /// Makes a fresh key for RS256, of 2048 bits. The library finds the primes with its own randomness:
  /// it takes none from outside.
  ///
  /// - Throws: `invalid` when the library refuses.
  public static func rsa() throws -> SigningKey {
    do { return try SigningKey(.rsa(_RSA.Signing.PrivateKey(keySize: .bits2048))) } catch {
      throw PeerChartError(.invalid, "an RSA key cannot be made", cause: error)
    }
  }

  /// Reads a key that was kept.
  ///
  /// - Throws: `malformed`; nothing thrown holds a part of the bytes.
  public init(rawRepresentation: Redacted<[UInt8]>) throws {
    let bytes = rawRepresentation.exposed
    if bytes.count == 32, let key = try? P256.Signing.PrivateKey(rawRepresentation: bytes) {
      try self.init(.p256(key))
    } else if let key = try? _RSA.Signing.PrivateKey(derRepresentation: bytes) {
      try self.init(.rsa(key))
    } else {
      throw PeerChartError(.malformed, "not a signing key")
    }
  }

  private init(_ key: Private) throws {
    self.key = key
    let material: JSONWebKey.Material
    let algorithm: SignatureAlgorithm
    switch key {
    case .p256(let key): (material, algorithm) = (.p256(key.publicKey), .es256)
    case .rsa(let key):
      guard let numbers = try? key.publicKey.getKeyPrimitives() else {
        throw PeerChartError(.malformed, "not a signing key")
      }
      algorithm = .rs256
      material = .rsa(
        key.publicKey, modulus: Array(numbers.modulus), exponent: Array(numbers.publicExponent))
    }
    let bare = JSONWebKey(material: material, keyID: nil, algorithm: algorithm)
    publicKey = JSONWebKey(material: material, keyID: bare.thumbprint, algorithm: algorithm)
  }

  /// The key, to be sealed by the vault: 32 bytes, or an RSA key in DER.
  public var rawRepresentation: Redacted<[UInt8]> {
    switch key {
    case .p256(let key): Redacted(Array(key.rawRepresentation))
    case .rsa(let key): Redacted(Array(key.derRepresentation))
    }
  }

  /// Signs claims: the compact form of a JWS (RFC 7515 section 7.1).
  ///
  /// - Parameter certificates: DER of a chain whose first certificate is of this key, where the reader knows
  ///   the signer by that (UDAP).
  /// - Throws: `invalid` when the library refuses.
  func sign(type: String, certificates: [[UInt8]] = [], _ claims: OAuthJSON) throws -> String {
    let chain = certificates.map { Base64.encode($0) }
    let header = OAuthJSON.object([
      "typ": .string(type), "alg": publicKey.algorithm.map { .string($0.rawValue) },
      "kid": .string(publicKey.thumbprint), "x5c": chain.isEmpty ? nil : .strings(chain),
    ])
    let message = Base64URL.encode(header.bytes) + "." + Base64URL.encode(claims.bytes)
    do {
      return message + "." + Base64URL.encode(try signature(over: Array(message.utf8)))
    } catch {
      throw PeerChartError(.invalid, "a token cannot be signed", cause: error)
    }
  }

  /// The signature over bytes, in the form that JWS gives it (RFC 7518 section 3).
  ///
  /// - Throws: what the library throws when it refuses.
  public func signature(over message: [UInt8]) throws -> [UInt8] {
    switch key {
    case .p256(let key): Array(try key.signature(for: message).rawRepresentation)
    case .rsa(let key):
      Array(
        try key.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
          .rawRepresentation)
    }
  }
}

extension SigningKey: CustomStringConvertible {
  /// Never the key.
  public var description: String { "<signing key \(publicKey.thumbprint)>" }
}
