import Audit
import Primitives
import TransparencyLog

extension Exchange {
  /// Has the newest checkpoint of this node's log cosigned by its witnesses, and publishes it once they are
  /// enough. Called at intervals: everything that was logged in between is cosigned together.
  public func cosignLog(
    using transport: any PeerTransport, outside: any OutsideLogs
  ) async throws {
    let (witnesses, own) = try await takeCandidate()
    guard let candidate = try own.signedCandidate() else { return }
    let now = clock.now()
    let due = witnesses.filter { witness in
      let standing = own.witnesses[witness.key.verifierKey] ?? OwnLogRecord.Standing()
      let isOld =
        Int64(clamping: standing.time) + limits.cosignatureAge
        <= now.millisecondsSinceEpoch / 1000
      return standing.size != candidate.checkpoint.size || isOld || standing.line == nil
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for witness in due {
        let known = own.witnesses[witness.key.verifierKey]?.size ?? 0
        group.addTask { [self] in
          let answer = try await ask(witness, about: candidate, knowing: known, transport, outside)
          try await note(answer, of: witness, about: candidate)
        }
      }
      try await group.waitForAll()
    }
    try await publish(candidate)
  }

  /// Takes the newest checkpoint as the one to be cosigned. It is durable before anybody sees it.
  private func takeCandidate() async throws -> ([LogWitness], OwnLogRecord) {
    try await pass { [self] snapshot in
      let witnesses = try logWitnesses(in: snapshot)
      var own = try ownLog(in: snapshot)
      guard let newest = try snapshot.newestCheckpoint() else {
        return Passage(outcome: .success((witnesses, own)))
      }
      let size = try own.signedCandidate()?.checkpoint.size ?? 0
      guard UInt64(clamping: newest.size) > size else {
        return Passage(outcome: .success((witnesses, own)))
      }
      own.candidate = newest.note
      var passage = Passage(outcome: .success((witnesses, own)))
      let change = try keeping(.ownLog, OwnLogRecord.key, own, after: snapshot)
      passage.also { try change.apply($0) }
      return passage
    }
  }

  /// What came of asking a witness.
  private enum Answer: Sendable {
    case cosigned(NoteSignature, Cosignature)
    case failed(OwnLogRecord.State)
  }

  private func ask(
    _ witness: LogWitness, about candidate: SignedCheckpoint, knowing size: UInt64,
    _ transport: any PeerTransport, _ outside: any OutsideLogs
  ) async throws -> Answer {
    var oldSize = min(size, candidate.checkpoint.size)
    // A second time where the witness knows better what it cosigned last.
    for _ in 0..<2 {
      let request = try await request(for: candidate, from: oldSize)
      let answer: WitnessAnswer
      do {
        answer = try await witness.ask(request, transport, outside)
      } catch is PeerChartError {
        return .failed(.unreachable)
      }
      switch answer {
      case .cosigned(let lines):
        guard let line = witness.key.line(in: lines, over: candidate.note.text),
          let cosignature = Cosignature(bytes: line.signature),
          cosignature.time <= clock.now().adding(seconds: WitnessPolicy.clockSkew)
        else { return .failed(.unreachable) }
        return .cosigned(line, cosignature)
      case .stale(let known):
        if known == oldSize { return .failed(.refused) }
        guard known <= candidate.checkpoint.size else {
          return try await .failed(isBeyond(known) ? .refused : .waiting)
        }
        oldSize = known
      case .unproven: return .failed(.refused)
      case .unknownLog, .notSigned: return .failed(.unknown)
      case .malformed: return .failed(.unreachable)
      }
    }
    return .failed(.waiting)
  }

  /// Whether a witness has seen more of this log than there is. Another instance may have grown it meanwhile.
  private func isBeyond(_ size: UInt64) async throws -> Bool {
    try await store.read { UInt64(clamping: try $0.auditSize()) < size }
  }

  private func request(
    for candidate: SignedCheckpoint, from oldSize: UInt64
  ) async throws -> AddCheckpointRequest {
    let size = candidate.checkpoint.size
    let proof: [Hash] =
      oldSize == 0 || oldSize == size
      ? []
      : try await store.read { snapshot in
        try StoredLog(snapshot: snapshot, size: size)
          .consistencyProof(from: oldSize, to: size).path
      }
    return try AddCheckpointRequest(oldSize: oldSize, proof: proof, checkpoint: candidate)
  }

  private func note(
    _ answer: Answer, of witness: LogWitness, about candidate: SignedCheckpoint
  ) async throws {
    let now = clock.now()
    let alarm: LogAlarm? = try await pass { [self] snapshot in
      var own = try ownLog(in: snapshot)
      var standing = own.witnesses[witness.key.verifierKey] ?? OwnLogRecord.Standing()
      let before = standing.state
      standing.stateAt = now.millisecondsSinceEpoch
      switch answer {
      case .cosigned(let line, let cosignature):
        standing.size = candidate.checkpoint.size
        standing.time = cosignature.timestamp
        standing.line = String(decoding: line.line, as: UTF8.self)
        standing.state = .cosigned
      case .failed(let state):
        // A witness that refuses and then cannot be reached has not changed its mind.
        standing.state = before == .refused && state != .unknown ? .refused : state
      }
      own.witnesses[witness.key.verifierKey] = standing
      let isNew = standing.state == .refused && before != .refused
      var passage = Passage(
        outcome: .success(isNew ? LogAlarm(kind: .refused, node: witness.name) : nil))
      let change = try keeping(.ownLog, OwnLogRecord.key, own, after: snapshot)
      passage.also { try change.apply($0) }
      if isNew {
        var draft = EventDraft(kind: .integrityFailure)
        draft.detail = [
          "witness": witness.key.verifierKey, "log": "refused",
          "size": String(candidate.checkpoint.size),
        ]
        passage.change(try notice(.logRefused, at: now, peer: witness.title), &draft)
        passage.entries = [try entry(draft, nodeOperator(), at: now)]
      }
      return passage
    }
    if let alarm { raise(alarm) }
  }

  /// Serves the candidate from now on, if its cosignatures are enough.
  private func publish(_ candidate: SignedCheckpoint) async throws {
    let now = clock.now()
    try await pass { [self] snapshot in
      var own = try ownLog(in: snapshot)
      let nothing = Passage(outcome: .success(()))
      guard own.candidate.map({ Array($0.utf8) }) == candidate.bytes else { return nothing }
      let lines = try logWitnesses(in: snapshot).compactMap { witness -> NoteSignature? in
        guard let text = own.witnesses[witness.key.verifierKey]?.line,
          let line = NoteSignature(text: text)
        else { return nil }
        return witness.key.line(in: [line], over: candidate.note.text)
      }
      let cosigned = candidate.adding(lines)
      let report = try logPolicy(in: snapshot).report(on: cosigned)
      let text = String(decoding: cosigned.bytes, as: UTF8.self)
      guard report.isSatisfied, own.published != text else { return nothing }
      own.published = text
      own.publishedAt = now.millisecondsSinceEpoch
      var passage = nothing
      let change = try keeping(.ownLog, OwnLogRecord.key, own, after: snapshot)
      passage.also { try change.apply($0) }
      return passage
    }
  }
}
