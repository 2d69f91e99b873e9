import AsyncHTTPClient
public import Exchange
public import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
public import Primitives

/// Fetches the files of bulk imports from the servers that the operator has named. Redirects are not
/// followed, and no credentials are sent.
public final class HTTPBulkSource: BulkSource {
  /// Bounds on one file.
  public struct Limits: Sendable {
    public var connectSeconds: Int64 = 10
    /// How long nothing may come in.
    public var idleSeconds: Int64 = 30
    /// For the whole file.
    public var fileSeconds: Int64 = 6 * 3600
    public var fileBytes: Int64 = 64 << 30

    public init() {}
  }

  private let servers: Set<ImportAddress>
  private let limits: Limits
  private let client: HTTPClient
  private let logger: Logger

  /// - Parameter authorities: a file of CA certificates (PEM) that are trusted besides the system's.
  /// - Throws: `invalid` when the certificates cannot be read.
  public init(
    _ servers: [ImportAddress], authorities: String? = nil, limits: Limits = Limits(),
    logger: Logger
  ) throws(PeerChartError) {
    self.servers = Set(servers)
    self.limits = limits
    self.logger = logger
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: try .outside(trusting: authorities, from: "--import-ca"),
      redirectConfiguration: .disallow,
      timeout: .init(
        connect: .seconds(limits.connectSeconds), read: .seconds(limits.idleSeconds)))
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// Closes all connections. Must be called once before the source is let go.
  public func shutdown() async {
    do { try await client.shutdown() } catch {
      logger.warning("the connections of imports did not close cleanly")
    }
  }

  public func allows(_ url: String) -> Bool {
    ImportAddress.server(of: url).map(servers.contains) ?? false
  }

  public func open(_ url: String) async throws -> any BulkStream {
    guard allows(url) else {
      throw PeerChartError(.invalid, "this node does not fetch from that address")
    }
    var request = HTTPClientRequest(url: url)
    request.headers = ["User-Agent": "peerchart", "Accept": "application/fhir+ndjson"]
    let response: HTTPClientResponse
    do {
      response = try await client.execute(request, timeout: .seconds(limits.fileSeconds))
    } catch { throw Self.failure(error) }
    switch response.status.code {
    case 200: break
    case 408, 425, 429, 500...:
      throw PeerChartError(
        .unreachable, "the server of the file answers \(response.status.code)")
    default:
      throw PeerChartError(
        .invalid, "the server of the file answers \(response.status.code), not with the file")
    }
    let length = response.headers.first(name: "Content-Length").flatMap { Int64($0) }
    guard length ?? 0 <= limits.fileBytes else { throw Self.tooLarge }
    return Stream(iterator: response.body.makeAsyncIterator(), left: limits.fileBytes)
  }

  private struct Stream: BulkStream {
    var iterator: HTTPClientResponse.Body.AsyncIterator
    var left: Int64

    mutating func next() async throws -> [UInt8]? {
      let part: ByteBuffer?
      do { part = try await iterator.next() } catch { throw HTTPBulkSource.failure(error) }
      guard let part else { return nil }
      left -= Int64(part.readableBytes)
      guard left >= 0 else { throw HTTPBulkSource.tooLarge }
      return Array(buffer: part)
    }
  }

  private static let tooLarge = PeerChartError(.tooLarge, "the file is larger than is taken")

  private static func failure(_ error: any Error) -> any Error {
    if error is CancellationError { return error }
    if let error = error as? HTTPClientError, error == .cancelled { return CancellationError() }
    return PeerChartError(
      .unreachable, "the file cannot be fetched, or breaks off", cause: error)
  }
}
