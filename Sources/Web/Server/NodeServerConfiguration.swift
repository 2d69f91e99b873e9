public import Exchange
public import Primitives

/// How a node listens.
public struct NodeServerConfiguration: Sendable {
  /// HTTPS listeners.
  public var listen: [ListenAddress]
  /// Plain HTTP, on the loopback address only.
  public var insecureListen: [ListenAddress] = []
  /// `https://node.example` where a proxy stands in front; without it links name the request's host.
  public var publicAddress: String?
  /// The program's version, for the capability statement.
  public var softwareVersion = "0"
  /// When this program was built or started, for the capability statement.
  public var date = Instant(millisecondsSinceEpoch: 0)
  /// How long a connection may do nothing, and a client may leave an answer unread.
  public var idleSeconds = 60
  /// Connections for each listener; more wait in the operating system's queue.
  public var maximumConnections = 1000
  /// Connections that one address may have open; proxies are not counted.
  public var connectionsPerAddress = 512
  /// The operator's proxies: what they say of where a request comes from is believed.
  public var trustedProxies: [NetworkRange] = []
  /// How long requests in progress may go on after the signal to stop.
  public var shutdownSeconds = 20

  public init(listen: [ListenAddress]) { self.listen = listen }

  /// - Throws: `invalid` for what `NodeServer` would refuse.
  package func check() throws(PeerChartError) {
    guard !listen.isEmpty || !insecureListen.isEmpty else {
      throw PeerChartError(.invalid, "there is no address to listen on")
    }
    guard insecureListen.allSatisfy(\.isLoopback) else {
      throw PeerChartError(
        .invalid, "plain HTTP is offered on the loopback address only (127.0.0.1, [::1], localhost)"
      )
    }
    if let publicAddress { _ = try BaseURL(configured: publicAddress) }
  }
}
