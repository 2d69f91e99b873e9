package import Exchange
import HTTPTypes
import Hummingbird
package import Logging
import NIOCore
import Primitives

/// A request as plain values, for those who are in the same process and have no socket.
package struct DirectRequest: Sendable {
  package var method: String
  /// Path and query.
  package var target: String
  package var fields: [(name: String, value: String)]
  package var body: [UInt8]
  /// Where it comes from, and the certificate shown, as a connection would say.
  package var address: String?
  package var certificate: [UInt8]?
  package var isTLS = true

  package init(
    _ method: String, _ target: String, fields: [(name: String, value: String)] = [],
    body: [UInt8] = [], address: String? = "127.0.0.1", certificate: [UInt8]? = nil
  ) {
    self.method = method
    self.target = target
    self.fields = fields
    self.body = body
    self.address = address
    self.certificate = certificate
  }
}

/// The answer to one.
package struct DirectAnswer: Sendable {
  package let status: Int
  /// By their names in lower case; of a repeated one the last.
  package let fields: [String: String]
  /// Empty for a stream of events, which has no end.
  package let body: [UInt8]
}

/// The node's routes without a listener: what comes in here goes the way of every request, from finding its
/// route on.
package struct DirectDoor: Sendable {
  private let responder: NodeResponder

  package init(
    exchange: Exchange, configuration: NodeServerConfiguration, logger: Logger
  ) throws {
    responder = try NodeResponder(
      exchange: exchange, configuration: configuration, readiness: Readiness(listeners: 1),
      logger: logger)
  }

  /// - Throws: `malformed` for what no HTTP client could send.
  package func answer(_ request: DirectRequest) async throws -> DirectAnswer {
    guard let method = HTTPRequest.Method(rawValue: request.method) else {
      throw PeerChartError(.malformed, "this is no method")
    }
    var fields = HTTPFields()
    for (name, value) in request.fields {
      guard let name = HTTPField.Name(name) else {
        throw PeerChartError(.malformed, "this is no field name")
      }
      fields.append(HTTPField(name: name, value: value))
    }
    let head = HTTPRequest(
      method: method, scheme: request.isTLS ? "https" : "http", authority: "node.example",
      path: request.target, headerFields: fields)
    let connection = Connection(
      isTLS: request.isTLS, remoteAddress: request.address, certificate: request.certificate)
    let body = RequestBody(buffer: ByteBuffer(bytes: request.body))
    let response = try await Connection.$current.withValue(connection) {
      try await responder.respond(to: Request(head: head, body: body))
    }
    let collected = Collected()
    if response.headers[.contentType] != "text/event-stream" {
      try await response.body.write(collected)
    }
    return DirectAnswer(
      status: response.status.code,
      fields: response.headers.reduce(into: [:]) { $0[$1.name.canonicalName] = $1.value },
      body: collected.bytes)
  }
}

/// Keeps what a response writes.
private final class Collected: ResponseBodyWriter {
  private(set) var bytes: [UInt8] = []
  func write(_ buffer: ByteBuffer) async throws { bytes += Array(buffer.readableBytesView) }
  func finish(_ trailers: HTTPFields?) async throws {}
}
