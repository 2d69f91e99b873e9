import Exchange
public import Logging
public import PeerNetwork
import Primitives
import Storage
public import Web

extension PeerChartNode {
  /// Where a node listens.
  public struct Listening: Sendable {
    /// HTTPS addresses, `HOST:PORT`; port 0 takes a free one.
    public var secure: [ListenAddress]
    /// Plain HTTP, loopback only.
    public var insecure: [ListenAddress]

    public init(secure: [ListenAddress], insecure: [ListenAddress] = []) {
      self.secure = secure
      self.insecure = insecure
    }
  }

  /// The way from this node to its peers. Shut it down when done.
  public func makeTransport(logger: Logger) throws -> PinnedTransport {
    try PinnedTransport(identity: exchange.tlsIdentity(hosts: hosts), logger: logger)
  }

  /// Serves until SIGTERM or SIGINT, delivering messages as they come; then finishes what is running
  /// and closes the store.
  ///
  /// - Parameter onReady: called once with the addresses that are really listened on.
  public func serve(
    _ listening: Listening, logger: Logger,
    onReady: @escaping @Sendable ([NodeServer.Listener]) async -> Void
  ) async throws {
    let transport = try makeTransport(logger: logger)
    let outbox = OutboxWorker(exchange: exchange, transport: transport, logger: logger)
    exchange.onOutboxChange { outbox.wake() }
    // Other instances put messages into the same outbox.
    database?.onOutboxChange { outbox.wake() }
    var configuration = NodeServerConfiguration(listen: listening.secure)
    configuration.insecureListen = listening.insecure
    configuration.softwareVersion = Self.version
    let server = try NodeServer(
      exchange: exchange, identity: exchange.tlsIdentity(hosts: hosts),
      configuration: configuration, services: [outbox, BodySweeper(store: store, logger: logger)],
      logger: logger)
    let outcome = await Result { try await server.run(onReady: onReady) }
    await transport.shutdown()
    await close()
    try outcome.get()
  }

  /// The version of this program.
  public static let version = "0.1.0"
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
