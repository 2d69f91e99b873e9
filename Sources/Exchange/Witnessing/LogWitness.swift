import Crypto
import Identity
import Primitives
import Synchronization
import TransparencyLog

/// A witness of this node's log, and the way to it.
struct LogWitness: Sendable {
  enum Way: Sendable {
    case peer(PeerEndpoint)
    case address(String)
  }

  /// In this node's policy.
  let name: String
  /// For people.
  let title: String
  let key: CosignatureVerifier
  let way: Way

  var policyEntry: WitnessPolicy.Witness {
    guard case .address(let url) = way else { return WitnessPolicy.Witness(name: name, key: key) }
    return WitnessPolicy.Witness(name: name, key: key, url: url)
  }

  func has(_ key: CosignatureVerifier) -> Bool {
    key.publicKey.rawRepresentation == self.key.publicKey.rawRepresentation
  }

  /// Asks the witness.
  ///
  /// - Throws: `unreachable` and `integrity` where no answer of a witness is to be had; `malformed`.
  func ask(
    _ request: AddCheckpointRequest, _ transport: any PeerTransport, _ outside: any OutsideLogs
  ) async throws -> WitnessAnswer {
    let call = LogRequest.addCheckpoint(request.bytes)
    let reply =
      switch way {
      case .peer(let endpoint): try await transport.log(call, at: endpoint)
      case .address(let url): try await outside.log(call, at: url)
      }
    return try WitnessAnswer(status: reply.status, body: reply.body)
  }
}

/// A paired node's log, read over the pinned connection: nobody else can lie about it.
struct PeerLogSource: LogSource {
  let transport: any PeerTransport
  let endpoint: PeerEndpoint

  func checkpoint() async throws -> [UInt8] {
    guard let bytes = try await read(.checkpoint) else {
      throw PeerChartError(.unreachable, "the log has no checkpoint yet")
    }
    return bytes
  }

  func tile(_ tile: Tile) async throws -> [UInt8]? { try await read(.tile(path: tile.path)) }

  private func read(_ request: LogRequest) async throws -> [UInt8]? {
    let reply = try await transport.log(request, at: endpoint)
    switch reply.status {
    case 200: return reply.body
    case 404: return nil
    default: throw PeerChartError(.unreachable, "the log answers \(reply.status)")
    }
  }
}

extension Exchange {
  /// The key by which others check this node's log.
  func logKey() throws -> Ed25519NoteVerifier {
    try Ed25519NoteVerifier(
      name: Self.logOrigin(nodeID), publicKey: identity.signing.publicKey)
  }

  /// The witnesses that are asked: every paired node, and those that the operator has added.
  func logWitnesses(in snapshot: any StoreSnapshot) throws -> [LogWitness] {
    let settings = try logSettings(in: snapshot)
    let peers = try items(.peer, as: PeerRecord.self, in: snapshot).map { _, peer in
      let statement = try peer.verified()
      return LogWitness(
        name: "node-\(peer.node.prefix(16))", title: peer.name,
        key: try CosignatureVerifier(
          name: Self.logOrigin(statement.node), publicKey: statement.keys.signing),
        way: .peer(try peer.endpoint()))
    }
    let others = try settings.others.map { other in
      LogWitness(
        name: other.name, title: other.name,
        key: try CosignatureVerifier(verifierKey: other.verifierKey), way: .address(other.url))
    }
    // A node with more peers than a policy has room for is witnessed by the first of them.
    let room = WitnessPolicy.maximumCount - others.count
    let more = peers.filter { peer in !others.contains { $0.has(peer.key) } }
    return others + more.sorted { $0.name < $1.name }.prefix(max(0, room))
  }

  func logSettings(in snapshot: any StoreSnapshot) throws -> LogWitnessesRecord {
    try item(.logWitnesses, LogWitnessesRecord.key, in: snapshot) ?? LogWitnessesRecord()
  }

  /// The policy of this node's log: one cosignature, or as many as the operator has said; none where there
  /// is no witness.
  func logPolicy(in snapshot: any StoreSnapshot) throws -> WitnessPolicy {
    let witnesses = try logWitnesses(in: snapshot)
    let need = try logSettings(in: snapshot).need ?? 1
    return try WitnessPolicy(
      logs: [WitnessPolicy.Log(key: logKey())], witnesses: witnesses.map(\.policyEntry),
      need: min(need, witnesses.count))
  }

  func ownLog(in snapshot: any StoreSnapshot) throws -> OwnLogRecord {
    try item(.ownLog, OwnLogRecord.key, in: snapshot) ?? OwnLogRecord()
  }

  /// Says whom to tell when something is wrong with a log.
  public func onLogAlarm(_ tell: @escaping @Sendable (LogAlarm) -> Void) {
    logAlarm.withLock { $0 = tell }
  }

  func raise(_ alarm: LogAlarm) { logAlarm.withLock { $0 }?(alarm) }
}
