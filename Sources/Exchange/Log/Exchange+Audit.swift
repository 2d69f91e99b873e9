public import Audit
import Consent
import Foundation
import Primitives
import TransparencyLog

/// An entry of the log, opened.
public struct LoggedEvent: Sendable {
  public let sequence: Int64
  public let event: AuditEvent
}

extension Exchange {
  /// Entries of the log, newest first: of one patient, or all.
  ///
  /// - Parameter before: only entries with a smaller sequence number.
  public func auditEvents(
    of patient: String?, before sequence: Int64?, limit: Int, as caller: Caller
  ) async throws -> [LoggedEvent] {
    try require(patient == nil ? .seeNodeLog : .seeChartLog, of: patient, caller)
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      let rows: [AuditRow]
      if let patient {
        guard let slot = try reading.slot(of: patient) else {
          throw PeerChartError(.notFound, "there is no chart of that patient")
        }
        rows = try snapshot.auditRows(slot: slot, before: sequence ?? .max, limit: limit)
      } else {
        let end = min(sequence ?? .max, try snapshot.auditSize())
        let start = max(0, end - Int64(limit))
        rows = try snapshot.auditRows(from: start, limit: Int(end - start)).reversed()
      }
      let events = try rows.map { row in
        LoggedEvent(
          sequence: row.sequence, event: try AuditEntry(plaintext: keys.openEntry(row)).event)
      }
      var draft = EventDraft(kind: .auditRead)
      draft.patient = patient
      draft.counts = ["entries": events.count]
      return Passage(outcome: .success(events), entries: [try entry(draft, reading)])
    }
  }

  /// The proof that an entry is in the log: everything that a stranger needs to check it offline.
  ///
  /// - Parameter patient: whose log the entry is taken from; nil for the node's.
  /// - Returns: the entry (its salt and canonical bytes) and the C2SP tlog-proof text.
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
      let (checkpoint, proof) = try prove(sequence, snapshot)
      let logged = try AuditEntry(plaintext: keys.openEntry(row))
      var draft = EventDraft(kind: .auditRead)
      draft.patient = patient
      draft.counts = ["entries": 1]
      draft.detail = ["proof": String(sequence)]
      var passage = Passage(
        outcome: .success(
          AuditProof(
            sequence: sequence, salt: logged.salt, event: logged.eventBytes, proof: proof)),
        entries: [try entry(draft, reading)])
      passage.also { transaction in
        try transaction.putCheckpoint(
          CheckpointRow(size: checkpoint.size, note: checkpoint.note, pinned: true))
      }
      return passage
    }
  }

  func prove(
    _ sequence: Int64, _ snapshot: any StoreSnapshot, extra: [UInt8]? = nil
  ) throws -> (checkpoint: CheckpointRow, proof: [UInt8]) {
    guard let newest = try snapshot.newestCheckpoint() else {
      throw PeerChartError(.notFound, "the log has no checkpoint yet")
    }
    let log = StoredLog(snapshot: snapshot, size: UInt64(clamping: newest.size))
    let checkpoint = try SignedCheckpoint(parsing: Array(newest.note.utf8))
    let proof = try LogProof(
      log.inclusionProof(of: UInt64(clamping: sequence), in: checkpoint.checkpoint.size),
      checkpoint: checkpoint, extra: extra)
    return (newest, proof.bytes)
  }
}

/// An entry with the proof that it is in the log.
public struct AuditProof: Sendable {
  public let sequence: Int64
  public let salt: [UInt8]
  /// The event's canonical JSON.
  public let event: [UInt8]
  /// C2SP tlog-proof text.
  public let proof: [UInt8]
}

extension AuditProof {
  /// The hash of the entry as a leaf of the log: what a checker computes from `salt` and `event`.
  public var leafHash: [UInt8] {
    Hash.leaf(AuditEntry.commitment(toPlaintext: salt + event)).bytes
  }
}
