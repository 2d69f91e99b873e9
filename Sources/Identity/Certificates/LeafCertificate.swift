import Crypto
public import Primitives
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A node's TLS certificate, used as server and as client. Renewing it keeps the key.
public struct LeafCertificate: Sendable {
  /// Largest certificate in bytes.
  public static let maximumLength = 8192
  /// The most hosts that one certificate names.
  public static let maximumHosts = 32

  /// The certificate in DER.
  public let der: [UInt8]
  /// The end of its time.
  public let expires: Instant

  /// The certificate in PEM.
  public var pem: String { PEM.certificate(der) }

  /// Whether it is time for another: less than a third of its life is left.
  public func isDueForRenewal(at now: Instant) -> Bool {
    now.adding(seconds: Int64(CertificateProfile.leafLifetime / 3)) > expires
  }

  /// Makes a certificate of 397 days for these hosts and for the machine itself (`localhost`,
  /// `127.0.0.1`, `::1`).
  ///
  /// - Throws: `invalid` when the authority is not of these keys, or for too many hosts.
  public init(
    hosts: [HostName], keys: NodeKeys, authority: AuthorityCertificate, now: Instant,
    random: any RandomSource
  ) throws {
    guard authority.node == keys.node,
      authority.publicKeyBytes == Array(keys.authority.publicKey.x963Representation)
    else {
      throw PeerChartError(.invalid, "the authority's certificate is not this node's")
    }
    guard hosts.count <= Self.maximumHosts else {
      throw PeerChartError(.invalid, "a certificate names \(Self.maximumHosts) hosts at most")
    }
    let key = Certificate.PublicKey(keys.leaf.publicKey)
    let start = try CertificateProfile.start(now)
    let end = start.addingTimeInterval(CertificateProfile.leafLifetime)
    do {
      let certificate = try Certificate(
        version: .v3, serialNumber: CertificateProfile.serialNumber(random), publicKey: key,
        notValidBefore: start, notValidAfter: end, issuer: authority.certificate.subject,
        subject: CertificateProfile.leafSubject(node: keys.node),
        signatureAlgorithm: .ecdsaWithSHA256,
        extensions: CertificateProfile.leafExtensions(
          key, authority: authority.certificate.publicKey, names: Self.names(hosts)),
        issuerPrivateKey: Certificate.PrivateKey(keys.authority))
      der = try CertificateProfile.der(certificate)
    } catch {
      throw PeerChartError(.invalid, "the node's certificate cannot be made", cause: error)
    }
    expires = Instant(millisecondsSinceEpoch: Int64(end.timeIntervalSince1970) * 1000)
  }

  private static func names(_ hosts: [HostName]) -> SubjectAlternativeNames {
    let own: [HostName] = [
      .dns("localhost"), .ipv4([127, 0, 0, 1]), .ipv6([UInt8](repeating: 0, count: 15) + [1]),
    ]
    var seen: Set<HostName> = []
    return SubjectAlternativeNames(
      (hosts + own).filter { seen.insert($0).inserted }.map { host in
        switch host {
        case .dns(let name): .dnsName(name)
        case .ipv4(let bytes), .ipv6(let bytes):
          .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
        }
      })
  }
}
