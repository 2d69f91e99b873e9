import Crypto
import Identity
public import Primitives
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension HealthCardKey {
  /// What is wrong with the certificates of a key that has some (`x5c`, RFC 7517 section 4.7): the first is of
  /// this key and names the issuer's address, and each is signed by the next. Whether the last is to be
  /// trusted, they cannot say.
  ///
  /// - Parameters:
  ///   - issuer: the issuer's address; nil asks only whether the certificate names one at all.
  ///   - time: when the certificates must be good; nil: not asked.
  public func certificateFindings(issuer: String?, at time: Instant? = nil) -> [HealthCardFinding] {
    guard hasCertificates else { return [] }
    func finding(_ code: HealthCardFinding.Code, _ text: String) -> HealthCardFinding {
      HealthCardFinding(code, text, place: "x5c")
    }
    guard certificates.allSatisfy({ $0.count <= 16 << 10 }),
      let chain = try? certificates.map({ try Certificate(derEncoded: $0) }),
      let first = chain.first
    else { return [finding(.certificateForm, "a certificate does not follow its format")] }
    var findings: [HealthCardFinding] = []
    if !isOf(first) {
      findings.append(finding(.certificateKey, "the certificate is of another key"))
    }
    if !Self.names(first, issuer) {
      findings.append(
        finding(.certificateName, "the certificate does not name the issuer's address"))
    }
    let isChain = zip(chain, chain.dropFirst()).allSatisfy { certificate, signer in
      certificate.issuer == signer.subject
        && signer.publicKey.isValidSignature(certificate.signature, for: certificate)
    }
    if !isChain {
      findings.append(
        finding(.certificateChain, "the certificates do not lead from one to the next"))
    }
    if let time {
      let date = Date(timeIntervalSince1970: Double(time.millisecondsSinceEpoch) / 1000)
      if !chain.allSatisfy({ $0.notValidBefore <= date && date <= $0.notValidAfter }) {
        findings.append(finding(.certificateTime, "a certificate was not good at that time"))
      }
    }
    return findings
  }

  private func isOf(_ certificate: Certificate) -> Bool {
    guard let key, let other = P256.Signing.PublicKey(certificate.publicKey) else { return false }
    let point = Array(other.rawRepresentation)
    let jwk = """
      {"crv":"P-256","kty":"EC","x":"\(Base64URL.encode(point.prefix(32)))",\
      "y":"\(Base64URL.encode(point.dropFirst(32)))"}
      """
    return key.thumbprint == Base64URL.encode(Array(SHA256.hash(data: Array(jwk.utf8))))
  }

  private static func names(_ certificate: Certificate, _ issuer: String?) -> Bool {
    let names = (try? certificate.extensions.subjectAlternativeNames).flatMap { $0 }
    let addresses: [String] =
      names?.compactMap { name in
        if case .uniformResourceIdentifier(let address) = name { address } else { nil }
      } ?? []
    guard let issuer else { return addresses.contains { $0.hasPrefix("https://") } }
    return addresses.contains { $0.utf8.elementsEqual(issuer.utf8) }
  }
}
