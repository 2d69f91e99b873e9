import Exchange
import Hummingbird
import Primitives

/// What nodes say to each other, and what says that a node is there.
struct PeerRoutes: Sendable {
  /// A pairing request is a few keys and certificates.
  private static let pairingBytes = 256 << 10
  /// A reason, a patient and a list of record types.
  private static let breakGlassBytes = 64 << 10

  let exchange: Exchange
  let authenticator: Authenticator
  let readiness: Readiness

  /// - Throws: whatever the use case throws.
  func answer(_ incoming: Incoming) async throws -> Response {
    switch incoming.route {
    case .live: return Answer.json(Array(#"{"status":"pass"}"#.utf8))
    case .ready:
      let isReady = readiness.isReady
      return Answer.json(
        Array(#"{"status":"\#(isReady ? "pass" : "fail")"}"#.utf8),
        status: isReady ? .ok : .serviceUnavailable)
    case .identity: return Answer.json(exchange.identityDocument())
    case .pairing:
      let body = try await BodyReader.read(incoming, limit: Self.pairingBytes)
      return Answer.json(
        try await exchange.pair(body, networkAddress: incoming.connection.remoteAddress))
    case .messages:
      let caller = try await authenticator.caller(of: incoming)
      guard case .peer = caller.identity else {
        throw PeerChartError(.forbidden, "messages are taken from paired nodes only")
      }
      let body = try await BodyReader.read(incoming, limit: exchange.limits.bodyBytes)
      return Answer.json(try await exchange.receive(message: body, from: caller))
    case .entity(let node): return Answer.json(try await exchange.publishedEntity(node))
    case .breakGlass:
      let caller = try await authenticator.caller(of: incoming)
      let body = try await BodyReader.read(incoming, limit: Self.breakGlassBytes)
      return Answer.json(try await exchange.breakTheGlass(body, as: caller))
    default: throw PeerChartError(.notFound, "there is nothing at this address")
    }
  }
}
