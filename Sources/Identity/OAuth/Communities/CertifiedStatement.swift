import Primitives

/// What a member of a trust community signs: a text that carries the certificates of its signer (UDAP
/// Security STU 2 section 1.2). The chain leads to a configured anchor.
struct CertifiedStatement {
  let claims: OAuthJSON
  let algorithm: SignatureAlgorithm
  /// The URIs that the signer's certificate names.
  let uris: [String]

  /// - Throws: `unauthenticated`, `malformed`, `notSupported` or `tooLarge`.
  init(verifying text: String, anchors: CertificateAnchors, at now: Instant) async throws {
    let token = try CompactJWS(parsing: text, as: ClientAssertion.certified)
    let signer = try await anchors.signer(of: token.certificates, at: now)
    claims = try token.verify(with: [signer.key])
    algorithm = token.algorithm
    uris = signer.uris
  }

  /// Whether the signer's certificate is one for this URI.
  func isSigned(by uri: String) -> Bool { uris.contains { $0.isIdentical(to: uri) } }
}
