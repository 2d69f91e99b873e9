import Exchange
import HTTPTypes
import Hummingbird
import Primitives
import TransparencyLog

/// The node's log, open to everybody: hashes and signatures, of which none says anything about anybody. And
/// the door at which paired nodes have theirs cosigned.
struct LogRoutes: Sendable {
  let exchange: Exchange

  /// - Throws: whatever the use case throws.
  func answer(_ incoming: Incoming) async throws -> Response {
    switch incoming.route {
    case .logCheckpoint:
      return Answer.json(
        try await exchange.publishedCheckpoint().bytes, type: "text/plain; charset=utf-8",
        fields: [.cacheControl: "public, max-age=2"])
    case .logTile(let path):
      // What a tile holds never changes.
      return Answer.json(
        try await exchange.logTile(path: path), type: "application/octet-stream",
        fields: [.cacheControl: "public, max-age=31536000, immutable"])
    case .documentStatus(let key):
      // Good for this moment only: the next answer may be another.
      return Answer.json(try await exchange.documentStatus(key), type: "application/jose")
    case .addCheckpoint:
      let body = try await BodyReader.read(incoming, limit: AddCheckpointRequest.maximumLength)
      let answer = try await exchange.addCheckpoint(body)
      return Answer.json(
        answer.body, type: answer.contentType, status: HTTPResponse.Status(code: answer.status))
    default: throw PeerChartError(.notFound, "there is nothing at this address")
    }
  }
}
