import Primitives

/// What a member of a trust community signs: a text that carries the certificates of its signer (UDAP
/// Security STU 2 section 1.2). The chain leads to a configured anchor, and the signer's certificate
/// names the URI that the text says it comes from.
struct CertifiedStatement {
  let claims: OAuthJSON
  let algorithm: SignatureAlgorithm
  /// The signer's URI.
  let issuer: String

  /// - Throws: `unauthenticated`, `malformed`, `notSupported` or `tooLarge`.
  init(verifying text: String, anchors: CertificateAnchors, at now: Instant) async throws {
    let token = try CompactJWS(parsing: text, as: ClientAssertion.certified)
    let signer = try await anchors.signer(of: token.certificates, at: now)
    claims = try token.verify(with: [signer.key])
    algorithm = token.algorithm
    issuer = try await Self.issuer(claims, signer)
  }

  /// The URI of the certificate under which the statement is made. An assertion names its client
  /// instead; then the certificate must have just one URI.
  private static func issuer(
    _ claims: OAuthJSON, _ signer: CertificateAnchors.Signer
  ) async throws -> String {
    let named = try ClaimReader(claims: claims).text("iss", limit: 2048)
    if let uri = signer.uris.first(where: { $0.isIdentical(to: named) }) { return uri }
    guard signer.uris.count == 1, let only = signer.uris.first else {
      throw PeerChartError(.unauthenticated, "the certificate does not name the issuer")
    }
    return only
  }
}
