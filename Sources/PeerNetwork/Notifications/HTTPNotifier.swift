import AsyncHTTPClient
public import Exchange
import Identity
public import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Primitives

/// The way to the endpoints of subscriptions: HTTPS with the system's trusted authorities.
///
/// A name is looked up here and the call goes to the very address that was looked at, so that a name that
/// means something else a moment later leads nowhere else. Redirects are answers like any other failure.
public final class HTTPNotifier: NotificationTransport {
  private static let answerBytes = 64 << 10

  /// For hosts that the operator has named; connections are kept.
  private let client: HTTPClient
  private let resolver: HostResolver
  private let logger: Logger

  public init(logger: Logger) {
    self.logger = logger
    resolver = HostResolver()
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.configuration())
  }

  /// Closes all connections. Must be called once before the notifier is let go.
  public func shutdown() async {
    do { try await client.shutdown() } catch {
      logger.warning("the connections to subscribers did not close cleanly")
    }
  }

  public func notify(_ notification: OutgoingNotification) async throws -> Int {
    if notification.isNamedHost { return try await send(notification, client) }
    guard notification.endpoint.isSecure else {
      throw PeerChartError(.forbidden, "notifications are sent by https only")
    }
    let address = try await resolver.publicAddress(of: notification.endpoint.host)
    var configuration = Self.configuration()
    if case .dns(let name) = notification.endpoint.host {
      configuration.dnsOverride = [name: address]
    }
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let outcome: Result<Int, any Error>
    do { outcome = .success(try await send(notification, client)) } catch {
      outcome = .failure(error)
    }
    try? await client.shutdown()
    return try outcome.get()
  }

  private static func configuration() -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)))
    configuration.httpVersion = .http1Only
    configuration.connectionPool.idleTimeout = .seconds(20)
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
  }

  private func send(_ notification: OutgoingNotification, _ client: HTTPClient) async throws -> Int
  {
    var request = HTTPClientRequest(url: notification.endpoint.url(adding: notification.pathSuffix))
    request.method = notification.method == "PUT" ? .PUT : .POST
    for field in notification.fields.exposed {
      request.headers.add(name: field.name, value: field.value)
    }
    if !request.headers.contains(name: "User-Agent") {
      request.headers.add(name: "User-Agent", value: "peerchart")
    }
    if let contentType = notification.contentType {
      request.headers.add(name: "Content-Type", value: contentType)
    }
    request.body = .bytes(notification.body.exposed)
    do {
      let response = try await client.execute(
        request, timeout: .seconds(notification.timeoutSeconds))
      var received = 0
      for try await part in response.body {
        received += part.readableBytes
        // The rest is of no interest; leaving it closes the connection.
        if received > Self.answerBytes { break }
      }
      return Int(response.status.code)
    } catch let error where error is CancellationError || Task.isCancelled {
      throw CancellationError()
    } catch {
      throw PeerChartError(.unreachable, "the endpoint of a subscription does not answer")
    }
  }
}
