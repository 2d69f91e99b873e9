import Crypto
import Primitives
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The one shape that our certificates have. Whatever deviates from it is refused, so nothing in a
/// peer's certificate needs to be interpreted: extensions are compared, not parsed.
enum CertificateProfile {
  /// Clocks may differ by this much.
  static let clockSkew: TimeInterval = 600
  /// A certificate begins this long before it is made, for browsers with slow clocks.
  static let headStart: TimeInterval = 3600
  /// The longest that browsers accept (CA/Browser Forum baseline requirements, section 6.3.2).
  static let leafLifetime: TimeInterval = 397 * 86_400
  static let authorityLifetime: TimeInterval = 3650 * 86_400

  /// `CN=PeerChart <fingerprint>`: no name, because a household's is a family's.
  static func authoritySubject(node: NodeID) throws -> DistinguishedName {
    try DistinguishedName { CommonName("PeerChart \(node.fingerprint)") }
  }

  /// `CN=<node id>`
  static func leafSubject(node: NodeID) throws -> DistinguishedName {
    try DistinguishedName { CommonName("\(node)") }
  }

  static func authorityExtensions(_ key: Certificate.PublicKey) throws -> Certificate.Extensions {
    try Certificate.Extensions {
      Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
      Critical(KeyUsage(keyCertSign: true, cRLSign: true))
      SubjectKeyIdentifier(keyIdentifier: keyIdentifier(key)[...])
    }
  }

  static func leafExtensions(
    _ key: Certificate.PublicKey, authority: Certificate.PublicKey,
    names: SubjectAlternativeNames
  ) throws -> Certificate.Extensions {
    try Certificate.Extensions {
      Critical(BasicConstraints.notCertificateAuthority)
      Critical(KeyUsage(digitalSignature: true))
      try ExtendedKeyUsage([.serverAuth, .clientAuth])
      SubjectKeyIdentifier(keyIdentifier: keyIdentifier(key)[...])
      AuthorityKeyIdentifier(keyIdentifier: keyIdentifier(authority)[...])
      names
    }
  }

  /// 160 bits of SHA-256 over the public key (RFC 7093 section 2, method 1).
  private static func keyIdentifier(_ key: Certificate.PublicKey) -> [UInt8] {
    Array(SHA256.hash(data: Array(key.subjectPublicKeyInfoBytes)).prefix(20))
  }

  /// Positive, 127 random bits.
  static func serialNumber(_ random: any RandomSource) -> Certificate.SerialNumber {
    var bytes = random.bytes(16)
    if !bytes.isEmpty { bytes[0] = bytes[0] & 0x7F | 0x40 }
    return Certificate.SerialNumber(bytes: bytes)
  }

  static func der(_ certificate: Certificate) throws -> [UInt8] {
    var serializer = DER.Serializer()
    try serializer.serialize(certificate)
    return serializer.serializedBytes
  }

  /// Reads a certificate of version 3, P-256, signed with ECDSA and SHA-256.
  ///
  /// - Throws: `tooLarge`, `malformed` or `integrity`.
  static func parse(_ der: [UInt8], limit: Int) throws -> Certificate {
    guard der.count <= limit else {
      throw PeerChartError(.tooLarge, "a certificate is larger than \(limit) bytes")
    }
    let certificate: Certificate
    do {
      certificate = try Certificate(derEncoded: der)
    } catch {
      throw PeerChartError(.malformed, "a certificate does not follow its format", cause: error)
    }
    guard certificate.version == .v3, certificate.signatureAlgorithm == .ecdsaWithSHA256,
      P256.Signing.PublicKey(certificate.publicKey) != nil, try frame(of: certificate) == der
    else {
      throw PeerChartError(.integrity, "a certificate is not of the kind that nodes use")
    }
    return certificate
  }

  /// The certificate with its outer, unsigned parts in their one form. The library reads others too,
  /// such as a signature that claims unused bits, and a pinned certificate must have one form only.
  private static func frame(of certificate: Certificate) throws -> [UInt8] {
    var serializer = DER.Serializer()
    try serializer.appendConstructedNode(identifier: .sequence) { frame in
      frame.serializeRawBytes(certificate.tbsCertificateBytes)
      frame.serializeRawBytes(ecdsaWithSHA256)
      try frame.serialize(ASN1BitString(bytes: certificate.signature.rawRepresentation[...]))
    }
    return serializer.serializedBytes
  }

  /// The algorithm identifier in DER (RFC 5758 section 3.2): no parameters.
  private static let ecdsaWithSHA256: [UInt8] = [
    0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02,
  ]

  /// Whether `now` lies in the certificate's time, give or take the clock skew.
  static func isValid(_ certificate: Certificate, at now: Instant) -> Bool {
    let now = date(now)
    return certificate.notValidBefore <= now.addingTimeInterval(clockSkew)
      && now <= certificate.notValidAfter.addingTimeInterval(clockSkew)
  }

  /// When a certificate made `now` begins.
  ///
  /// - Throws: `invalid` for a clock outside 1970 to 9000: the library traps on years it cannot write.
  static func start(_ now: Instant) throws -> Date {
    guard (0..<221_845_000_000_000).contains(now.millisecondsSinceEpoch) else {
      throw PeerChartError(.invalid, "the clock is too far off to make a certificate")
    }
    return date(now).addingTimeInterval(-headStart)
  }

  /// Cut to whole seconds: X.509 has no fractions.
  static func date(_ time: Instant) -> Date {
    Date(timeIntervalSince1970: (Double(time.millisecondsSinceEpoch) / 1000).rounded(.down))
  }
}
