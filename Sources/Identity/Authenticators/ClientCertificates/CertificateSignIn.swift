import Crypto
public import Primitives
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Decides whether the certificates that a browser showed lead to an authority which the node's
/// operator has configured (RFC 5280 section 6).
///
/// Whether a certificate has been revoked is not asked here, because that takes the network: an
/// account's certificate is taken away on the node itself.
public enum CertificateSignIn {
  private static let longest = 16_384
  private static let mostCertificates = 8

  /// What the first certificate says of its owner, once it has been found good. That the other side
  /// holds the key is what the TLS handshake shows.
  ///
  /// - Parameter chain: DER, the person's own certificate first, at most 8.
  /// - Parameter anchors: DER of the authorities that are trusted to name people.
  /// - Throws: `unauthenticated` when there is no path or the certificate is not for signing in,
  ///   `malformed` or `tooLarge` when it is none, `invalid` for an anchor that is none.
  public static func check(
    chain: [[UInt8]], anchors: [[UInt8]], at now: Instant
  ) async throws(PeerChartError) -> CertificateCredential {
    guard chain.count <= mostCertificates, chain.allSatisfy({ $0.count <= longest }) else {
      throw PeerChartError(.tooLarge, "more or longer certificates than a path has")
    }
    // The library has no form for years beyond these.
    guard (0..<221_845_000_000_000).contains(now.millisecondsSinceEpoch) else {
      throw PeerChartError(.invalid, "the clock is too far off to check a certificate")
    }
    let certificates = try read(chain, orElse: .malformed)
    let roots = try read(anchors, orElse: .invalid)
    guard let leaf = certificates.first else {
      throw PeerChartError(.unauthenticated, "no certificate was shown")
    }
    var verifier = Verifier(rootCertificates: CertificateStore(roots)) {
      RFC5280Policy(fixedExpiryValidationTime: CertificateProfile.date(now))
      ClientCertificatePolicy()
    }
    let result = await verifier.validate(
      leaf: leaf, intermediates: CertificateStore(certificates.dropFirst()))
    guard case .validCertificate = result else {
      throw PeerChartError(
        .unauthenticated, "the certificate does not lead to an authority that is trusted here")
    }
    return credential(leaf)
  }

  private static func read(
    _ list: [[UInt8]], orElse code: PeerChartError.Code
  ) throws(PeerChartError) -> [Certificate] {
    var certificates: [Certificate] = []
    for (index, der) in list.enumerated() {
      guard let certificate = try? Certificate(derEncoded: der) else {
        throw PeerChartError(
          code, "a certificate does not follow its format", place: "certificate \(index)")
      }
      certificates.append(certificate)
    }
    return certificates
  }

  private static func credential(_ leaf: Certificate) -> CertificateCredential {
    let names = CertificateNames(leaf)
    let seconds = leaf.notValidAfter.timeIntervalSince1970
    return CertificateCredential(
      keyDigest: Array(SHA256.hash(data: Array(leaf.publicKey.subjectPublicKeyInfoBytes))),
      subject: CertificateNames.display(String(describing: leaf.subject)),
      issuer: CertificateNames.display(String(describing: leaf.issuer)),
      principalName: names.principalName, emailAddress: names.emailAddress,
      validUntilMilliseconds: (Int64(exactly: seconds.rounded()) ?? 0) * 1000)
  }
}
