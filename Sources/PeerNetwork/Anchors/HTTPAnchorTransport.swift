import AsyncHTTPClient
public import Exchange
public import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Primitives

/// The way to chains, calendars and authorities: HTTPS with the system's trusted authorities, bounded in size
/// and time, without redirects.
public final class HTTPAnchorTransport: AnchorTransport {
  private let client: HTTPClient
  private let requestSeconds: Int64
  private let logger: Logger

  /// - Parameter requestSeconds: for a whole request and its answer.
  public init(requestSeconds: Int64 = 30, logger: Logger) {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow,
      timeout: .init(connect: .seconds(min(10, requestSeconds)), read: .seconds(requestSeconds)))
    configuration.httpVersion = .http1Only
    configuration.connectionPool.idleTimeout = .seconds(20)
    configuration.connectionPool.retryConnectionEstablishment = false
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    self.requestSeconds = requestSeconds
    self.logger = logger
  }

  /// Closes all connections. Must be called once before the transport is let go.
  public func shutdown() async {
    do { try await client.shutdown() } catch {
      logger.warning("the connections of anchors did not close cleanly")
    }
  }

  public func send(_ request: AnchorRequest) async throws -> (status: Int, body: [UInt8]) {
    var http = HTTPClientRequest(url: request.address.url)
    http.headers.add(name: "User-Agent", value: "peerchart")
    if let accept = request.accept { http.headers.add(name: "Accept", value: accept) }
    if let credentials = request.credentials {
      let encoded = Base64.encode(Array(credentials.exposed.utf8))
      http.headers.add(name: "Authorization", value: "Basic \(encoded)")
    }
    if let body = request.body {
      http.method = .POST
      if let type = request.contentType { http.headers.add(name: "Content-Type", value: type) }
      http.body = .bytes(ByteBuffer(bytes: body))
    }
    do {
      let response = try await client.execute(http, timeout: .seconds(requestSeconds))
      let length = response.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
      guard length <= request.limit else { throw Self.tooLarge }
      var body: [UInt8] = []
      for try await part in response.body {
        guard body.count + part.readableBytes <= request.limit else { throw Self.tooLarge }
        body += Array(buffer: part)
      }
      return (Int(response.status.code), body)
    } catch let error as PeerChartError {
      throw error
    } catch let error where error is CancellationError || Task.isCancelled {
      throw CancellationError()
    } catch {
      throw PeerChartError(.unreachable, "the place of anchors does not answer")
    }
  }

  private static let tooLarge = PeerChartError(
    .tooLarge, "the answer is longer than one may be")
}
