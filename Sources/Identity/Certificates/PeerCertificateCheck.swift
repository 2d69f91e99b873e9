import Crypto
public import Primitives
import X509

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Decides whether the certificate that the other side of a TLS connection showed is that of one
/// pinned peer. It stands in for the chain building of a TLS library, which trusts many and asks
/// little: here one authority is trusted, for one name, in one shape.
public struct PeerCertificateCheck: Sendable {
  private let authority: AuthorityCertificate

  /// - Parameter authority: the authority's certificate, from the peer's identity statement.
  public init(authority: AuthorityCertificate) { self.authority = authority }

  /// The peer's name, if `der` is a certificate of it and `now` lies in its time, give or take ten
  /// minutes. That the peer also holds the key is what the TLS handshake shows.
  ///
  /// - Throws: `unauthenticated` when the certificate is not the peer's, `malformed` or `tooLarge`
  ///   when it is none, `integrity` when it is not of the shape that nodes use.
  public func verify(leaf der: [UInt8], at now: Instant) throws -> NodeID {
    let leaf = try CertificateProfile.parse(der, limit: LeafCertificate.maximumLength)
    let issuer = authority.certificate
    // The signature comes first: nothing else in the bytes matters before it holds.
    guard issuer.publicKey.isValidSignature(leaf.signature, for: leaf) else {
      throw PeerChartError(
        .unauthenticated, "the peer's certificate is not signed by the pinned key")
    }
    guard leaf.issuer == issuer.subject,
      leaf.subject == (try CertificateProfile.leafSubject(node: authority.node))
    else {
      throw PeerChartError(.unauthenticated, "the peer's certificate carries another name")
    }
    guard CertificateProfile.isValid(leaf, at: now), CertificateProfile.isValid(issuer, at: now)
    else {
      throw PeerChartError(
        .unauthenticated, "the peer's certificate is not valid now: look at both clocks")
    }
    try requireProfile(leaf, issuer: issuer)
    return authority.node
  }

  /// Which peer a certificate claims to be, so that its pinned authority can be looked up.
  /// **Nothing is verified**; returns nil for anything but the one form of the name.
  public static func claimedNode(inLeaf der: [UInt8]) -> NodeID? {
    guard let leaf = try? CertificateProfile.parse(der, limit: LeafCertificate.maximumLength),
      leaf.subject.count == 1, let relative = leaf.subject.first, relative.count == 1,
      let attribute = relative.first, attribute.type == .RDNAttributeType.commonName,
      let text = String(attribute.value), let node = NodeID(text),
      leaf.subject == (try? CertificateProfile.leafSubject(node: node))
    else { return nil }
    return node
  }

  private func requireProfile(_ leaf: Certificate, issuer: Certificate) throws {
    let expected = try CertificateProfile.leafExtensions(
      leaf.publicKey, authority: issuer.publicKey, names: SubjectAlternativeNames())
    // The alternative names are the only part that a node chooses; they come last and are not read.
    guard leaf.extensions.count == expected.count,
      leaf.extensions.dropLast().elementsEqual(expected.dropLast()),
      let names = leaf.extensions.last, names.oid == .X509ExtensionID.subjectAlternativeName,
      !names.critical, leaf.publicKey != issuer.publicKey,
      leaf.notValidAfter.timeIntervalSince(leaf.notValidBefore) <= CertificateProfile.leafLifetime
    else {
      throw PeerChartError(.integrity, "the peer's certificate is not of the shape that nodes use")
    }
  }
}
