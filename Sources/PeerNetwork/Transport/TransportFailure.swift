import AsyncHTTPClient
import NIOSSL
import Primitives

/// What a failed call means for the caller.
enum TransportFailure {
  /// `integrity` if somebody answered who cannot show the pinned certificate; otherwise
  /// `unreachable`, whatever the network's reason was.
  static func describe(_ error: any Error) -> any Error {
    if error is CancellationError { return error }
    if let error = error as? HTTPClientError, error == .cancelled { return CancellationError() }
    if let error = error as? PeerChartError { return error }
    guard let error = error as? NIOSSLError, case .handshakeFailed(let failure) = error,
      case .sslError(let stack) = failure,
      stack.contains(where: { $0.description.contains("CERTIFICATE_VERIFY_FAILED") })
    else {
      return PeerChartError(
        .unreachable, "the peer cannot be reached at this address", cause: error)
    }
    return PeerChartError(
      .integrity, "another node answers at the peer's address, or its certificate is not valid",
      cause: error)
  }
}
