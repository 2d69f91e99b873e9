import Consent
import Identity
public import Primitives

extension Exchange {
  /// The entities of which accreditors whose word is taken say something, those about which this node has said
  /// something, and the paired organizations; by name.
  ///
  /// - Throws: `forbidden`.
  public func entities(as caller: Caller) async throws -> [EntitySummary] {
    try require(.seeTrust, caller)
    return try await store.read { [self] snapshot in
      let accreditors = try trustedAccreditors(in: snapshot)
      return try knownEntities(in: snapshot).map { node in
        EntitySummary(
          try entityStanding(of: node, at: clock.now(), by: accreditors, in: snapshot), of: node,
          named: try peer(node, in: snapshot)?.name)
      }.sorted { $0.orderKey < $1.orderKey }
    }
  }

  /// What is known of an entity, and by whose word.
  ///
  /// - Throws: `forbidden`; `not-found` for a node that nobody here knows.
  public func entity(_ node: NodeID, as caller: Caller) async throws -> EntityDetail {
    try require(.seeTrust, caller)
    return try await store.read { [self] snapshot in
      guard try knownEntities(in: snapshot).contains(node) else {
        throw PeerChartError(
          .notFound, "nothing is known of that node; `entity list` shows the entities")
      }
      let statements = try trustedAccreditors(in: snapshot).flatMap { trusted in
        try (entityRecord(of: node, by: trusted, in: snapshot)?.history(of: node).statements ?? [])
          .map { EntityStatementSummary($0, by: trusted.accreditor) }
      }
      return EntityDetail(
        entity: try summary(of: node, in: snapshot), statements: statements)
    }
  }

  func summary(
    of node: NodeID, also texts: [String] = [], in snapshot: any StoreSnapshot
  ) throws -> EntitySummary {
    EntitySummary(
      try entityStanding(of: node, at: clock.now(), also: texts, in: snapshot), of: node,
      named: try peer(node, in: snapshot)?.name)
  }

  func knownEntities(in snapshot: any StoreSnapshot) throws -> Set<NodeID> {
    let known = try snapshot.itemKeys(.knownEntity).map { Array($0.prefix(NodeID.byteCount)) }
    let issued = try snapshot.itemKeys(.issuedEntity)
    let paired = try rememberedItems(.peer, as: PeerRecord.self, in: snapshot)
      .filter { $0.value.kind == NodeKind.organization.rawValue || $0.value.accreditation != nil }
      .map(\.key)
    return Set((known + issued + paired).compactMap(NodeID.init(bytes:)))
  }
}

extension EntitySummary {
  fileprivate var orderKey: (String, String) { (organization ?? name ?? "", node) }
}
