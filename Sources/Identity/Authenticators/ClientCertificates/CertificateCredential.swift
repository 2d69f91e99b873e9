public import Primitives

/// A client certificate that a person has enrolled: a smart card, a PIV card, a file in a browser.
///
/// The identity is the key, so that a card's certificate can be renewed; the names are for people to
/// look at and decide nothing.
public struct CertificateCredential: Hashable, Sendable, Codable {
  /// SHA-256 over the SubjectPublicKeyInfo.
  public let keyDigest: [UInt8]
  /// The subject's distinguished name, as text for people.
  public let subject: String
  /// The issuer's.
  public let issuer: String
  /// The user principal name (Microsoft's other name 1.3.6.1.4.1.311.20.2.3), if there is one.
  public let principalName: String?
  /// The first e-mail address, if there is one.
  public let emailAddress: String?
  /// When the certificate ends, in milliseconds since 1970.
  public let validUntilMilliseconds: Int64

  /// When the certificate ends.
  public var validUntil: Instant { Instant(millisecondsSinceEpoch: validUntilMilliseconds) }

  /// Whether both are of the same key.
  public func matches(_ other: CertificateCredential) -> Bool {
    constantTimeEqual(keyDigest, other.keyDigest)
  }
}
