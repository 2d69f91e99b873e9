public import Primitives
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Who may stamp.
public enum TimeStampAuthority {
  private static let mostTrusted = 64
  /// The library has no form for years beyond 9000.
  private static let years: Range<Int64> = 0..<221_845_000_000_000

  /// Reads the certificates in a file (PEM) that may stand at the end of a path.
  ///
  /// - Returns: DER.
  /// - Throws: `malformed`, `tooLarge`.
  public static func readTrusted(pem file: [UInt8]) throws(PeerChartError) -> [[UInt8]] {
    guard file.count <= TimeStampToken.maximumLength else {
      throw PeerChartError(.tooLarge, "the file of certificates is too long")
    }
    let text = String(decoding: file, as: UTF8.self)
    guard let documents = try? PEMDocument.parseMultiple(pemString: text) else {
      throw PeerChartError(.malformed, "the file holds no certificates in PEM")
    }
    let certificates = documents.filter { $0.discriminator == "CERTIFICATE" }.map(\.derBytes)
    guard (1...mostTrusted).contains(certificates.count),
      certificates.allSatisfy({ (try? Certificate(derEncoded: $0)) != nil })
    else { throw PeerChartError(.malformed, "the file holds 1 to \(mostTrusted) certificates") }
    return certificates
  }

  /// Checks the signer's path (RFC 5280) at the time of the stamp, and that it is for stamping (RFC 3161
  /// section 2.3). Whether it was revoked takes the network and is not asked here.
  ///
  /// - Returns: the signer's subject.
  static func check(
    _ signer: Certificate, among certificates: [Certificate], trusted: [[UInt8]], at time: Instant
  ) async throws(PeerChartError) -> String {
    guard years.contains(time.millisecondsSinceEpoch), trusted.count <= mostTrusted else {
      throw untrusted
    }
    var roots: [Certificate] = []
    for der in trusted {
      guard let root = try? Certificate(derEncoded: der) else {
        throw PeerChartError(.invalid, "a certificate to trust does not follow its format")
      }
      roots.append(root)
    }
    let date = Date(timeIntervalSince1970: Double(time.millisecondsSinceEpoch / 1000))
    var verifier = Verifier(rootCertificates: CertificateStore(roots)) {
      RFC5280Policy(fixedExpiryValidationTime: date)
      TimeStampingPolicy()
    }
    let result = await verifier.validate(
      leaf: signer, intermediates: CertificateStore(certificates))
    guard case .validCertificate = result else { throw untrusted }
    return VisibleName.text(String(describing: signer.subject))
  }

  private static let untrusted = PeerChartError(
    .integrity, "the time-stamp is not signed by an authority that is trusted for it")
}

/// What RFC 3161 section 2.3 asks of the signer: extended key usage time-stamping, critical, and no other; a
/// key that may sign; and nothing on the path signed with what is broken.
private struct TimeStampingPolicy: VerifierPolicy {
  let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [.X509ExtensionID.extendedKeyUsage]

  func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult {
    let leaf = chain.leaf
    let stated = leaf.extensions.first { $0.oid == .X509ExtensionID.extendedKeyUsage }
    guard chain.count > 1, let stated, stated.critical,
      let usages = try? leaf.extensions.extendedKeyUsage.map(Array.init),
      usages == [.timeStamping], Self.maySign(leaf)
    else { return .failsToMeetPolicy(reason: "not for time-stamping") }
    let isSound = chain.dropLast().allSatisfy { Self.signatures.contains($0.signatureAlgorithm) }
    return isSound ? .meetsPolicy : .failsToMeetPolicy(reason: "a signature of an old kind")
  }

  private static let signatures: Set<Certificate.SignatureAlgorithm> = [
    .ecdsaWithSHA256, .ecdsaWithSHA384, .ecdsaWithSHA512, .sha256WithRSAEncryption,
    .sha384WithRSAEncryption, .sha512WithRSAEncryption,
  ]

  /// Whether the key usage, if stated, has digitalSignature or nonRepudiation. Its bit string is looked at
  /// here: the library's own reader stops the program at some forms of it.
  private static func maySign(_ certificate: Certificate) -> Bool {
    let usage = certificate.extensions.first { $0.oid == .X509ExtensionID.keyUsage }
    guard let value = usage.map({ Array($0.value) }) else { return true }
    return (4...5).contains(value.count) && value[0] == 3 && Int(value[1]) == value.count - 2
      && value[2] < 8 && value[3] & 0xC0 != 0
  }
}

/// A name out of a certificate, for people: one line, bounded, without characters that turn the writing.
enum VisibleName {
  static func text(_ name: String) -> String {
    let scalars = name.unicodeScalars.prefix(256).map { scalar -> Unicode.Scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse:
        "\u{FFFD}"
      default: scalar
      }
    }
    return String(String.UnicodeScalarView(scalars))
  }
}
