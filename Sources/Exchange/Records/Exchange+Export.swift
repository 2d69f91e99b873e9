import Audit
public import Consent
import FHIR
import Identity
import Primitives

/// What an export covers.
public enum ExportScope: Sendable, Equatable {
  /// Everything the node keeps.
  case all
  /// One patient's chart.
  case patient(String)
}

extension Exchange {
  private static var exportGroup: Int { 500 }

  /// Gives back records as they were stored, chart by chart, in groups; each group is on record in the
  /// log before it is handed over.
  ///
  /// - Returns: how many records there were, and how many charts could not be opened because their
  ///   keys were destroyed.
  /// - Throws: `not-found` for a patient without a chart, `forbidden`.
  public func export(
    _ scope: ExportScope, types: RecordTypeSet? = nil, as caller: Caller,
    receive: ([ReleasedResource]) throws -> Void
  ) async throws -> (records: Int, destroyed: Int) {
    if case .account = caller.identity {
      let patient: String? = if case .patient(let id) = scope { id } else { nil }
      try require(.exportCharts, of: patient, caller)
    }
    let slots: [Int64]
    switch scope {
    case .all:
      slots = try await store.read { snapshot in
        var slots: [Int64] = []
        while true {
          let more = try snapshot.charts(after: slots.last ?? -1, limit: 1000)
          slots += more.map(\.slot)
          if more.count < 1000 { return slots }
        }
      }
    case .patient(let patient):
      guard
        let slot = try await store.read({ [keys] in
          try $0.chart(tag: keys.chartTag(patient))?.slot
        })
      else { throw PeerChartError(.notFound, "there is no chart of that patient") }
      slots = [slot]
    }
    var total = (records: 0, destroyed: 0)
    for slot in slots {
      var last: Int64 = -1
      while true {
        let from = last
        let group: ExportGroup?
        do {
          group = try await exportGroup(slot, types, after: from, caller)
        } catch let error as PeerChartError where error.code == .chartDestroyed && scope == .all {
          total.destroyed += 1
          break
        }
        guard let group else { break }
        try receive(group.resources)
        total.records += group.resources.count
        last = group.last
      }
    }
    return total
  }

  private struct ExportGroup: Sendable {
    let resources: [ReleasedResource]
    let last: Int64
  }

  private func exportGroup(
    _ slot: Int64, _ types: RecordTypeSet?, after row: Int64, _ caller: Caller
  ) async throws -> ExportGroup? {
    try await pass { [self] snapshot -> Passage<ExportGroup?> in
      let reading = Reading(self, snapshot, caller)
      let rows = try snapshot.records(slot: slot, after: row, limit: Self.exportGroup)
      guard let last = rows.last else { return Passage(outcome: .success(nil)) }
      var records: [ClosedRecord] = []
      var permits: [[Permit]] = []
      for row in rows {
        let record = try reading.open(row)
        guard caller.scopes?.allows(record.type, .read) ?? true,
          types?.contains(record.recordType) ?? true
        else { continue }
        switch try reading.decide(record, action: .export) {
        case .permit(let given):
          records.append(record)
          permits.append(given)
        case .deny(let reasons):
          // What may not be exported is left out; that nothing may is said.
          if caller.purpose == nil {
            return try refusal(reading, .request(patient: nil, reasons), action: .export)
          }
        }
      }
      let released = try zip(records, permits).map { try $0.release(under: $1, for: .export) }
      var passage = Passage<ExportGroup?>(
        outcome: .success(ExportGroup(resources: released, last: last.row)))
      try passage.disclose(records, under: permits, .export, reading)
      return passage
    }
  }
}
