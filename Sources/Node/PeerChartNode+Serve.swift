public import Exchange
public import Identity
public import Logging
public import PeerNetwork
public import Primitives
import Storage
public import Web

extension PeerChartNode {
  /// Where a node listens.
  public struct Listening: Sendable {
    /// HTTPS addresses, `HOST:PORT`; port 0 takes a free one.
    public var secure: [ListenAddress]
    /// Plain HTTP, loopback only.
    public var insecure: [ListenAddress]

    /// Hosts to which notifications may go although they are private, or by plain HTTP.
    public var notificationHosts: NotificationHosts

    /// Rates, proxies, connections.
    public var limits = DoorLimits()

    /// How often the log is shown to its witnesses, in seconds.
    public var witnessSeconds: Int64 = 60

    public init(
      secure: [ListenAddress], insecure: [ListenAddress] = [],
      notificationHosts: NotificationHosts = .none
    ) {
      self.secure = secure
      self.insecure = insecure
      self.notificationHosts = notificationHosts
    }
  }

  /// How people are told by mail.
  public struct Mailing: Sendable {
    public var server: MailServer
    public var from: MailAddress
    /// A file whose first line is the password.
    public var passwordFile: String?
    /// A file of CA certificates (PEM) that are trusted besides the system's.
    public var authorities: String?
    /// The address that mails lead to; nil for the one that is listened on.
    public var link: String?

    public init(
      server: MailServer, from: MailAddress, passwordFile: String? = nil,
      authorities: String? = nil, link: String? = nil
    ) {
      self.server = server
      self.from = from
      self.passwordFile = passwordFile
      self.authorities = authorities
      self.link = link
    }

    /// - Throws: `invalid` for what is no address that a mail can name.
    public static func check(link: String) throws(PeerChartError) {
      guard link.hasPrefix("https://"), link.utf8.count <= 300,
        NodeAddress(link.dropFirst(8)) != nil || HostName(link.dropFirst(8)) != nil
      else {
        throw PeerChartError(.invalid, "mails name an address written https://HOST[:PORT]")
      }
    }

    func sender() throws -> SMTPSender {
      try SMTPSender(
        SMTPSender.Configuration(
          server: server, from: from,
          password: try passwordFile.map { path in
            try PasswordFile.firstLine(of: path, what: "the mail server's password")
          }, authorities: authorities), link: link ?? "")
    }
  }

  /// Where `$import` may fetch files from.
  public struct Importing: Sendable {
    public var servers: [ImportAddress]
    /// A file of CA certificates (PEM) that are trusted besides the system's.
    public var authorities: String?

    public init(servers: [ImportAddress], authorities: String? = nil) {
      self.servers = servers
      self.authorities = authorities
    }
  }

  /// The way from this node to its peers. Shut it down when done.
  public func makeTransport(logger: Logger) throws -> PinnedTransport {
    try PinnedTransport(identity: exchange.tlsIdentity(hosts: hosts), logger: logger)
  }

  /// Prepares for many who read: what they are given is logged in a way that does not hold them up. `serve` does it.
  public func expectReaders() async throws {
    try await (store as? any PromptStore)?.expectAppends()
  }

