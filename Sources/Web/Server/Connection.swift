import NIOCore
import NIOSSL
import Synchronization

/// What is known of the connection that a request came in on.
final class Connection: Sendable {
  /// The connection of the request that is being answered.
  @TaskLocal static var current: Connection?

  let isTLS: Bool
  /// The IP address of the other side.
  let remoteAddress: String?
  private let channel: (any Channel)?
  /// Asking the event loop costs a hop, so it is done once; the certificate cannot change in TLS 1.3.
  private let certificate = Mutex<Certificate>(.unasked)

  private enum Certificate {
    case unasked
    case none
    case shown(der: [UInt8])
  }

  init(channel: any Channel, isTLS: Bool) {
    self.channel = channel
    self.isTLS = isTLS
    remoteAddress = channel.remoteAddress?.ipAddress
  }

  /// The same for what a proxy passes on: the certificate that it showed is its own, and nobody's here.
  func forwarded(_ origin: ForwardedOrigin) -> Connection {
    guard origin != ForwardedOrigin(of: self) else { return self }
    return Connection(isTLS: origin.isTLS, remoteAddress: origin.address, certificate: nil)
  }

  /// What somebody says of a request that came in on no connection.
  init(isTLS: Bool, remoteAddress: String?, certificate: [UInt8]?) {
    channel = nil
    self.isTLS = isTLS
    self.remoteAddress = remoteAddress
    if let certificate { self.certificate.withLock { $0 = .shown(der: certificate) } }
  }

  /// The client's certificate in DER, nil if it showed none. Its key has been proved by the handshake,
  /// nothing else has been checked.
  func clientCertificate() async throws -> [UInt8]? {
    guard isTLS else { return nil }
    switch certificate.withLock({ $0 }) {
    case .none: return nil
    case .shown(let der): return der
    case .unasked:
      guard let channel else { return nil }
      let der = try await channel.nioSSL_peerCertificate().get().map { try $0.toDERBytes() }
      certificate.withLock { $0 = der.map(Certificate.shown) ?? .none }
      return der
    }
  }
}
