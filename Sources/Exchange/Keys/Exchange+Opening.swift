import Audit
import Consent
public import Identity
public import Primitives
public import Vault

/// What a node is made of, before it can do anything.
public struct ExchangeParts: Sendable {
  public var store: any RecordStore
  public var provider: any RootKeyProvider
  /// The same that the store calls within its commits.
  public var sequencer: CheckpointKeeper
  public var clock: any WallClock
  public var random: any RandomSource
  public var limits: ExchangeLimits
  public var sessions: SessionPolicy

  public init(
    store: any RecordStore, provider: any RootKeyProvider, sequencer: CheckpointKeeper,
    clock: any WallClock = SystemClock(), random: any RandomSource = SystemRandom(),
    limits: ExchangeLimits = ExchangeLimits(), sessions: SessionPolicy = SessionPolicy()
  ) {
    self.store = store
    self.provider = provider
    self.sequencer = sequencer
    self.clock = clock
    self.random = random
    self.limits = limits
    self.sessions = sessions
  }
}

extension Exchange {
  private static let nodeKeyItem = Array("node-key".utf8)
  private static let identityItem = Array("identity".utf8)
  private static let statementItem = Array("statement".utf8)

  /// Makes a new node in an empty store: its keys, its identity, the chart of its shared data, the
  /// first entry of its log. All or nothing.
  ///
  /// - Throws: `conflict` when the store holds a node already.
  public static func establish(
    name: NodeName, kind: NodeKind, _ parts: ExchangeParts
  ) async throws -> Exchange {
    let now = parts.clock.now()
    let identity = try NodeKeys(random: parts.random)
    let authority = try AuthorityCertificate(keys: identity, now: now, random: parts.random)
    let statement = try IdentityStatement(
      name: name, kind: kind, keys: identity, authority: authority, issuedAt: now)
    let hierarchy = KeyHierarchy(provider: parts.provider, random: parts.random)
    guard let generation = try parts.provider.generations().last else {
      throw PeerChartError(.notFound, "there is no root key")
    }
    let nodeKey = try hierarchy.makeNodeKey(rootGeneration: generation)
    let keys = ChartKeeper(
      hierarchy: hierarchy, provider: parts.provider, nodeKeys: try hierarchy.nodeKeys(nodeKey),
      random: parts.random)
    try parts.sequencer.arm(origin: logOrigin(identity.node), signingKey: identity.signing)
    let exchange = Exchange(parts, keys: keys, identity: identity, statement: statement)
    let sealedIdentity = try identity.withSerialized {
      try keys.seal($0, .node, key: identityItem)
    }
    let sealedStatement = try keys.seal(statement.bytes, .node, key: statementItem)
    var draft = EventDraft(kind: .keyCreated)
    draft.detail = [ItemLedger.marker.name: ItemLedger.marker.value]
    let entry = try exchange.entry(draft, exchange.nodeOperator(), at: now)
    try await parts.store.write { transaction in
      guard try transaction.chart(slot: 0) == nil else {
        throw PeerChartError(.conflict, "this data folder holds a node already")
      }
      try exchange.makeChart(
        tag: keys.chartTag(""), rootGeneration: Int64(generation), transaction)
      try transaction.putItem(.node, key: nodeKeyItem, sealed: nodeKey.wrapped.encoded)
      try transaction.putItem(.node, key: identityItem, sealed: sealedIdentity)
      try transaction.putItem(.node, key: statementItem, sealed: sealedStatement)
      _ = try transaction.appendAudit(
        slot: nil, sealed: entry.sealed, leafHash: entry.leafHash)
    }
    return exchange
  }

  /// Opens the node that a store holds.
  ///
  /// - Throws: `not-found` when there is none; what the key provider throws when the root key does not fit.
  public static func open(_ parts: ExchangeParts) async throws -> Exchange {
    let (rootGeneration, nodeKey, sealedIdentity, sealedStatement) = try await parts.store.read {
      snapshot in
      guard let chart = try snapshot.chart(slot: 0),
        let nodeKey = try snapshot.item(.node, key: nodeKeyItem),
        let identity = try snapshot.item(.node, key: identityItem),
        let statement = try snapshot.item(.node, key: statementItem)
      else { throw PeerChartError(.notFound, "there is no node in this data folder") }
      return (chart.keyGeneration, nodeKey, identity, statement)
    }
    // Ends a root replacement that a crash cut off after the store had moved over.
    try parts.provider.commit(UInt32(clamping: rootGeneration))
    let hierarchy = KeyHierarchy(provider: parts.provider, random: parts.random)
    let row = NodeKeyRow(wrapped: try WrappedKey(encoded: nodeKey))
    let keys = ChartKeeper(
      hierarchy: hierarchy, provider: parts.provider, nodeKeys: try hierarchy.nodeKeys(row),
      random: parts.random)
    let identity = try NodeKeys(
      serialized: keys.open(sealedIdentity, .node, key: identityItem))
    let statement = try IdentityStatement(
      parsing: keys.open(sealedStatement, .node, key: statementItem))
    try parts.sequencer.arm(origin: logOrigin(identity.node), signingKey: identity.signing)
    return Exchange(parts, keys: keys, identity: identity, statement: statement)
  }

