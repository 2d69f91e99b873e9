public import Audit
import Consent
import Primitives
public import TransparencyLog

/// An entry with everything that a stranger needs to check offline that it is in the log.
public struct AuditProof: Sendable {
  public let sequence: Int64
  public let entry: AuditEntry
  public let bundle: ProofBundle
}

extension Exchange {
  private static var searchedAtOnce: Int { 1000 }

  /// The proof that an entry is in the log (docs/format/proof.md): under the newest checkpoint that witnesses
  /// have cosigned, or, where that does not reach it yet, under the node's own; and the anchors over it.
  ///
  /// - Parameter patient: whose log the entry is taken from; nil for the node's.
  /// - Throws: `forbidden`; `not-found` for an entry that is not there, or not in that patient's log.
  public func proveAudit(
    _ sequence: Int64, of patient: String?, as caller: Caller
  ) async throws -> AuditProof {
    try require(patient == nil ? .seeNodeLog : .seeChartLog, of: patient, caller)
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      let slot = try patient.map { try reading.slot(of: $0) }
      guard let row = try snapshot.auditRows(from: sequence, limit: 1).first,
        row.sequence == sequence, slot.map({ $0 != nil && row.slot == $0 }) ?? true
      else { throw PeerChartError(.notFound, "this log has no entry of that number") }
      let logged = try AuditEntry(plaintext: keys.openEntry(row))
      let (bundle, pinned) = try proof(of: sequence, logged.plaintext, in: snapshot)
      var draft = EventDraft(kind: .auditRead)
      draft.patient = patient
      draft.counts = ["entries": 1]
      draft.detail = ["proof": String(sequence)]
      var passage = Passage(
        outcome: .success(AuditProof(sequence: sequence, entry: logged, bundle: bundle)),
        entries: [try entry(draft, reading)])
      passage.also { try $0.putCheckpoint(pinned) }
      return passage
    }
  }

  /// The number of the newest entry about a consent or a document. Opens entry after entry from the end of the
  /// log until it is found: some ten microseconds for each.
  ///
  /// - Throws: `forbidden`; `not-found`.
  public func findEntry(of subject: ProofSubject, as caller: Caller) async throws -> Int64 {
    try require(.seeNodeLog, caller)
    var end = try await store.read { try $0.auditSize() }
    while end > 0 {
      let start = max(0, end - Int64(Self.searchedAtOnce))
      let (first, count) = (start, Int(end - start))
      let found = try await store.read { [self] snapshot in
        try snapshot.auditRows(from: first, limit: count).last { row in
          try ProofSubject(AuditEntry(plaintext: keys.openEntry(row)).event) == subject
        }?.sequence
      }
      if let found { return found }
      end = start
    }
    throw PeerChartError(.notFound, "this log has no such entry")
  }

  /// Brings a proof of this node's log up to date: a newer checkpoint with its cosignatures, and newer anchors.
  ///
  /// - Throws: `forbidden`; `invalid` for a proof of another log; `integrity` where it does not hold, or this
  ///   log has another entry in that place; `not-found` where it has none.
  public func refreshProof(_ bundle: ProofBundle, as caller: Caller) async throws -> ProofBundle {
    try require(.seeNodeLog, caller)
    let key = try logKey()
    guard bundle.log.verifierKey == key.verifierKey else {
      throw PeerChartError(.invalid, "the proof is of another node's log; only that one has newer")
    }
    let leaf = try bundle.auditEntry().leafHash
    let report = await bundle.report(leafHash: leaf, trust: ProofTrust(logs: [key]), now: nil)
    guard report.isSigned, report.isIncluded else {
      throw PeerChartError(.integrity, "the proof does not hold")
    }
    let sound = try bundle.withoutFalseAnchors(report)
    return try await pass { [self] snapshot in
      let sequence = Int64(clamping: bundle.index)
      guard let row = try snapshot.auditRows(from: sequence, limit: 1).first,
        row.sequence == sequence
      else { throw PeerChartError(.notFound, "this log has no entry of that number") }
      guard row.leafHash == leaf.bytes else {
        throw PeerChartError(.integrity, "this log has another entry in that place")
      }
      let (newer, pinned) = try proof(of: sequence, bundle.entry, in: snapshot)
      var draft = EventDraft(kind: .auditRead)
      draft.detail = ["proof-refreshed": String(sequence)]
      var passage = Passage(
        outcome: .success(try sound.refreshed(by: newer)),
        entries: [try entry(draft, caller, at: clock.now())])
      passage.also { try $0.putCheckpoint(pinned) }
      return passage
    }
  }
}
