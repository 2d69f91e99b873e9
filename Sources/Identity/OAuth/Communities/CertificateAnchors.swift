import Crypto
import CryptoExtras
import Primitives
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The certificates of the trust communities whose members may register here (UDAP). The operator
/// configures them; none are built in, and those of the operating system do not count.
public struct CertificateAnchors: Sendable {
  /// Largest certificate in bytes.
  public static let maximumLength = 8192

  struct Signer {
    let key: JSONWebKey
    /// The subject as RFC 4514 writes it.
    let subject: String
    let uris: [String]
    let dnsNames: [String]

    /// Whether the certificate bears a name.
    func isNamed(_ name: (kind: ClientMetadata.CertificateName, value: String)) -> Bool {
      switch name.kind {
      case .subject: subject.isIdentical(to: name.value)
      case .dns: dnsNames.contains { $0.isIdentical(to: name.value) }
      case .uri: uris.contains { $0.isIdentical(to: name.value) }
      }
    }
  }

  private let roots: [Certificate]

  /// - Throws: `malformed` or `tooLarge` for what is no certificate.
  public init(der: [[UInt8]]) throws {
    roots = try der.map { try Self.parse($0) }
  }

  private static func parse(_ der: [UInt8]) throws -> Certificate {
    guard der.count <= maximumLength else {
      throw PeerChartError(.tooLarge, "a certificate is larger than \(maximumLength) bytes")
    }
    do { return try Certificate(derEncoded: der) } catch {
      throw PeerChartError(.malformed, "a certificate does not follow its format", cause: error)
    }
  }

  /// Follows a chain from its first certificate to an anchor (RFC 5280 section 6): signatures, dates,
  /// basic constraints, name constraints.
  ///
  /// - Throws: `unauthenticated` where no chain leads to an anchor; `malformed`, `tooLarge`,
  ///   `notSupported` for a key that is not offered.
  func signer(of chain: [[UInt8]], at now: Instant) async throws -> Signer {
    let certificates = try chain.map { try Self.parse($0) }
    guard let leaf = certificates.first, !roots.isEmpty else {
      throw PeerChartError(.unauthenticated, "no trust community is configured")
    }
    let time = Date(timeIntervalSince1970: Double(now.epochSeconds))
    var verifier = Verifier(rootCertificates: CertificateStore(roots)) {
      RFC5280Policy(fixedExpiryValidationTime: time)
    }
    let result = await verifier.validate(
      leaf: leaf, intermediates: CertificateStore(certificates.dropFirst()))
    guard case .validCertificate = result else {
      throw PeerChartError(.unauthenticated, "the certificates lead to no trusted community")
    }
    return try Self.signer(leaf)
  }

  /// Whom a certificate shows in a TLS handshake: for what is for that, and leads to an anchor.
  ///
  /// - Throws: as `signer`.
  func holder(of certificate: [UInt8], at now: Instant) async throws -> Signer {
    let leaf = try Self.parse(certificate)
    guard !roots.isEmpty else {
      throw PeerChartError(.unauthenticated, "no trust community is configured")
    }
    var verifier = Verifier(rootCertificates: CertificateStore(roots)) {
      RFC5280Policy(
        fixedExpiryValidationTime: Date(timeIntervalSince1970: Double(now.epochSeconds)))
      ClientCertificatePolicy()
    }
    guard
      case .validCertificate = await verifier.validate(
        leaf: leaf, intermediates: CertificateStore())
    else {
      throw PeerChartError(.unauthenticated, "the certificate leads to no trusted community")
    }
    return try Self.signer(leaf)
  }

  /// The key of a certificate, whoever made it.
  ///
  /// - Throws: `malformed`, `tooLarge`, `notSupported`.
  static func key(ofCertificate der: [UInt8]) throws -> JSONWebKey {
    try key(parse(der).publicKey)
  }

  /// What a certificate for signatures says of its owner.
  private static func signer(_ leaf: Certificate) throws -> Signer {
    let usage: KeyUsage?
    let names: SubjectAlternativeNames?
    do {
      usage = try leaf.extensions.keyUsage
      names = try leaf.extensions.subjectAlternativeNames
    } catch {
      throw PeerChartError(.malformed, "a certificate's extension is damaged", cause: error)
    }
    guard usage?.digitalSignature != false else {
      throw PeerChartError(.unauthenticated, "the certificate is not for signatures")
    }
    var uris: [String] = []
    var dnsNames: [String] = []
    for name in names ?? SubjectAlternativeNames() {
      switch name {
      case .uniformResourceIdentifier(let uri): uris.append(uri)
      case .dnsName(let dns): dnsNames.append(dns)
      default: continue
      }
    }
    return Signer(
      key: try key(leaf.publicKey), subject: String(describing: leaf.subject), uris: uris,
      dnsNames: dnsNames)
  }

  private static func key(_ key: Certificate.PublicKey) throws -> JSONWebKey {
    if let key = P256.Signing.PublicKey(key) {
      return JSONWebKey(material: .p256(key), keyID: nil, algorithm: nil)
    }
    if let key = P384.Signing.PublicKey(key) {
      return JSONWebKey(material: .p384(key), keyID: nil, algorithm: nil)
    }
    guard let key = _RSA.Signing.PublicKey(key), let numbers = try? key.getKeyPrimitives() else {
      throw PeerChartError(.notSupported, "a certificate with a key that is not offered")
    }
    // Through the same rules as a key that comes as JSON.
    return try JSONWebKey(
      .object([
        "kty": .string("RSA"), "n": .string(Base64URL.encode(Array(numbers.modulus))),
        "e": .string(Base64URL.encode(Array(numbers.publicExponent))),
      ]))
  }
}