  /// Replaces the root key: everything wrapped by it is wrapped by a new one, bodies are not touched.
  ///
  /// - Returns: the new generation.
  public func replaceRootKey(as caller: Caller) async throws -> UInt32 {
    try await replaceRootKey(destroying: nil, caller)
  }

  /// Destroys a patient's key: nobody can open the chart any more, in this store or any copy of it.
  ///
  /// The root is replaced with it, so that a copy of the wrapped key in a backup is wrapped by a root
  /// that is gone. Records that were disclosed to others are theirs and stay.
  ///
  /// - Throws: `not-found` when there is no chart of that patient, `gone` when its key was destroyed before.
  public func destroyChart(of patient: String, as caller: Caller) async throws {
    _ = try await replaceRootKey(destroying: patient, caller)
  }

  private func replaceRootKey(destroying patient: String?, _ caller: Caller) async throws -> UInt32
  {
    try require(.manageKeys, caller)
    for _ in 0..<8 {
      let (old, doomed) = try await store.read { [keys] snapshot in
        let generation = try snapshot.chart(slot: 0)?.keyGeneration ?? 1
        return (generation, try patient.map { try snapshot.chart(tag: keys.chartTag($0)) })
      }
      if let doomed {
        guard let chart = doomed else {
          throw PeerChartError(.notFound, "there is no chart of that patient")
        }
        guard chart.wrappedKey != nil else {
          throw PeerChartError(.gone, "the key of this chart was destroyed before")
        }
      }
      let slot = doomed??.slot
      let next: UInt32
      do { next = try keys.provider.stage(after: UInt32(clamping: old)) } catch let error
        as PeerChartError where error.code == .conflict
      { continue }
      var draft = EventDraft(kind: patient == nil ? .keyRotated : .keyDestroyed)
      draft.patient = patient
      draft.detail = ["root-generation": String(next)]
      if let doomed = doomed ?? nil { draft.items = [Self.patientLinkEnd(doomed).note] }
      let entry = try entry(draft, caller, at: clock.now(), slot: slot)
      do {
        try await store.write { [self] transaction in
          try rewrap(transaction, from: old, to: next, destroying: slot)
          _ = try transaction.appendAudit(
            slot: entry.slot, sealed: entry.sealed, leafHash: entry.leafHash)
        }
      } catch let error as PeerChartError where error.code == .staleDecision {
        continue
      }
      try keys.provider.commit(next)
      if let slot { keys.hierarchy.forget(slot: slot) }
      return next
    }
    throw PeerChartError(.conflict, "another process is replacing the root key; try again")
  }

  /// The patient's signing key goes with the chart.
  private static func patientLinkEnd(_ chart: ChartRow) -> ItemChange {
    ItemChange(kind: .patientLink, key: chart.tag, sealed: nil)
  }

  private func rewrap(
    _ transaction: any StoreTransaction, from old: Int64, to next: UInt32, destroying doomed: Int64?
  ) throws {
    guard try transaction.chart(slot: 0)?.keyGeneration == old else {
      throw PeerChartError(.staleDecision, "the root key was replaced meanwhile")
    }
    if let nodeKey = try transaction.item(.node, key: Self.nodeKeyItem) {
      let row = NodeKeyRow(wrapped: try WrappedKey(encoded: nodeKey))
      let wrapped = try keys.hierarchy.rewrap(row, to: next).wrapped.encoded
      try transaction.putItem(.node, key: Self.nodeKeyItem, sealed: wrapped)
    }
    var last: Int64 = -1
    while true {
      let charts = try transaction.charts(after: last, limit: 1000)
      for chart in charts {
        if chart.slot == doomed {
          try transaction.setChartKey(slot: chart.slot, generation: Int64(next), wrapped: nil)
          try transaction.deleteDataKeys(slot: chart.slot)
          try Self.patientLinkEnd(chart).apply(transaction)
          try transaction.bumpConsentRevision(slot: chart.slot)
        } else if let wrapped = chart.wrappedKey {
          let row = ChartKeyRow(slot: chart.slot, wrapped: try WrappedKey(encoded: wrapped))
          try transaction.setChartKey(
            slot: chart.slot, generation: Int64(next),
            wrapped: keys.hierarchy.rewrap(row, to: next).wrapped.encoded)
        }
      }
      guard let end = charts.last, charts.count == 1000 else { return }
      last = end.slot
    }
  }
}
