import Primitives
import SwiftASN1
import X509

/// The attestation statement "packed" (WebAuthn section 8.2).
struct PackedAttestation {
  private static let place = "attStmt"
  private static let longestCertificate = 8192
  private static let mostCertificates = 5

  private let algorithm: Int64
  private let signature: [UInt8]
  /// Nil where the new key itself has signed.
  private let certificate: Certificate?

  /// - Throws: `malformed` or `tooLarge`.
  init(_ statement: CBORMap) throws(PeerChartError) {
    guard let algorithm = statement["alg"]?.int, let signature = statement["sig"]?.bytes else {
      throw Self.fault
    }
    self.algorithm = algorithm
    self.signature = signature
    guard let chain = statement["x5c"] else {
      guard statement.hasOnly(["alg", "sig"]) else { throw Self.fault }
      certificate = nil
      return
    }
    guard statement.hasOnly(["alg", "sig", "x5c"]), let items = chain.array,
      (1...Self.mostCertificates).contains(items.count),
      items.allSatisfy({ ($0.bytes?.count ?? .max) <= Self.longestCertificate }),
      let der = items.first?.bytes, let leaf = try? Certificate(derEncoded: der)
    else { throw Self.fault }
    certificate = leaf
  }

  /// - Throws: `integrity` when the signature does not hold, `malformed` when the certificate is not
  ///   as section 8.2.1 wants it.
  func verify(
    _ credential: AuthenticatorData.Credential, message: [UInt8]
  ) throws(PeerChartError) -> Passkey.Attestation {
    guard let certificate else {
      guard algorithm == credential.publicKey.algorithm.rawValue,
        credential.publicKey.isValid(signature: signature, for: message)
      else { throw Self.broken }
      return .itself
    }
    guard let algorithm = Self.signatureAlgorithm(algorithm),
      certificate.publicKey.isValidSignature(
        signature, for: message, signatureAlgorithm: algorithm)
    else { throw Self.broken }
    try Self.check(certificate, aaguid: credential.aaguid)
    return .certificate
  }

  private static func signatureAlgorithm(_ number: Int64) -> Certificate.SignatureAlgorithm? {
    switch number {
    case -7: .ecdsaWithSHA256
    case -35: .ecdsaWithSHA384
    case -36: .ecdsaWithSHA512
    case -8: .ed25519
    case -257: .sha256WithRSAEncryption
    default: nil
    }
  }

  /// Version 3, the unit "Authenticator Attestation", no authority, and the model it names if any.
  private static func check(
    _ certificate: Certificate, aaguid: [UInt8]
  ) throws(PeerChartError) {
    let units = certificate.subject.flatMap(\.self).filter {
      $0.type == .RDNAttributeType.organizationalUnitName
    }
    let isAuthority: Bool
    switch try? certificate.extensions.basicConstraints {
    case .notCertificateAuthority: isAuthority = false
    default: isAuthority = true
    }
    guard certificate.version == .v3, !isAuthority,
      units.contains(where: { String(describing: $0.value) == "Authenticator Attestation" })
    else { throw fault }
    // id-fido-gen-ce-aaguid: an octet string in the octet string that every extension is.
    let model = certificate.extensions.first { $0.oid == [1, 3, 6, 1, 4, 1, 45724, 1, 1, 4] }
    if let model, model.critical || Array(model.value) != [4, 16] + aaguid { throw fault }
  }

  private static var fault: PeerChartError {
    PeerChartError(.malformed, "an attestation statement does not follow its format", place: place)
  }

  private static var broken: PeerChartError {
    PeerChartError(.integrity, "the signature of an attestation does not hold", place: place)
  }
}
