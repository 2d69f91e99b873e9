public import Primitives
import X509

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The certificate of a node's local TLS authority: self-signed, P-256, fit to sign end certificates
/// and nothing else. A value of this type has been checked.
///
/// It is named by the node's fingerprint alone: it lies on the disk in the clear, and a household's
/// name is a family's.
public struct AuthorityCertificate: Sendable {
  /// Largest certificate in bytes.
  public static let maximumLength = 2048

  /// The certificate in DER.
  public let der: [UInt8]
  /// The node whose authority it is.
  public let node: NodeID
  let certificate: Certificate

  /// The certificate in PEM, for `ca.pem`.
  public var pem: String { PEM.certificate(der) }

  /// The uncompressed point of the public key.
  var publicKeyBytes: [UInt8] { Array(certificate.publicKey.subjectPublicKeyInfoBytes) }

  /// Makes the authority of a node, valid for ten years.
  ///
  /// - Throws: `invalid` when the library refuses the values.
  public init(
    keys: NodeKeys, now: Instant, random: any RandomSource
  ) throws {
    let key = Certificate.PrivateKey(keys.authority)
    let start = try CertificateProfile.start(now)
    do {
      let subject = try CertificateProfile.authoritySubject(node: keys.node)
      let certificate = try Certificate(
        version: .v3, serialNumber: CertificateProfile.serialNumber(random),
        publicKey: key.publicKey, notValidBefore: start,
        notValidAfter: start.addingTimeInterval(CertificateProfile.authorityLifetime),
        issuer: subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
        extensions: CertificateProfile.authorityExtensions(key.publicKey), issuerPrivateKey: key)
      der = try CertificateProfile.der(certificate)
      self.certificate = certificate
    } catch {
      throw PeerChartError(.invalid, "the authority's certificate cannot be made", cause: error)
    }
    node = keys.node
  }

  /// Reads an authority's certificate, which must be exactly what this node makes.
  ///
  /// - Throws: `tooLarge`, `malformed`, or `integrity` for any deviation.
  public init(der: [UInt8], node: NodeID) throws {
    let certificate = try CertificateProfile.parse(der, limit: Self.maximumLength)
    let subject = try CertificateProfile.authoritySubject(node: node)
    let extensions = try CertificateProfile.authorityExtensions(certificate.publicKey)
    guard certificate.subject == subject, certificate.issuer == subject,
      certificate.extensions == extensions,
      certificate.notValidBefore < certificate.notValidAfter,
      certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
    else {
      throw PeerChartError(.integrity, "the authority's certificate is not this node's")
    }
    self.certificate = certificate
    self.der = der
    self.node = node
  }
}

extension AuthorityCertificate: Equatable {
  /// Equal when they are the same bytes.
  public static func == (a: Self, b: Self) -> Bool { a.der == b.der }
}
