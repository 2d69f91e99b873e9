import Consent
import FHIR
import Identity
import Primitives

/// One page's walk through what belongs to a patient: the chart by its rows, then the compartment of the
/// patient in other charts by the index.
struct EverythingWalk {
  /// The step of the walk, as the cursor's number of the query: the chart, then type by type.
  private static let chart = 0
  private static let mostShared = 5000

  let patient: String
  let slot: Int64
  let request: EverythingRequest
  let reading: Reading
  /// How many rows may still be looked at.
  var left: Int
  /// Where the next page goes on; nil when all has been seen.
  private(set) var next: SearchPosition?
  private var found: [FoundRecord] = []

  init(
    patient: String, slot: Int64, request: EverythingRequest, reading: Reading, left: Int
  ) {
    self.patient = patient
    self.slot = slot
    self.request = request
    self.reading = reading
    self.left = left
  }

  mutating func page(from start: SearchPosition?, size: Int) throws -> [FoundRecord] {
    if start == nil,
      let record = try reading.readable(ReferenceTarget(type: "Patient", id: patient))
    {
      try take(record)
    }
    let step = start?.query ?? Self.chart
    if step == Self.chart, try walkChart(after: start?.entry.row ?? -1, size) { return found }
    try walkOtherCharts(from: max(step, 1), after: step == Self.chart ? nil : start?.entry, size)
    return found
  }

  /// Whether the page ended there.
  private mutating func walkChart(after start: Int64, _ size: Int) throws -> Bool {
    let patientKey = reading.exchange.keys.recordKey("Patient", patient)
    var last = start
    while true {
      let rows = try reading.snapshot.records(slot: slot, after: last, limit: 256)
      for row in rows {
        guard found.count < size, left > 0 else {
          next = SearchPosition(
            query: Self.chart, entry: IndexEntryPosition(slot: slot, row: last))
          return true
        }
        left -= 1
        last = row.row
        // It came first.
        if row.key != patientKey { try take(row) }
      }
      guard rows.count == 256 else { return false }
    }
  }

  /// Records about several patients lie in the chart of one of them.
  private mutating func walkOtherCharts(
    from step: Int, after start: IndexEntryPosition?, _ size: Int
  ) throws {
    guard let membership = CompartmentMembership(.patient, id: patient) else { return }
    for (number, type) in membership.compartment.types.enumerated() where number + 1 >= step {
      guard request.types?.contains(type) ?? true else { continue }
      let query = SearchQuery(type: type, conditions: [.compartment(membership)])
      let plan = try SearchPlan(query, reading)
      var last = number + 1 == step ? start : nil
      var candidates = try plan.candidates(in: reading.snapshot, after: last)
      var ahead = RowsAhead()
      while case let batch = try elsewhere(&candidates, plan, ahead.size), !batch.isEmpty {
        for (entry, row) in try ahead.read(batch, reading.snapshot) {
          guard found.count < size, left > 0 else {
            next = SearchPosition(
              query: number + 1, entry: last ?? IndexEntryPosition(slot: -1, row: -1))
            return
          }
          left -= 1
          last = entry
          if let row { try take(row, where: membership) }
        }
      }
    }
  }

  /// The next candidates that lie in other charts.
  private func elsewhere(
    _ candidates: inout Candidates, _ plan: SearchPlan, _ count: Int
  ) throws -> [IndexEntryPosition] {
    var entries: [IndexEntryPosition] = []
    while entries.count < count, let entry = try candidates.next() {
      if entry.slot == slot {
        // The chart itself has been walked: on behind all its entries.
        candidates = try plan.candidates(
          in: reading.snapshot, after: IndexEntryPosition(slot: slot, row: .max))
      } else {
        entries.append(entry)
      }
    }
    return entries
  }

  private mutating func take(
    _ row: VersionRow, where membership: CompartmentMembership? = nil
  ) throws {
    guard let record = try reading.visible(row, for: .read, scope: .read) else { return }
    try take(record, where: membership)
  }

  private mutating func take(
    _ record: FoundRecord, where membership: CompartmentMembership? = nil
  ) throws {
    let closed = record.record
    if let types = request.types, !types.contains(closed.type) { return }
    if let kinds = request.recordTypes, !kinds.contains(closed.recordType) { return }
    if let since = request.since, closed.row.storedAt < since.millisecondsSinceEpoch { return }
    if let period = request.period, closed.type != "Patient", !period.contains(closed.date) {
      return
    }
    if let membership, try !membership.matches(record.resource()) { return }
    found.append(record)
  }

  // MARK: What records refer to

  /// The records that say nothing about a patient and that these refer to, at first or second hand.
  func shared(by records: [FoundRecord]) throws -> [FoundRecord] {
    var known = Set(records.map(\.target))
    var shared: [FoundRecord] = []
    var round = records
    while !round.isEmpty {
      var drawn: [FoundRecord] = []
      for record in round {
        for link in try record.resource().links {
          guard let target = ReferenceTarget(parsing: link.text), target.base == nil,
            request.types?.contains(target.type) ?? true,
            Resource.isValidID(target.id),
            known.insert(ReferenceTarget(type: target.type, id: target.id)).inserted,
            let found = try reading.readable(target), found.record.patients.isEmpty
          else { continue }
          drawn.append(found)
          guard shared.count + drawn.count < Self.mostShared else { return shared + drawn }
        }
      }
      shared += drawn
      round = drawn
    }
    return shared
  }
}
