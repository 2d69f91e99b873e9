import Consent
import Crypto
import Foundation
import Identity
public import Primitives

/// A node that this one is paired with, as kept: everything that pairing has pinned.
struct PeerRecord: Codable, Sendable {
  var node: String
  var name: String
  var kind: String
  var addresses: [String]
  /// The peer's signed identity statement.
  var statement: Data
  var pairedAt: Int64
  /// What it showed of an accreditor's word, with a request. Nothing is believed of it before it is checked.
  var accreditation: String?

  func verified() throws -> IdentityStatement {
    try IdentityStatement(parsing: Array(statement))
  }

  func endpoint() throws -> PeerEndpoint {
    let statement = try verified()
    return PeerEndpoint(
      node: statement.node, addresses: addresses, caCertificate: statement.authority.der)
  }
}

/// A paired node, for people and programs to look at.
public struct PeerSummary: Sendable, Encodable {
  public let node: String
  public let name: String
  public let kind: String
  public let fingerprint: String
  public let addresses: [String]
  public let pairedAt: String
  /// What accreditors whose word is taken here say of it.
  public let entity: EntitySummary
}

extension Exchange {
  func peer(_ node: NodeID, in snapshot: any StoreSnapshot) throws -> PeerRecord? {
    try item(.peer, node.bytes, in: snapshot)
  }

  /// The paired nodes, by name.
  public func peers() async throws -> [PeerSummary] {
    let now = clock.now()
    return try await store.read { [self] snapshot in
      let accreditors = try trustedAccreditors(in: snapshot)
      return try rememberedItems(.peer, as: PeerRecord.self, in: snapshot).compactMap {
        key, peer -> PeerSummary? in
        guard let node = NodeID(bytes: key) else { return nil }
        let standing = try entityStanding(of: node, at: now, by: accreditors, in: snapshot)
        return PeerSummary(
          node: peer.node, name: peer.name, kind: peer.kind,
          fingerprint: node.fingerprint, addresses: peer.addresses,
          pairedAt: Instant(millisecondsSinceEpoch: peer.pairedAt).description,
          entity: EntitySummary(standing, of: node, named: peer.name))
      }.sorted { $0.name < $1.name }
    }
  }

  /// Finds a paired node by its name, its id or the beginning of its fingerprint.
  ///
  /// - Throws: `not-found`, `invalid` when several fit.
  public func peer(named name: String) async throws -> PeerSummary {
    let wanted = name.lowercased()
    let found = try await peers().filter { peer in
      peer.name.lowercased() == wanted || peer.node == wanted
        || (wanted.count >= 4 && peer.fingerprint.lowercased().hasPrefix(wanted))
    }
    guard let first = found.first else {
      throw PeerChartError(
        .notFound, "there is no paired node of that name; `peerchart peer list` shows them")
    }
    guard found.count == 1 else {
      throw PeerChartError(.invalid, "several paired nodes have that name; give the node id")
    }
    return first
  }

  /// How to reach a paired node.
  public func endpoint(of node: NodeID) async throws -> PeerEndpoint {
    let record = try await store.read { [self] in try peer(node, in: $0) }
    guard let record else {
      throw PeerChartError(.notFound, "this node is not paired with that one")
    }
    return try record.endpoint()
  }

  /// Recognises a paired node by the certificate it presents.
  ///
  /// - Parameter person: on whose behalf it says it asks, for the log.
  /// - Throws: `forbidden` for every certificate that is not a paired node's.
  public func authenticate(
    peerCertificate der: [UInt8], purpose: String?, person: StatedPerson? = nil,
    networkAddress: String?, requestID: String
  ) async throws -> Caller {
    let refusal = PeerChartError(
      .forbidden, "this client certificate is not that of a paired node; pair the nodes first")
    guard let claimed = PeerCertificateCheck.claimedNode(inLeaf: der),
      let record = try await store.read({ [self] in try peer(claimed, in: $0) })
    else { throw refusal }
    let statement = try record.verified()
    do {
      _ = try PeerCertificateCheck(authority: statement.authority)
        .verify(leaf: der, at: clock.now())
    } catch {
      throw PeerChartError(.forbidden, refusal.reason, cause: error)
    }
    return try await admitted(
      caller(
        of: record, claimed, purpose: purpose, networkAddress: networkAddress,
        requestID: requestID
      ).stating(person))
  }

  func caller(
    of record: PeerRecord, _ node: NodeID, purpose: String?, networkAddress: String?,
    requestID: String
  ) throws -> Caller {
    Caller(
      identity: .peer(node), name: record.name,
      role: record.kind == NodeKind.organization.rawValue ? .clinician : .proxy, scopes: nil,
      purpose: try Self.purpose(purpose),
      person: PartyIdentifier(system: "urn:peerchart:node", value: node.description),
      networkAddress: networkAddress, requestID: requestID)
  }
}
