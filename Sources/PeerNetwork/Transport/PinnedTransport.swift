import AsyncHTTPClient
public import Exchange
import Identity
public import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
public import Primitives
import Synchronization

/// The way to other nodes over HTTPS, both sides pinned. One connection pool for all peers.
public final class PinnedTransport: PeerTransport, EntitySource {
  /// Bounds on one call.
  public struct Limits: Sendable {
    /// For each address, until the TLS handshake is done.
    public var connectSeconds: Int64 = 10
    /// For each address, until the whole answer is there.
    public var answerSeconds: Int64 = 30
    /// Bytes of an answer's body.
    public var answerBytes = 64 << 20

    public init() {}
  }

  private struct Call {
    var method = HTTPMethod.GET
    var path: String
    var headers: HTTPHeaders = ["User-Agent": "peerchart"]
    var body: [UInt8]?
    /// Whether a connection that the peer closed under us is worth another try at once. A message
    /// carries its own id and a read changes nothing; an invitation is good for one answer only.
    var mayRepeat = true

    /// Names the purpose of use.
    ///
    /// - Throws: `invalid` where it or the path holds what HTTP cannot.
    mutating func add(purpose: String) throws(PeerChartError) {
      guard path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
        purpose.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
      else { throw PeerChartError(.invalid, "this cannot be asked for over HTTP") }
      headers.add(name: "X-Purpose-Of-Use", value: purpose)
    }
  }

  private let client: HTTPClient
  private let tls: PeerTLS
  private let limits: Limits
  private let logger: Logger
  /// Reading a certificate costs more than looking it up.
  private let configurations = Mutex<[[UInt8]: TLSConfiguration]>([:])

  /// - Throws: `invalid` when the certificate chain or the key cannot be read.
  public init(
    identity: TLSIdentity, limits: Limits = Limits(), logger: Logger
  ) throws(PeerChartError) {
    tls = try PeerTLS(identity)
    self.limits = limits
    self.logger = logger
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .disallow,
      timeout: .init(connect: .seconds(limits.connectSeconds)))
    configuration.httpVersion = .http1Only
    // Less than a server keeps an idle connection, so that a request does not meet its end.
    configuration.connectionPool.idleTimeout = .seconds(20)
    // The outbox decides when to try again, and the caller wants the first error, not the last.
    configuration.connectionPool.retryConnectionEstablishment = false
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// Closes all connections. Must be called once before the transport is let go.
  public func shutdown() async {
    do { try await client.shutdown() } catch {
      logger.warning("the connections to peers did not close cleanly")
    }
  }

  public func deliver(_ message: [UInt8], to peer: PeerEndpoint) async throws -> PeerReply {
    var call = Call(method: .POST, path: "/peer/messages", body: message)
    call.headers.add(name: "Content-Type", value: "application/vnd.peerchart.sec")
    return try await send(call, to: peer)
  }

  public func get(
    _ pathAndQuery: String, purpose: String, person: String?, from peer: PeerEndpoint
  ) async throws -> PeerReply {
    var call = Call(path: pathAndQuery)
    call.headers.add(name: "Accept", value: "application/fhir+json")
    try call.add(purpose: purpose)
    if let person { call.headers.add(name: "X-On-Behalf-Of", value: StatedPerson.encode(person)) }
    return try await send(call, to: peer)
  }

  public func post(
    _ path: String, body: [UInt8], purpose: String, to peer: PeerEndpoint
  ) async throws -> PeerReply {
    var call = Call(method: .POST, path: path, body: body, mayRepeat: false)
    call.headers.add(name: "Content-Type", value: "application/json")
    try call.add(purpose: purpose)
    return try await send(call, to: peer)
  }

  public func log(_ request: LogRequest, at peer: PeerEndpoint) async throws -> PeerReply {
    // A repeated request is answered as the first was, so it may be made again.
    var call = Call(path: "/log/\(request.path)", body: request.body)
    if request.body != nil {
      call.method = .POST
      call.headers.add(name: "Content-Type", value: "text/plain; charset=utf-8")
    }
    return try await send(call, to: peer)
  }

  public func entity(_ node: NodeID, at accreditor: PeerEndpoint) async throws -> PeerReply {
    try await send(Call(path: "/entities/\(node)"), to: accreditor)
  }

  public func pair(
    _ request: [UInt8], at address: String, fingerprintOf node: NodeID
  ) async throws -> PeerReply {
    var call = Call(method: .POST, path: "/peer/pair", body: request, mayRepeat: false)
    call.headers.add(name: "Content-Type", value: "application/json")
    return try await send(call, at: try Self.address(address), PeerTLS.unverified)
  }

  private func send(_ call: Call, to peer: PeerEndpoint) async throws -> PeerReply {
    let configuration = try configuration(peer.caCertificate)
    var failure = PeerChartError(.unreachable, "the peer has no address")
    for text in peer.addresses {
      do {
        return try await send(call, at: try Self.address(text), configuration)
      } catch let error as PeerChartError
        where [.unreachable, .integrity, .invalid].contains(error.code)
      {
        // That somebody else answered at an address weighs more than that nobody did at the next.
        if failure.code != .integrity { failure = error }
      }
    }
    throw failure
  }

  private func send(
    _ call: Call, at address: NodeAddress, _ configuration: TLSConfiguration
  ) async throws -> PeerReply {
    var request = HTTPClientRequest(url: "https://\(address)\(call.path)")
    request.method = call.method
    request.headers = call.headers
    request.tlsConfiguration = configuration
    request.body = call.body.map { .bytes($0) }
    do { return try await execute(request, mayRepeat: call.mayRepeat) } catch {
      throw TransportFailure.describe(error)
    }
  }

  private func execute(_ request: HTTPClientRequest, mayRepeat: Bool) async throws -> PeerReply {
    let response: HTTPClientResponse
    do {
      response = try await client.execute(request, timeout: .seconds(limits.answerSeconds))
    } catch let error as HTTPClientError where error == .remoteConnectionClosed && mayRepeat {
      return try await execute(request, mayRepeat: false)
    }
    var body: [UInt8] = []
    for try await part in response.body {
      guard part.readableBytes <= limits.answerBytes - body.count else {
        throw PeerChartError(.tooLarge, "the peer's answer is larger than is taken")
      }
      part.withUnsafeReadableBytes { body.append(contentsOf: $0) }
    }
    return PeerReply(
      status: Int(response.status.code), contentType: response.headers.first(name: "Content-Type"),
      body: body)
  }

  /// An address comes from outside and becomes part of a URL, so only a host and a port pass.
  private static func address(_ text: String) throws -> NodeAddress {
    guard let address = NodeAddress(text) else {
      throw PeerChartError(.invalid, "a peer's address is written HOST:PORT")
    }
    return address
  }

  private func configuration(_ authority: [UInt8]) throws -> TLSConfiguration {
    if let known = configurations.withLock({ $0[authority] }) { return known }
    let new = try tls.pinned(toAuthority: authority)
    configurations.withLock { $0[authority] = new }
    return new
  }
}
