import Crypto
public import Primitives
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An authority that the operator trusts to name people or programs.
public struct TrustAnchor: Sendable, Hashable {
  /// Largest file in bytes, and the most certificates in it.
  public static let maximumLength = 262_144
  static let maximumCount = 64

  /// The certificate in DER.
  public let der: [UInt8]
  /// SHA-256 over it.
  public let digest: [UInt8]
  /// The subject's distinguished name, as text for people.
  public let subject: String
  /// When it ends.
  public let expires: Instant

  /// - Throws: `malformed`, `tooLarge`; `invalid` for a certificate that is no authority's.
  public init(der: [UInt8]) throws {
    guard der.count <= CertificateAnchors.maximumLength else {
      throw PeerChartError(.tooLarge, "a certificate is too large")
    }
    let certificate: Certificate
    do { certificate = try Certificate(derEncoded: der) } catch {
      throw PeerChartError(.malformed, "a certificate does not follow its format", cause: error)
    }
    guard case .isCertificateAuthority = try? certificate.extensions.basicConstraints else {
      throw PeerChartError(.invalid, "this certificate is not an authority's")
    }
    self.der = der
    digest = Array(SHA256.hash(data: der))
    subject = CertificateNames.display(String(describing: certificate.subject))
    let seconds = certificate.notValidAfter.timeIntervalSince1970
    expires = Instant(epochSeconds: Int64(exactly: seconds.rounded(.down)) ?? 0)
  }

  /// Reads a file of certificates in PEM (RFC 7468).
  ///
  /// - Throws: as above; `malformed` for a file without a certificate.
  public static func read(_ file: [UInt8]) throws -> [TrustAnchor] {
    guard file.count <= maximumLength else {
      throw PeerChartError(.tooLarge, "the file is longer than \(maximumLength) bytes")
    }
    let documents: [PEMDocument]
    do {
      documents = try PEMDocument.parseMultiple(pemString: String(decoding: file, as: UTF8.self))
    } catch {
      throw PeerChartError(.malformed, "the file holds no certificates in PEM", cause: error)
    }
    let certificates = documents.filter { $0.discriminator == "CERTIFICATE" }
    guard (1...maximumCount).contains(certificates.count) else {
      throw PeerChartError(
        .malformed, "the file holds 1 to \(maximumCount) certificates in PEM")
    }
    return try certificates.map { try TrustAnchor(der: $0.derBytes) }
  }
}
