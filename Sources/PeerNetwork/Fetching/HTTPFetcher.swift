import AsyncHTTPClient
public import Exchange
import Identity
public import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Primitives

/// The way to servers of others: SMART Health Links and the keys of those who issue health cards.
///
/// As for the endpoints of subscriptions, a name is looked up here and the call goes to the very address that
/// was looked at; redirects are answers like any other failure.
public final class HTTPFetcher: WebFetcher {
  private static let connectSeconds: Int64 = 10
  private static let wholeSeconds: Int64 = 60

  private let resolver = HostResolver()
  private let tls: TLSConfiguration
  private let logger: Logger

  /// - Parameter authorities: a file of CA certificates (PEM) that are trusted besides the system's.
  /// - Throws: `invalid` when the certificates cannot be read.
  public init(authorities: String? = nil, logger: Logger) throws {
    self.logger = logger
    tls = try .outside(trusting: authorities, from: "--ca")
  }

  public func fetch(_ request: OutgoingFetch) async throws -> FetchedAnswer {
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow,
      timeout: .init(connect: .seconds(Self.connectSeconds)))
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    if !request.isNamedHost {
      guard request.address.endpoint.isSecure else {
        throw PeerChartError(.forbidden, "others are asked by https only")
      }
      let address = try await resolver.publicAddress(of: request.address.endpoint.host)
      if case .dns(let name) = request.address.endpoint.host {
        configuration.dnsOverride = [name: address]
      }
    }
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let outcome: Result<FetchedAnswer, any Error>
    do { outcome = .success(try await send(request, client)) } catch { outcome = .failure(error) }
    do { try await client.shutdown() } catch {
      logger.warning("a connection to somebody else's server did not close cleanly")
    }
    return try outcome.get()
  }

  private func send(_ fetch: OutgoingFetch, _ client: HTTPClient) async throws -> FetchedAnswer {
    var request = HTTPClientRequest(url: fetch.address.url)
    request.method = fetch.method == "POST" ? .POST : .GET
    request.headers.add(name: "User-Agent", value: "peerchart")
    if let type = fetch.contentType {
      request.headers.add(name: "Content-Type", value: type)
      request.body = .bytes(fetch.body.exposed)
    }
    do {
      let response = try await client.execute(request, timeout: .seconds(Self.wholeSeconds))
      var body: [UInt8] = []
      for try await part in response.body {
        guard part.readableBytes <= fetch.limit - body.count else {
          throw PeerChartError(.tooLarge, "the other side's answer is too large")
        }
        body += Array(buffer: part)
      }
      return FetchedAnswer(status: Int(response.status.code), body: body)
    } catch let error as PeerChartError {
      throw error
    } catch let error where error is CancellationError || Task.isCancelled {
      throw CancellationError()
    } catch {
      throw PeerChartError(.unreachable, "the other side does not answer", cause: error)
    }
  }
}
