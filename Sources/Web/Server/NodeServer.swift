public import Exchange
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
public import Primitives
public import ServiceLifecycle
import UnixSignals

/// The HTTP side of a node: HTTPS, and plain HTTP on the loopback address where asked for.
public struct NodeServer: Sendable {
  /// A bound listener, with the port that it really got.
  public struct Listener: Sendable, Hashable {
    public let isTLS: Bool
    public let address: ListenAddress

    /// `https://127.0.0.1:8443`
    public var url: String { "\(isTLS ? "https" : "http")://\(address)" }
  }

  private let exchange: Exchange
  private let identity: TLSIdentity
  private let configuration: NodeServerConfiguration
  private let services: [any Service]
  private let logger: Logger

  /// - Parameters:
  ///   - services: what runs and stops together with the server, such as the outbox worker.
  /// - Throws: `invalid` for no address at all, plain HTTP beyond loopback, a bad public address, or
  ///   a certificate and key that cannot be used.
  public init(
    exchange: Exchange, identity: TLSIdentity, configuration: NodeServerConfiguration,
    services: [any Service] = [], logger: Logger
  ) throws(PeerChartError) {
    try configuration.check()
    _ = try identity.serverConfiguration()
    self.exchange = exchange
    self.identity = identity
    self.configuration = configuration
    self.services = services
    self.logger = logger
  }

  /// Serves until SIGTERM or SIGINT; then requests in progress are finished and all services stop.
  ///
  /// - Parameter onReady: called once, when every listener is bound.
  /// - Throws: `conflict` when an address cannot be listened on.
  public func run(onReady: @escaping @Sendable ([Listener]) async -> Void = { _ in }) async throws {
    let secure = configuration.listen.map { ($0, true) }
    let listeners = secure + configuration.insecureListen.map { ($0, false) }
    let readiness = Readiness(listeners: listeners.count)
    let responder = try NodeResponder(
      exchange: exchange, configuration: configuration, readiness: readiness, logger: logger)
    let counts = ConnectionCounts(
      limit: configuration.connectionsPerAddress, exempt: configuration.trustedProxies)
    var all = services
    for (address, isTLS) in listeners {
      all.append(
        try listener(responder, on: address, isTLS: isTLS, counts) { channel in
          let port = channel.localAddress?.port ?? address.port
          let listener = Listener(
            isTLS: isTLS, address: ListenAddress(host: address.host, port: port))
          if let bound = readiness.bound(listener) { await onReady(bound) }
        })
    }
    // The last service is the first to be told to stop.
    var group = ServiceGroupConfiguration(
      services: all + [readiness], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    group.maximumGracefulShutdownDuration = .seconds(configuration.shutdownSeconds)
    do {
      try await ServiceGroup(configuration: group).run()
    } catch let error where error is IOError || error is SocketAddressError {
      throw PeerChartError(.conflict, "an address cannot be listened on", cause: error)
    }
  }

  private func listener(
    _ responder: NodeResponder, on address: ListenAddress, isTLS: Bool, _ counts: ConnectionCounts,
    onRunning: @escaping @Sendable (any Channel) async -> Void
  ) throws -> any Service {
    let tls = try isTLS ? identity.serverConfiguration() : nil
    let bodyBytes = exchange.limits.bodyBytes
    let stallTime = TimeAmount.seconds(Int64(configuration.idleSeconds))
    let dates = DateField()
    let group = MultiThreadedEventLoopGroup.singleton
    // Behind a proxy a request's fields say where it comes from.
    let directReads =
      configuration.trustedProxies.isEmpty && exchange.releasesTogether
      ? (
        loops: DirectReadLoops(exchange: exchange, group: group),
        answers: DirectReadAnswers(
          requestIDs: responder.requestIDs, dates: dates, isTLS: isTLS, logger: logger)
      ) : nil
    let server = HTTPServerBuilder { responder in
      let http = NodeHTTPChannel(
        responder: responder,
        makeGuard: {
          ConnectionGuard(bodyBytes: bodyBytes, stallTime: stallTime, counts: counts)
        }, directReads: directReads)
      guard let tls else { return NodeChannel(base: http, isTLS: false) }
      let channel = try TLSChannel(
        http,
        configuration: TLSChannelConfiguration(
          tlsConfiguration: tls, customVerificationCallback: TLSIdentity.acceptAnyCertificate))
      return NodeChannel(base: channel, isTLS: true)
    }
    return try server.buildServer(
      configuration: ServerConfiguration(
        address: .hostname(address.host, port: address.port), backlog: 1024,
        availableConnectionsDelegate: MaximumAvailableConnections(
          configuration.maximumConnections, logger: logger)),
      eventLoopGroup: group, logger: logger,
      responder: { request, writer, _ in
        var response = try await responder.respond(to: request)
        response.headers[.date] = dates.text
        do {
          try await writer.write(response: response.head, body: response.body)
        } catch is HTTPParserError {
          // Passed on as it is, it would be answered a second time.
          throw PeerChartError(.malformed, "the request ended while it was answered")
        }
      }, onServerRunning: onRunning)
  }
}
