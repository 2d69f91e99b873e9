import SwiftASN1
import X509

/// What RFC 5280 leaves to the application: that the certificate is for signing in (section 4.2.1.12),
/// that its key may sign (section 4.2.1.3), and that nothing on the path is signed with what is broken.
struct ClientCertificatePolicy: VerifierPolicy {
  let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
    .X509ExtensionID.extendedKeyUsage, .X509ExtensionID.subjectAlternativeName,
  ]

  func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult {
    let leaf = chain.leaf
    // An anchor stands at the end; a certificate that is its own anchor was issued by nobody.
    guard chain.count > 1, !Self.isAuthority(leaf), Self.maySign(leaf) else {
      return .failsToMeetPolicy(reason: "not a person's certificate")
    }
    guard let usages = Self.usages(leaf), usages.contains(.clientAuth) else {
      return .failsToMeetPolicy(reason: "not for signing in")
    }
    for issuer in chain.dropFirst() {
      // Authorities without the extension are for everything (CA/Browser Forum, section 7.1.2.10.6).
      guard let usages = Self.usages(issuer) else {
        return .failsToMeetPolicy(reason: "usages that cannot be read")
      }
      guard usages.isEmpty || usages.contains(.clientAuth) || usages.contains(.any) else {
        return .failsToMeetPolicy(reason: "an authority that may not vouch for people")
      }
    }
    let isSound = chain.dropLast().allSatisfy {
      Self.signatures.contains($0.signatureAlgorithm)
    }
    return isSound ? .meetsPolicy : .failsToMeetPolicy(reason: "a signature of an old kind")
  }

  /// All that the library verifies but SHA-1.
  private static let signatures: Set<Certificate.SignatureAlgorithm> = [
    .ecdsaWithSHA256, .ecdsaWithSHA384, .ecdsaWithSHA512, .ed25519, .sha256WithRSAEncryption,
    .sha384WithRSAEncryption, .sha512WithRSAEncryption,
  ]

  /// Nil when there is an extension that cannot be read.
  private static func usages(_ certificate: Certificate) -> [ExtendedKeyUsage.Usage]? {
    do {
      return try certificate.extensions.extendedKeyUsage.map(Array.init) ?? []
    } catch {
      return nil
    }
  }

  private static func isAuthority(_ certificate: Certificate) -> Bool {
    do {
      if case .isCertificateAuthority = try certificate.extensions.basicConstraints { return true }
      return false
    } catch {
      return true
    }
  }

  /// Whether the key usage, if stated, has digitalSignature. Its bit string is looked at here: the
  /// library's own reader stops the program at some forms of it.
  private static func maySign(_ certificate: Certificate) -> Bool {
    let usage = certificate.extensions.first { $0.oid == .X509ExtensionID.keyUsage }
    guard let value = usage.map({ Array($0.value) }) else { return true }
    return (4...5).contains(value.count) && value[0] == 3 && Int(value[1]) == value.count - 2
      && value[2] < 8 && value[3] & 0x80 != 0
  }
}
