import Identity
import Primitives

extension Exchange {
  /// How the entity that a node is of stood at a time, by the word of the accreditors that is taken here now:
  /// what was signed before a suspension stays good, what was signed after does not.
  ///
  /// - Parameter texts: statements that are about to be kept.
  func entityStanding(
    of node: NodeID, at time: Instant, also texts: [String] = [], in snapshot: any StoreSnapshot
  ) throws -> EntityStanding {
    try entityStanding(
      of: node, at: time, by: trustedAccreditors(in: snapshot), also: texts, in: snapshot)
  }

  /// As above, for several nodes in a row.
  func entityStanding(
    of node: NodeID, at time: Instant, by accreditors: [TrustedAccreditor],
    also texts: [String] = [],
    in snapshot: any StoreSnapshot
  ) throws -> EntityStanding {
    let now = clock.now()
    let shown = texts + (try peer(node, in: snapshot)?.accreditation.map { [$0] } ?? [])
    let standings: [EntityStanding] = try accreditors.compactMap { trusted in
      let record = try entityRecord(of: node, by: trusted, in: snapshot)
      var statements = try record?.history(of: node).statements ?? []
      // What the node itself has shown, before it was known whose word is taken.
      statements += shown.compactMap { text in
        try? EntityStatement.verify(text, by: [trusted.accreditor], at: now).statement
      }
      let history = EntityHistory(of: node, statements)
      guard let newest = history.newestTime else { return nil }
      var standing = history.standing(at: time, withdrawalsOnly: trusted.withdrawalsOnly)
      guard standing.state != .unknown else { return nil }
      let asked = trusted.isSelf ? now : record?.askedAt.map(Instant.init(millisecondsSinceEpoch:))
      let known = max(newest, asked ?? newest)
      standing.accreditor = trusted.accreditor.name
      standing.knownAt = known
      standing.isFresh = trusted.freshness.map { now <= known.adding(seconds: $0) } ?? true
      return standing
    }
    return EntityStanding.combined(standings)
  }

  /// What is kept of what an accreditor said about a node.
  func entityRecord(
    of node: NodeID, by trusted: TrustedAccreditor, in snapshot: any StoreSnapshot
  ) throws -> EntityRecord? {
    if trusted.isSelf { return try item(.issuedEntity, node.bytes, in: snapshot) }
    return try item(
      .knownEntity, EntityRecord.key(node, by: trusted.accreditor.id), in: snapshot)
  }

  /// Those whose word is taken, this node first: it takes its own.
  func trustedAccreditors(in snapshot: any StoreSnapshot) throws -> [TrustedAccreditor] {
    let own = TrustedAccreditor(
      accreditor: asAccreditor, freshness: nil, withdrawalsOnly: false, isSelf: true)
    let others = try rememberedItems(.accreditor, as: AccreditorRecord.self, in: snapshot)
      .compactMap { _, record -> TrustedAccreditor? in
        guard let accreditor = try? Accreditor(parsing: record.json) else { return nil }
        return TrustedAccreditor(
          accreditor: accreditor, freshness: record.freshness,
          withdrawalsOnly: record.withdrawalsOnly ?? false)
      }
    return [own] + others.filter { $0.accreditor.id != own.accreditor.id }
  }
}
