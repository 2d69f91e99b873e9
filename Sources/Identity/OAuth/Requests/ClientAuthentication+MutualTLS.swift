public import Primitives

extension ClientAuthentication {
  /// Checks that the client is the one registered by the certificate that it showed in the TLS handshake,
  /// which proves that it has the key (RFC 8705 section 2).
  ///
  /// - Parameters:
  ///   - certificate: of the connection, in DER; nil where none was shown.
  ///   - anchors: the communities whose members are known by their names.
  /// - Throws: `invalid_client`.
  public func verify(
    _ client: RegisteredClient, certificate: [UInt8]?, anchors: CertificateAnchors, at now: Instant
  ) async throws(OAuthError) {
    guard case .named(let id) = self, id.isIdentical(to: client.id),
      client.metadata.authentication.isMutualTLS
    else {
      throw OAuthError(.invalidClient, "the client is registered to authenticate in another way")
    }
    guard let certificate else {
      throw OAuthError(.invalidClient, "the client's certificate was not shown")
    }
    let isRight: Bool
    do {
      switch (client.metadata.certificateName, client.metadata.keys) {
      case (let name?, _):
        isRight = try await anchors.holder(of: certificate, at: now).isNamed(name)
      case (nil, .registered(let keys)):
        let thumbprint = try CertificateAnchors.key(ofCertificate: certificate).thumbprint
        isRight = keys.keys.contains { $0.thumbprint == thumbprint }
      default: isRight = false
      }
    } catch let error as PeerChartError { throw OAuthError(.invalidClient, error) } catch {
      throw OAuthError(.invalidClient, "the certificate cannot be read")
    }
    guard isRight else { throw OAuthError(.invalidClient, "the certificate is not the client's") }
  }
}
