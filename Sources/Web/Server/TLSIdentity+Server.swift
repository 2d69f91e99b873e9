import Exchange
import NIOCore
import NIOSSL
import Primitives

extension TLSIdentity {
  /// TLS 1.3, HTTP/1.1, and a client certificate if the client has one.
  ///
  /// - Throws: `invalid` when the chain or the key cannot be read.
  func serverConfiguration() throws(PeerChartError) -> TLSConfiguration {
    do {
      let chain = try certificateChain.map {
        NIOSSLCertificateSource.certificate(try NIOSSLCertificate(bytes: $0, format: .der))
      }
      let key = try NIOSSLPrivateKey(bytes: Array(privateKeyPEM.exposed.utf8), format: .pem)
      guard !chain.isEmpty else { throw PeerChartError(.invalid, "there is no certificate") }
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain, privateKey: .privateKey(key))
      configuration.minimumTLSVersion = .tlsv13
      configuration.applicationProtocols = ["http/1.1"]
      configuration.certificateVerification = .optionalVerification
      // Nothing is trusted by way of an authority: see `acceptAnyCertificate`.
      configuration.trustRoots = .certificates([])
      return configuration
    } catch {
      throw PeerChartError(.invalid, "the TLS certificate or key cannot be used", cause: error)
    }
  }

  /// Lets every client certificate through the handshake, which proves possession of its key.
  ///
  /// Whose certificate it is gets decided with each request, against the pins of paired nodes: so an
  /// unknown one gets an answer that says so, and an unpaired peer is shut out at once, in the
  /// middle of a connection.
  static let acceptAnyCertificate:
    @Sendable ([NIOSSLCertificate], EventLoopPromise<NIOSSLVerificationResult>) -> Void = {
      _, promise in promise.succeed(.certificateVerified)
    }
}
