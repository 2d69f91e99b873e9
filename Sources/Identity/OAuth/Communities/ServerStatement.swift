import Crypto
public import Primitives
import X509

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What the node signs about its own endpoints for members of trust communities (`signed_metadata`, UDAP
/// Security STU 2 section 2.3): with the key that signs its tokens, certified by the node's own authority
/// for the address of its FHIR API. Who trusts that authority (`tls/ca.pem`) trusts the rest.
public enum ServerStatement {
  /// How long one is good, in seconds.
  public static let lifetime: Int64 = 86_400

  /// - Throws: `invalid` when the library refuses.
  public static func sign(
    _ server: ServerMetadata, ring: SigningKeyRing, keys: NodeKeys,
    authority: AuthorityCertificate, at now: Instant, random: any RandomSource
  ) throws -> String {
    let claims = OAuthJSON.object([
      "iss": .string(server.fhirBase), "sub": .string(server.fhirBase), "iat": .date(now),
      "exp": .date(now.adding(seconds: lifetime)),
      "jti": .string(Base64URL.encode(random.bytes(16))),
      "authorization_endpoint": .string(server.address(.authorize)),
      "token_endpoint": .string(server.address(.token)),
      "registration_endpoint": .string(server.address(.register)),
    ])
    let certificate = try certificate(
      server.fhirBase, ring.current, keys, authority, at: now, random)
    return try ring.current.sign(type: "JWT", certificates: [certificate, authority.der], claims)
  }

  /// A certificate of the signing key for a URI. It is no node's TLS certificate: that names a node.
  private static func certificate(
    _ uri: String, _ key: SigningKey, _ keys: NodeKeys, _ authority: AuthorityCertificate,
    at now: Instant, _ random: any RandomSource
  ) throws -> [UInt8] {
    guard case .p256(let publicKey) = key.publicKey.material else {
      throw PeerChartError(.invalid, "the key that signs tokens is of another kind")
    }
    let start = try CertificateProfile.start(now)
    do {
      let certificate = try Certificate(
        version: .v3, serialNumber: CertificateProfile.serialNumber(random),
        publicKey: Certificate.PublicKey(publicKey), notValidBefore: start,
        notValidAfter: start.addingTimeInterval(Double(2 * lifetime)),
        issuer: authority.certificate.subject,
        subject: DistinguishedName { CommonName("PeerChart authorization server") },
        signatureAlgorithm: .ecdsaWithSHA256,
        extensions: Certificate.Extensions {
          Critical(BasicConstraints.notCertificateAuthority)
          Critical(KeyUsage(digitalSignature: true))
          SubjectAlternativeNames([.uniformResourceIdentifier(uri)])
        }, issuerPrivateKey: Certificate.PrivateKey(keys.authority))
      return try CertificateProfile.der(certificate)
    } catch {
      throw PeerChartError(.invalid, "a certificate cannot be made", cause: error)
    }
  }
}