  /// Serves until SIGTERM or SIGINT, delivering messages as they come; then finishes what is running
  /// and closes the store.
  ///
  /// - Parameters:
  ///   - importing: where `$import` may fetch from; nil for nowhere.
  ///   - mailing: how people are told by mail; nil for not at all.
  ///   - onReady: called once with the addresses that are really listened on.
  public func serve(
    _ listening: Listening, importing: Importing? = nil, mailing: Mailing? = nil, logger: Logger,
    onReady: @escaping @Sendable ([NodeServer.Listener]) async -> Void
  ) async throws {
    let source = try importing.map { importing throws(PeerChartError) in
      try HTTPBulkSource(importing.servers, authorities: importing.authorities, logger: logger)
    }
    if let source { exchange.allowImport(from: source) }
    try await expectReaders()
    let transport = try makeTransport(logger: logger)
    let outbox = BackgroundWorker("the outbox", logger: logger) { [exchange] in
      try await exchange.deliverDue(using: transport)
    }
    exchange.onOutboxChange { outbox.wake() }
    exchange.reachPeers(by: transport)
    exchange.nameNotificationHosts(listening.notificationHosts)
    let notifier = HTTPNotifier(logger: logger)
    let subscriptions = subscriptionWorkers(notifier, logger: logger)
    // Other instances put messages into the same outbox, and store what subscribers wait for.
    database?.onOutboxChange { [exchange] in
      outbox.wake()
      exchange.noteChangesElsewhere()
    }
    let bulk = bulkWorkers(logger: logger)
    let outsideLogs = try HTTPLogs(logger: logger)
    let witnesses = witnessWorker(
      transport, outsideLogs, every: listening.witnessSeconds, logger: logger)
    let mail = try mailing?.sender()
    let mailers = mail.map { mailWorkers($0, logger: logger) } ?? []
    let anchors = makeAnchorTransport(logger: logger)
    var configuration = NodeServerConfiguration(listen: listening.secure)
    configuration.insecureListen = listening.insecure
    configuration.softwareVersion = Self.version
    configuration.trustedProxies = listening.limits.trustedProxies
    configuration.connectionsPerAddress = listening.limits.connectionsPerAddress
    exchange.limit(listening.limits.rates)
    let rates = BackgroundWorker("the rates of requests", logger: logger) { [exchange] in
      try await exchange.settleRates()
    }
    let server = try NodeServer(
      exchange: exchange, identity: exchange.tlsIdentity(hosts: hosts),
      configuration: configuration,
      services: [
        outbox, rates, witnesses, Housekeeper(exchange: exchange, store: store, logger: logger),
      ]
        + subscriptions + bulk + mailers + [anchorWorker(anchors, logger: logger)],
      logger: logger)
    let outcome = await Result {
      try await server.run { listeners in
        if mailing?.link == nil, let here = listeners.first(where: \.isTLS) {
          mail?.lead(to: here.url)
        }
        await onReady(listeners)
      }
    }
    await transport.shutdown()
    await notifier.shutdown()
    await anchors.shutdown()
    await source?.shutdown()
    await outsideLogs.shutdown()
    await close()
    try outcome.get()
  }

  /// What shows the log to its witnesses, and looks after those of the paired nodes.
  private func witnessWorker(
    _ transport: PinnedTransport, _ outside: HTTPLogs, every seconds: Int64, logger: Logger
  ) -> BackgroundWorker {
    exchange.onLogAlarm { alarm in
      logger.critical(
        "something is wrong with a log: `peerchart log status` says what",
        metadata: ["log": .string(alarm.kind.rawValue), "node": .string(alarm.node)])
    }
    var pace = BackgroundWorker.Pace()
    pace.pollMilliseconds = seconds * 1000
    return BackgroundWorker("the witnesses of the log", pace: pace, logger: logger) {
      [exchange] in
      try await exchange.cosignLog(using: transport, outside: outside)
      try await exchange.watchLogs(using: transport)
      return nil
    }
  }

  /// How many endpoints are called at the same time: one that hangs does not keep the others waiting.
  private static let callers = 4

  /// What follows changes for subscriptions, and what calls their endpoints.
  private func subscriptionWorkers(
    _ notifier: HTTPNotifier, logger: Logger
  ) -> [BackgroundWorker] {
    let feed = BackgroundWorker("the changes for subscriptions", logger: logger) { [exchange] in
      try await exchange.followChanges()
      return nil
    }
    let callers = (0..<Self.callers).map { _ in
      BackgroundWorker("the endpoints of subscriptions", logger: logger) { [exchange] in
        try await exchange.notifySubscribers(using: notifier)
      }
    }
    exchange.onChange { feed.wake() }
    exchange.onNotification { for caller in callers { caller.wake() } }
    return [feed] + callers
  }

  /// Two, so that a long import does not keep an export waiting.
  private func bulkWorkers(logger: Logger) -> [BackgroundWorker] {
    let workers = (0..<2).map { _ in
      let name = Hex.encode(SystemRandom().bytes(8))
      return BackgroundWorker("bulk jobs", logger: logger) { [exchange] in
        try await exchange.workOnBulkJobs(as: name)
      }
    }
    exchange.onBulkChange { for worker in workers { worker.wake() } }
    return workers
  }

  private func mailWorkers(_ sender: SMTPSender, logger: Logger) -> [BackgroundWorker] {
    exchange.offerMail()
    return (0..<2).map { _ in
      BackgroundWorker("the mail", logger: logger) { [exchange] in
        try await exchange.sendMail(using: sender)
      }
    }
  }

  /// The version of this program.
  public static let version = "0.1.0"
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
