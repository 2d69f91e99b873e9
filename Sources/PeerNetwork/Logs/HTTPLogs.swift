import AsyncHTTPClient
public import Exchange
public import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
public import Primitives

/// The way to logs and witnesses that are no paired nodes: HTTPS, and plain HTTP on this machine only.
/// Redirects are not followed, no credentials are sent, answers are bounded.
public final class HTTPLogs: OutsideLogs {
  private static let connectSeconds: Int64 = 10
  private static let answerSeconds: Int64 = 30
  /// A tile has 8 KiB, a checkpoint with many signatures less than this.
  private static let answerBytes = 256 << 10

  private let client: HTTPClient
  private let logger: Logger

  /// - Parameter authorities: a file of CA certificates (PEM) that are trusted besides the system's.
  /// - Throws: `invalid` when the certificates cannot be read.
  public init(authorities: String? = nil, logger: Logger) throws(PeerChartError) {
    self.logger = logger
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: try .outside(trusting: authorities, from: "--ca"),
      redirectConfiguration: .disallow,
      timeout: .init(connect: .seconds(Self.connectSeconds)))
    configuration.httpVersion = .http1Only
    configuration.connectionPool.idleTimeout = .seconds(20)
    configuration.connectionPool.retryConnectionEstablishment = false
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// Closes all connections. Must be called once before this is let go.
  public func shutdown() async {
    do { try await client.shutdown() } catch {
      logger.warning("the connections to logs did not close cleanly")
    }
  }

  public func log(_ request: LogRequest, at address: String) async throws -> PeerReply {
    guard ImportAddress.server(of: address) != nil, !address.contains(where: { "?#".contains($0) })
    else {
      throw PeerChartError(
        .invalid, "a log's address is written https://HOST[:PORT]/PATH", place: address)
    }
    var call = HTTPClientRequest(url: "\(address)/\(request.path)")
    call.headers = ["User-Agent": "peerchart"]
    if let body = request.body {
      call.method = .POST
      call.headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
      call.body = .bytes(body)
    }
    do {
      let response = try await client.execute(call, timeout: .seconds(Self.answerSeconds))
      var body: [UInt8] = []
      for try await part in response.body {
        guard part.readableBytes <= Self.answerBytes - body.count else {
          throw PeerChartError(.unreachable, "the log's answer is larger than is taken")
        }
        part.withUnsafeReadableBytes { body.append(contentsOf: $0) }
      }
      return PeerReply(
        status: Int(response.status.code),
        contentType: response.headers.first(name: "Content-Type"), body: body)
    } catch { throw Self.failure(error) }
  }

  private static func failure(_ error: any Error) -> any Error {
    if error is CancellationError || error is PeerChartError { return error }
    if let error = error as? HTTPClientError, error == .cancelled { return CancellationError() }
    return PeerChartError(
      .unreachable, "the log cannot be reached at this address", cause: error)
  }
}
