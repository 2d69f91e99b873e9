public import Exchange
public import Identity
import NIOCore
import NIOPosix
import NIOSSL
public import Primitives
import Synchronization

/// The way to people's mail boxes: one connection for each mail to the server that takes them for delivery, by
/// TLS 1.2 or 1.3 with its certificate verified.
public final class SMTPSender: MailTransport {
  /// Where mail goes out, and in whose name.
  public struct Configuration: Sendable {
    public var server: MailServer
    public var from: MailAddress
    /// Nil for a server that asks for none.
    public var password: Redacted<String>?
    /// A file of CA certificates (PEM) that are trusted besides the system's.
    public var authorities: String?
    /// Seconds for the connection, and for all of it.
    public var connectSeconds: Int64 = 10
    public var totalSeconds: Int64 = 60

    public init(
      server: MailServer, from: MailAddress, password: Redacted<String>? = nil,
      authorities: String? = nil
    ) {
      self.server = server
      self.from = from
      self.password = password
      self.authorities = authorities
    }
  }

  private let configuration: Configuration
  private let tls: NIOSSLContext
  private let link: Mutex<String>

  /// - Parameter link: the node's address, which mails name.
  /// - Throws: `invalid` when the certificates cannot be read.
  public init(_ configuration: Configuration, link: String = "") throws(PeerChartError) {
    self.configuration = configuration
    self.link = Mutex(link)
    let tls = try TLSConfiguration.outside(
      trusting: configuration.authorities, from: "--mail-ca")
    do {
      self.tls = try NIOSSLContext(configuration: tls)
    } catch {
      throw PeerChartError(
        .invalid, "the certificates to trust cannot be read", place: "--mail-ca", cause: error)
    }
  }

  /// Names the address that mails lead to.
  public func lead(to address: String) { link.withLock { $0 = address } }

  public func send(_ mail: OutgoingMail) async throws {
    let seconds = configuration.totalSeconds
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await self.deliver(mail) }
        group.addTask {
          try await Task.sleep(for: .seconds(seconds))
          throw PeerChartError(.unreachable, "the mail server takes too long")
        }
        defer { group.cancelAll() }
        try await group.next()
      }
    } catch {
      try Task.checkCancellation()
      if let error = error as? PeerChartError { throw error }
      throw PeerChartError(
        .unreachable, "the mail server cannot be reached, or its certificate is not valid",
        cause: error)
    }
  }

  private func deliver(_ mail: OutgoingMail) async throws {
    let server = configuration.server
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.seconds(configuration.connectSeconds))
      .connect(host: server.host, port: server.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if server.security == .implicit { try self.secure(channel) }
          return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    let message = MailMessage(mail, from: configuration.from, link: link.withLock { $0 }).bytes
    try await channel.executeThenClose { inbound, outbound in
      var conversation = SMTPConversation(inbound, outbound)
      let name = configuration.from.domain
      try await conversation.greet(as: name)
      if server.security == .upgrade {
        try await conversation.upgrade(as: name) {
          let inner = channel.channel
          try await inner.eventLoop.submit { try self.secure(inner) }.get()
        }
      }
      if let password = configuration.password {
        try await conversation.signIn(
          SMTPConversation.Login(
            user: Redacted(server.user ?? "\(configuration.from)"), password: password))
      }
      try await conversation.hand(over: message, from: configuration.from, to: mail.to.exposed)
      await conversation.leave()
    }
  }

  /// Puts TLS at the near end of the connection. Must run on its event loop.
  private func secure(_ channel: any Channel) throws {
    // A certificate for an address is compared with the one that was called.
    var isName = false
    if case .dns = HostName(configuration.server.host) { isName = true }
    let handler = try NIOSSLClientHandler(
      context: tls, serverHostname: isName ? configuration.server.host : nil)
    try channel.pipeline.syncOperations.addHandler(handler, position: .first)
  }
}
