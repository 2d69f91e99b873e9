import Exchange
import NIOSSL
import Primitives

/// TLS configurations of connections to peers: TLS 1.3 only.
struct PeerTLS: Sendable {
  private let chain: [NIOSSLCertificateSource]
  private let key: NIOSSLPrivateKeySource

  /// - Throws: `invalid` when the chain or the key cannot be read.
  init(_ identity: TLSIdentity) throws(PeerChartError) {
    do {
      chain = try identity.certificateChain.map {
        .certificate(try NIOSSLCertificate(bytes: $0, format: .der))
      }
      key = .privateKey(
        try NIOSSLPrivateKey(bytes: Array(identity.privateKeyPEM.exposed.utf8), format: .pem))
    } catch {
      throw PeerChartError(.invalid, "the TLS certificate or key cannot be used", cause: error)
    }
  }

  /// To a paired node: the certificate pinned at pairing is the only authority.
  ///
  /// That authority is the peer's own and signs nothing but its own leaves, so whoever shows a leaf
  /// under it holds the peer's keys; the leaf's name says nothing more. Host names are not compared:
  /// a peer is who its keys say it is, wherever it is.
  ///
  /// - Throws: `integrity` when the pinned certificate cannot be read.
  func pinned(toAuthority der: [UInt8]) throws(PeerChartError) -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv13
    configuration.certificateVerification = .noHostnameVerification
    do {
      configuration.trustRoots = .certificates([try NIOSSLCertificate(bytes: der, format: .der)])
    } catch {
      throw PeerChartError(.integrity, "the peer's pinned certificate cannot be read", cause: error)
    }
    configuration.certificateChain = chain
    configuration.privateKey = key
    return configuration
  }

  /// To a node that is not paired yet, so nothing is pinned and the certificate proves nothing.
  ///
  /// Somebody in the middle can read and change what passes here, but gains nothing: the answer is
  /// signed, and `Exchange` takes it only from the keys whose fingerprint stands in the invitation,
  /// which came by another way. The request holds what an identity document says in public, and a
  /// proof that is good for this invitation only. Our own certificate is not shown.
  static var unverified: TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv13
    configuration.certificateVerification = .none
    return configuration
  }
}
