public import Primitives

/// How to reach a peer and how to know it: what pairing has pinned.
public struct PeerEndpoint: Sendable, Equatable {
  public let node: NodeID
  /// `host:port`, in the order to try.
  public let addresses: [String]
  /// The peer's CA certificate (DER); the only trust root for this connection.
  public let caCertificate: [UInt8]

  public init(node: NodeID, addresses: [String], caCertificate: [UInt8]) {
    self.node = node
    self.addresses = addresses
    self.caCertificate = caCertificate
  }
}

/// What a peer answered.
public struct PeerReply: Sendable {
  public let status: Int
  public let contentType: String?
  public let body: [UInt8]
  public init(status: Int, contentType: String?, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }
}

/// The way to other nodes: TLS 1.3 with both certificates pinned.
///
/// Every call throws `unreachable` when no address answers in time, and `integrity` when somebody
/// answers who is not the pinned peer.
public protocol PeerTransport: Sendable {
  /// Delivers a sealed message; the peer's 200 is its acknowledgement.
  func deliver(_ message: [UInt8], to peer: PeerEndpoint) async throws -> PeerReply
  /// Presents an invitation's answer to a node that does not know us yet (no client certificate).
  func pair(_ request: [UInt8], at address: String, fingerprintOf node: NodeID) async throws
    -> PeerReply
  /// A FHIR read, e.g. `/fhir/Observation?patient=1`, for the purpose named.
  ///
  /// - Parameter person: on whose behalf, for the other node's log; nil for the node's own.
  func get(
    _ pathAndQuery: String, purpose: String, person: String?, from peer: PeerEndpoint
  ) async throws -> PeerReply
  /// Asks for something to be done, in JSON, e.g. `/peer/break-glass`, for the purpose named.
  func post(
    _ path: String, body: [UInt8], purpose: String, to peer: PeerEndpoint
  ) async throws -> PeerReply
  /// Reads of the other node's log, or hands it a checkpoint of this one's.
  func log(_ request: LogRequest, at peer: PeerEndpoint) async throws -> PeerReply
}

/// What one asks a log, or a witness, below its address.
public enum LogRequest: Sendable, Equatable {
  case checkpoint
  /// `tile/L/N[.p/W]`.
  case tile(path: String)
  /// C2SP tlog-witness.
  case addCheckpoint([UInt8])
  /// How a document of the other node stands (docs/format/document-status.md), by its key in hexadecimal.
  case documentStatus(key: String)

  /// The path below the log's address.
  public var path: String {
    switch self {
    case .checkpoint: "checkpoint"
    case .tile(let path): path
    case .addCheckpoint: "add-checkpoint"
    case .documentStatus(let key): "status/\(key)"
    }
  }

  /// The body, where there is one: then it is a POST.
  public var body: [UInt8]? {
    if case .addCheckpoint(let body) = self { body } else { nil }
  }
}

/// The way to logs and witnesses that are no paired nodes, over HTTPS.
public protocol OutsideLogs: Sendable {
  /// - Parameter address: a URL, without slash at its end.
  /// - Throws: `unreachable`; `invalid` for what is no address.
  func log(_ request: LogRequest, at address: String) async throws -> PeerReply
}
