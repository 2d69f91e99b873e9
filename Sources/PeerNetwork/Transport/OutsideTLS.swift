import NIOSSL
import Primitives

extension TLSConfiguration {
  /// For calls to servers that are no paired nodes: TLS 1.2 or newer, certificates checked against the system's
  /// authorities.
  ///
  /// - Parameters:
  ///   - authorities: a file of CA certificates (PEM) that are trusted besides.
  ///   - option: what names the file; the place of the error.
  /// - Throws: `invalid` when the certificates cannot be read.
  static func outside(
    trusting authorities: String?, from option: String
  ) throws(PeerChartError) -> TLSConfiguration {
    var tls = makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    guard let authorities else { return tls }
    do {
      tls.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(authorities))]
    } catch {
      throw PeerChartError(
        .invalid, "the certificates to trust cannot be read", place: option, cause: error)
    }
    return tls
  }
}
