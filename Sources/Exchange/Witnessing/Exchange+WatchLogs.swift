import Audit
import Consent
import Identity
import Primitives
import TransparencyLog

extension Exchange {
  /// Looks into what did not fit of the paired nodes' logs, and notices those that are not shown any more.
  public func watchLogs(using transport: any PeerTransport) async throws {
    let now = clock.now()
    let silence = limits.logSilence
    let due = try await store.read { [self] snapshot in
      try items(.witnessedLog, as: WitnessedLogRecord.self, in: snapshot).compactMap {
        key, record -> (node: NodeID, peer: PeerRecord, record: WitnessedLogRecord)? in
        let isSilent =
          record.silentSince == nil
          && Instant(millisecondsSinceEpoch: record.seenAt).adding(seconds: silence) <= now
        guard record.doubt != nil || isSilent, let node = NodeID(bytes: key),
          let peer = try peer(node, in: snapshot)
        else { return nil }
        return (node, peer, record)
      }
    }
    for (node, peer, record) in due {
      if let doubt = record.doubt {
        try await lookInto(doubt, record, of: peer, node, transport)
      } else {
        try await noteSilence(of: peer, node)
      }
    }
  }

  /// Asks the log itself for the tiles that show whether two checkpoints are one history.
  private func lookInto(
    _ doubt: String, _ record: WitnessedLogRecord, of peer: PeerRecord, _ node: NodeID,
    _ transport: any PeerTransport
  ) async throws {
    let doubted = try SignedCheckpoint(parsing: Array(doubt.utf8))
    guard let latest = try record.signed() else { return }
    let source = PeerLogSource(transport: transport, endpoint: try peer.endpoint())
    let found: LogComparison
    do {
      found = try await source.compare(latest, doubted)
    } catch let error as PeerChartError
      where error.code == .unreachable || error.code == .integrity || error.code == .tooLarge
    {
      // Nothing is known yet; the next round asks again.
      return
    }
    let alarm: LogAlarm? = try await pass { [self] snapshot in
      guard var record: WitnessedLogRecord = try item(.witnessedLog, node.bytes, in: snapshot),
        record.doubt == doubt
      else { return Passage(outcome: .success(nil)) }
      switch found {
      case .split(let view), .notShown(let view):
        return try self.alarm(view, about: peer, node, record, snapshot) { $0 }
      case .consistent: break
      }
      record.doubt = nil
      var passage = Passage(outcome: .success(LogAlarm?.none))
      let change = try keeping(.witnessedLog, node.bytes, record, after: snapshot)
      passage.also { try change.apply($0) }
      return passage
    }
    if let alarm { raise(alarm) }
  }

  private func noteSilence(of peer: PeerRecord, _ node: NodeID) async throws {
    let now = clock.now()
    let isNew: Bool = try await pass { [self] snapshot in
      guard var record: WitnessedLogRecord = try item(.witnessedLog, node.bytes, in: snapshot),
        record.silentSince == nil
      else { return Passage(outcome: .success(false)) }
      record.silentSince = now.millisecondsSinceEpoch
      var draft = EventDraft(kind: .integrityFailure)
      draft.detail = [
        "peer": peer.node, "log": "silent",
        "since": Instant(millisecondsSinceEpoch: record.seenAt).description,
      ]
      var passage = Passage(outcome: .success(true))
      let change = try keeping(.witnessedLog, node.bytes, record, after: snapshot)
      passage.also { try change.apply($0) }
      passage.change(try notice(.logStalled, at: now, peer: peer.name), &draft)
      passage.entries = [try entry(draft, nodeOperator(), at: now)]
      return passage
    }
    if isNew { raise(LogAlarm(kind: .silent, node: peer.node)) }
  }

  /// Follows a paired node's log anew, from whatever it shows next: for when its people have said why it went
  /// astray. The evidence stays.
  ///
  /// - Throws: `forbidden`; `not-found` for a node whose log is not followed.
  public func acceptLog(ofPeer name: String, as caller: Caller) async throws {
    try require(.managePeers, caller)
    let summary = try await peer(named: name)
    guard let node = NodeID(summary.node) else { return }
    try await pass { [self] snapshot in
      guard var record: WitnessedLogRecord = try item(.witnessedLog, node.bytes, in: snapshot)
      else {
        throw PeerChartError(.notFound, "that node has not shown its log here")
      }
      let now = clock.now()
      record.latest = nil
      record.doubt = nil
      record.seenAt = now.millisecondsSinceEpoch
      if record.isAstray { record.alarm?.endedAt = now.millisecondsSinceEpoch }
      var draft = EventDraft(kind: .nodeConfigured)
      draft.detail = ["peer": summary.node, "log": "accepted"]
      var passage = Passage(outcome: .success(()))
      let change = try keeping(.witnessedLog, node.bytes, record, after: snapshot)
      passage.also { try change.apply($0) }
      passage.entries = [try entry(draft, caller, at: now)]
      return passage
    }
  }
}
