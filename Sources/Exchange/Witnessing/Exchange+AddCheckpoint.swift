import Audit
import Identity
import Primitives
public import TransparencyLog

extension Exchange {
  /// Cosigns a paired node's checkpoint, if it continues what this node has seen of that log (C2SP
  /// tlog-witness).
  ///
  /// The comparison and the change of what was seen are one transaction, durable before the cosignature goes
  /// out: of requests that come at once, one at most is answered with it.
  public func addCheckpoint(_ body: [UInt8]) async throws -> WitnessAnswer {
    let request: AddCheckpointRequest
    do {
      request = try AddCheckpointRequest(parsing: body)
    } catch {
      return .malformed
    }
    let origin = request.checkpoint.checkpoint.origin
    guard let node = NodeID(String(origin.dropFirst("peerchart/".count))),
      Self.logOrigin(node) == origin
    else { return .unknownLog }
    let (answer, alarm) = try await pass { [self] snapshot in
      try decide(request, of: node, snapshot)
    }
    if let alarm { raise(alarm) }
    return answer
  }

  private func decide(
    _ request: AddCheckpointRequest, of node: NodeID, _ snapshot: any StoreSnapshot
  ) throws -> Passage<(WitnessAnswer, LogAlarm?)> {
    guard let peer = try peer(node, in: snapshot) else {
      return Passage(outcome: .success((.unknownLog, nil)))
    }
    let now = clock.now()
    let kept: WitnessedLogRecord? = try item(.witnessedLog, node.bytes, in: snapshot)
    var record = kept ?? WitnessedLogRecord(seenAt: now.millisecondsSinceEpoch)
    let log = WitnessedLog(key: try peer.logKey(), latest: try record.signed())
    switch log.decide(request) {
    case .cosign(let checkpoint):
      record.latest = String(decoding: checkpoint.bytes, as: UTF8.self)
      record.seenAt = now.millisecondsSinceEpoch
      record.silentSince = nil
      if record.isAstray { record.alarm?.endedAt = now.millisecondsSinceEpoch }
      let line = try cosigned(checkpoint, at: now)
      var passage = Passage(outcome: .success((WitnessAnswer.cosigned([line]), LogAlarm?.none)))
      let change = try keeping(.witnessedLog, node.bytes, record, after: snapshot)
      passage.also { try change.apply($0) }
      return passage
    case .refuse(let answer, .proven(let view)?):
      return try alarm(view, about: peer, node, record, snapshot) { (answer, $0) }
    case .refuse(let answer, .unconnected(let checkpoint)?):
      // One doubt at a time: whoever repeats an old checkpoint does not make this node write.
      guard record.doubt == nil, !record.isAstray || record.alarm?.isProven == false else {
        return Passage(outcome: .success((answer, nil)))
      }
      record.doubt = String(decoding: checkpoint.bytes, as: UTF8.self)
      var passage = Passage(outcome: .success((answer, LogAlarm?.none)))
      let change = try keeping(.witnessedLog, node.bytes, record, after: snapshot)
      passage.also { try change.apply($0) }
      return passage
    case .refuse(let answer, nil): return Passage(outcome: .success((answer, nil)))
    }
  }

  private func cosigned(_ checkpoint: SignedCheckpoint, at time: Instant) throws -> NoteSignature {
    try NoteSigner(
      witness: Self.logOrigin(nodeID), privateKey: identity.signing,
      at: UInt64(clamping: time.millisecondsSinceEpoch / 1000)
    ).signature(for: Array(checkpoint.note.text.utf8))
  }

  /// Keeps the evidence and tells people, once for each time that a log goes astray.
  ///
  /// - Parameter outcome: what the caller gets.
  func alarm<Value>(
    _ view: SplitView, about peer: PeerRecord, _ node: NodeID, _ record: WitnessedLogRecord,
    _ snapshot: any StoreSnapshot, _ outcome: (LogAlarm?) -> Value
  ) throws -> Passage<Value> {
    var record = record
    let doubted = record.doubt != nil
    record.doubt = nil
    let isProven = view.isProven(by: try peer.logKey())
    let isKnown = record.isAstray
    // What is known already is known; a proof in place of an open question is kept.
    guard !isKnown || isProven && record.alarm?.isProven == false,
      try evidenceCount(against: peer, in: snapshot) < Self.mostEvidence
    else {
      var passage = Passage(outcome: .success(outcome(nil)))
      // Whoever tells the same a hundred times does not make this node write.
      guard doubted || !isKnown else { return passage }
      record.alarm?.endedAt = nil
      let change = try keeping(.witnessedLog, node.bytes, record, after: snapshot)
      passage.also { try change.apply($0) }
      return passage
    }
    let now = clock.now()
    let evidence = LogEvidenceRecord(
      id: newID(), node: peer.node, at: now.millisecondsSinceEpoch, view: view)
    record.alarm = WitnessedLogRecord.Alarm(
      evidence: evidence.id, at: now.millisecondsSinceEpoch, isProven: isProven)
    var draft = EventDraft(kind: .integrityFailure)
    draft.detail = [
      "peer": peer.node, "log": isProven ? "forked" : "not-shown", "evidence": evidence.id,
      "sizes": "\(view.first.checkpoint.size) \(view.second.checkpoint.size)",
    ]
    var passage = Passage(
      outcome: .success(outcome(isKnown ? nil : LogAlarm(kind: .forked, node: peer.node))))
    let change = try keeping(.witnessedLog, node.bytes, record, after: snapshot)
    passage.also { try change.apply($0) }
    passage.change(try keeping(.logEvidence, Array(evidence.id.utf8), evidence), &draft)
    if !isKnown {
      passage.change(
        try notice(.logForked, at: now, peer: peer.name, reference: evidence.id), &draft)
    }
    passage.entries = [try entry(draft, nodeOperator(), at: now)]
    return passage
  }
}

extension Exchange {
  /// How much is kept against one log: who fills a disk with its own misdeeds has been found out.
  private static var mostEvidence: Int { 32 }

  private func evidenceCount(
    against peer: PeerRecord, in snapshot: any StoreSnapshot
  ) throws -> Int {
    try items(.logEvidence, as: LogEvidenceRecord.self, in: snapshot)
      .count { $0.value.node == peer.node }
  }
}

extension PeerRecord {
  /// The key of that node's log.
  func logKey() throws -> Ed25519NoteVerifier {
    let statement = try verified()
    return try Ed25519NoteVerifier(
      name: Exchange.logOrigin(statement.node), publicKey: statement.keys.signing)
  }
}
