public import Audit
import Consent
import Foundation
import Primitives

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
}
