import Crypto
import CryptoExtras
public import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The public key of a passkey, as COSE writes it (RFC 9052 section 7, WebAuthn section 5.8.5).
public struct PasskeyPublicKey: Hashable, Sendable {
  /// What a key signs with; the numbers are COSE's.
  public enum Algorithm: Int64, Sendable, CaseIterable {
    /// ECDSA with P-256 and SHA-256: every phone and most keys.
    case es256 = -7
    /// Ed25519.
    case edDSA = -8
    /// RSASSA-PKCS1-v1_5 with SHA-256: what many Windows computers have in their TPM.
    case rs256 = -257
  }

  public let algorithm: Algorithm
  /// The COSE_Key in its one form.
  public let cose: [UInt8]

  /// Reads a COSE_Key: the members that its algorithm needs and no others.
  ///
  /// - Throws: `malformed` for another form or a point that is not on the curve, `notSupported` for
  ///   another algorithm.
  public init(cose: [UInt8]) throws(PeerChartError) {
    algorithm = try Self.read(cose).algorithm
    self.cose = cose
  }

  /// Whether the private key to this one signed `message`.
  func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
    guard let material = try? Self.read(cose).material else { return false }
    switch material {
    case .p256(let key):
      guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else {
        return false
      }
      return key.isValidSignature(signature, for: SHA256.hash(data: message))
    case .ed25519(let key):
      return key.isValidSignature(signature, for: message)
    case .rsa(let key):
      return key.isValidSignature(
        _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: message),
        padding: .insecurePKCS1v1_5)
    }
  }

  private enum Material {
    case p256(P256.Signing.PublicKey)
    case ed25519(Curve25519.Signing.PublicKey)
    case rsa(_RSA.Signing.PublicKey)
  }

  private static func read(
    _ cose: [UInt8]
  ) throws(PeerChartError) -> (algorithm: Algorithm, material: Material) {
    let map = try CBORReader.read(cose).map
    guard let map, let type = map[1]?.int, let number = map[3]?.int else {
      throw PeerChartError(.malformed, "a passkey's public key does not follow its format")
    }
    guard let algorithm = Algorithm(rawValue: number) else {
      throw PeerChartError(.notSupported, "a passkey of a kind of key that is not asked for")
    }
    let material: Material? =
      switch algorithm {
      case .es256: type == 2 ? p256(map) : nil
      case .edDSA: type == 1 ? ed25519(map) : nil
      case .rs256: type == 3 ? rsa(map) : nil
      }
    guard let material else {
      throw PeerChartError(.malformed, "a passkey's public key does not follow its format")
    }
    return (algorithm, material)
  }

  /// Both coordinates: WebAuthn section 5.8.5 forbids the compressed point.
  private static func p256(_ map: CBORMap) -> Material? {
    guard map.hasOnly([1, 3, -1, -2, -3]), map[-1]?.int == 1, let x = map[-2]?.bytes,
      let y = map[-3]?.bytes, x.count == 32, y.count == 32
    else { return nil }
    return (try? P256.Signing.PublicKey(rawRepresentation: x + y)).map(Material.p256)
  }

  private static func ed25519(_ map: CBORMap) -> Material? {
    guard map.hasOnly([1, 3, -1, -2]), map[-1]?.int == 6, let x = map[-2]?.bytes, x.count == 32
    else { return nil }
    return (try? Curve25519.Signing.PublicKey(rawRepresentation: x)).map(Material.ed25519)
  }

  /// 2048 to 4096 bits and an exponent of up to four bytes: larger ones cost the verifier.
  private static func rsa(_ map: CBORMap) -> Material? {
    guard map.hasOnly([1, 3, -1, -2]), let modulus = map[-1]?.bytes, let exponent = map[-2]?.bytes,
      (256...512).contains(modulus.count), (1...4).contains(exponent.count), modulus.first != 0,
      exponent.first != 0
    else { return nil }
    return (try? _RSA.Signing.PublicKey(n: modulus, e: exponent)).map(Material.rsa)
  }
}

extension PasskeyPublicKey: Codable {
  /// Reads the COSE_Key in base64url.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let cose = Base64URL.decode(text) else {
      throw PeerChartError(.malformed, "a passkey's public key does not follow its format")
    }
    try self.init(cose: cose)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Base64URL.encode(cose))
  }
}
