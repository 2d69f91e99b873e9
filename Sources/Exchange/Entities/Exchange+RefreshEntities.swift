import Audit
import Consent
import Crypto
import Identity
public import Primitives

/// What came of asking accreditors for their newest word.
public struct EntityRefresh: Sendable, Encodable {
  /// One question.
  public struct Asked: Sendable, Encodable {
    /// The accreditor's name.
    public let accreditor: String
    /// The node's id.
    public let node: String
    /// How many statements came that were not known here; nil where there was no answer.
    public var added: Int?
    /// Whether the accreditor answered that it says nothing about the entity.
    public var isUnknown = false
    /// Why there was none.
    public var problem: String?
  }

  public var asked: [Asked]
  /// The accreditors that cannot be asked: not paired, and their address is not known.
  public var withoutAddress: [String]
  /// How the entities stand now.
  public var entities: [EntitySummary]
}

extension Exchange {
  /// Entities that are asked about at once.
  private static var mostRefreshed: Int { 1000 }
  /// How many successors are asked about besides: an accreditor could go on naming them.
  private static var mostFollowed: Int { 100 }

  /// Asks each accreditor whose word is taken, and whose node can be reached, what it says now: about one
  /// entity, or about all that are known here. It learns which those are.
  ///
  /// What was learned before stays, whatever the answer: nothing that is left out of it is taken back.
  ///
  /// - Throws: `forbidden`, `step-up-required`.
  public func refreshEntities(
    _ node: NodeID?, using source: any EntitySource, as caller: Caller
  ) async throws -> EntityRefresh {
    try require(.managePeers, caller)
    let (accreditors, nodes) = try await store.read { [self] snapshot in
      (
        try trustedAccreditors(in: snapshot).filter { !$0.isSelf }.map {
          ($0.accreditor, try endpoint(of: $0.accreditor, in: snapshot))
        },
        try node.map { [$0] }
          ?? knownEntities(in: snapshot).filter { $0 != nodeID }
          .sorted { $0.description < $1.description }
      )
    }
    var refresh = EntityRefresh(
      asked: [], withoutAddress: accreditors.filter { $0.1 == nil }.map(\.0.name), entities: [])
    var asked = Set(nodes)
    for (accreditor, endpoint) in accreditors {
      guard let endpoint else { continue }
      var waiting = Array(nodes.prefix(Self.mostRefreshed))[...]
      var followed = 0
      while let next = waiting.popFirst() {
        var answer = EntityRefresh.Asked(accreditor: accreditor.name, node: next.description)
        do {
          let reply = try await source.entity(next, at: endpoint)
          let (added, successor) = try await learn(reply, from: accreditor, about: next, caller)
          answer.added = added
          // A replaced node leads to the one that is there now.
          if let successor, followed < Self.mostFollowed, asked.insert(successor).inserted {
            followed += 1
            waiting.append(successor)
          }
        } catch let error as PeerChartError where error.code != .storage {
          answer.problem = error.reason
          answer.isUnknown = error.code == .notFound
          refresh.asked.append(answer)
          // Who cannot be reached is not asked a thousand times.
          if error.code == .unreachable { break }
          continue
        }
        refresh.asked.append(answer)
      }
    }
    let looked = asked
    refresh.entities = try await store.read { [self] snapshot in
      try looked.map { try summary(of: $0, in: snapshot) }.sorted { $0.node < $1.node }
    }
    return refresh
  }

  /// Where an accreditor is asked: where it says itself, or where its node was paired.
  private func endpoint(
    of accreditor: Accreditor, in snapshot: any StoreSnapshot
  ) throws -> PeerEndpoint? {
    for (_, peer) in try rememberedItems(.peer, as: PeerRecord.self, in: snapshot) {
      guard let statement = try? peer.verified(),
        Accreditor(name: peer.name, key: statement.keys.signing).id == accreditor.id
      else { continue }
      return try peer.endpoint()
    }
    guard let place = accreditor.place else { return nil }
    let statement = try IdentityStatement(parsing: place.identity)
    return PeerEndpoint(
      node: statement.node, addresses: place.addresses.map(\.description),
      caCertificate: statement.authority.der)
  }

  private func learn(
    _ reply: PeerReply, from accreditor: Accreditor, about node: NodeID, _ caller: Caller
  ) async throws -> (added: Int, successor: NodeID?) {
    guard reply.status == 200 else {
      throw PeerChartError(
        reply.status == 404 ? .notFound : .notSupported,
        reply.status == 404
          ? "it says nothing about this entity" : "it answers \(reply.status)")
    }
    let document = try EntityDocument(parsing: reply.body)
    let now = clock.now()
    var successor: NodeID?
    for text in document.statements {
      let (statement, _) = try EntityStatement.verify(text, by: [accreditor], at: now)
      guard statement.node == node else {
        throw PeerChartError(.integrity, "it answers with a statement about another entity")
      }
      if case .rotated(let next) = statement.word { successor = next }
    }
    let added: Int = try await pass { [self] snapshot in
      var passage = Passage(outcome: .success(0))
      let added = try keep(
        document.statements, by: accreditor, about: node, askedAt: now, caller, &passage, snapshot)
      passage.outcome = .success(added)
      return passage
    }
    return (added, successor)
  }
}
