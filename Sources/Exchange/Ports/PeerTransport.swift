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
}
