import Audit
import Consent
import FHIR
import Identity
import Primitives

extension Exchange {
  /// How many rows one page looks at.
  private static var chartRows: Int { 20_000 }
  /// Records on one page of a chart.
  static var chartPage: Int { 200 }

  /// A chart as a person goes through it: how many records there are of each kind, and the newest of those
  /// that were asked for (`Patient/[id]/$chart`). Counted and shown is what the caller may read, nothing
  /// else; the log names what was shown.
  ///
  /// - Throws: `not-found`, `forbidden`; `invalid` for a cursor of another question.
  public func chart(
    of patient: String, _ question: ChartQuestion, cursor: String? = nil, count: Int? = nil,
    as caller: Caller
  ) async throws -> ChartPage {
    try Self.checkAddress("Patient", patient)
    let name = "Patient/\(patient)/$chart"
    let size = min(max(try pageSize(count), 1), Self.chartPage)
    let start = try cursor.map { cursor -> ChartTally.Place in
      let entry = try openCursor(cursor, name, question.pairs, caller).position.entry
      return ChartTally.Place(date: entry.slot, row: entry.row)
    }
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard let slot = try reading.slot(of: patient) else {
        return try refusal(reading, .absent(type: "Patient", id: patient), action: .read)
      }
      var tally = ChartTally(question, size: size, after: start)
      let isPartial = try tally.walk(patient, slot: slot, reading, most: Self.chartRows)
      let shown = tally.page
      if tally.counts.isEmpty,
        let denial = try wholeDenial(
          patient: patient, question.types?.types ?? RecordType.allCases, .read, reading)
      {
        return try refusal(reading, .request(patient: patient, denial), action: .read)
      }
      // The cursor's place holds the time where a search has the chart's number.
      let next = try tally.next.map { place in
        let entry = IndexEntryPosition(slot: place.date, row: place.row)
        return try sealCursor(
          SearchCursor(SearchPosition(entry: entry)), name, question.pairs, caller)
      }
      let asked = question.pairs.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
      var passage = Passage(
        outcome: .success(
          ChartPage(
            counts: tally.counts, isPartial: isPartial,
            records: try shown.map { ChartRecord(try $0.release()) }, next: next)))
      try passage.disclose(
        shown, asked: asked.isEmpty ? "$chart" : "$chart?\(asked)", of: patient, .read, reading)
      return passage
    }
  }

  /// A record's newest version, and the numbers of those before it that the caller may read as well. On the
  /// log stands the one that is shown.
  ///
  /// - Throws: as `read`.
  public func recordWithVersions(
    _ type: String, id: String, most: Int = 20, as caller: Caller
  ) async throws -> RecordWithVersions {
    try Self.checkAddress(type, id)
    try caller.requireScope(.read, type)
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      let rows = try snapshot.history(of: keys.recordKey(type, id), before: .max, limit: most)
      guard let newest = rows.first else {
        return try refusal(reading, .absent(type: type, id: id), action: .read)
      }
      let versions = try rows.filter { row in
        guard case .permit = try reading.decide(reading.open(row), action: .read) else {
          return false
        }
        return true
      }
      let passage = try release(newest, reading)
      return Passage(
        outcome: passage.outcome.map { resource in
          RecordWithVersions(
            record: ChartRecord(resource),
            versions: versions.map {
              RecordWithVersions.Version(
                number: $0.number, at: Instant(millisecondsSinceEpoch: $0.storedAt),
                isDeleted: $0.isDeleted)
            })
        }, entries: passage.entries, guards: passage.guards, uses: passage.uses)
    }
  }
}

extension ChartTally {
  /// Goes through what belongs to the patient.
  ///
  /// - Returns: whether there were more rows than `most`.
  fileprivate mutating func walk(
    _ patient: String, slot: Int64, _ reading: Reading, most: Int
  ) throws -> Bool {
    var position: SearchPosition?
    var left = most
    repeat {
      var walk = EverythingWalk(
        patient: patient, slot: slot, request: EverythingRequest(), reading: reading, left: left)
      for found in try walk.page(from: position, size: 256) { try add(found) }
      left = walk.left
      position = walk.next
    } while position != nil && left > 0
    return position != nil
  }
}
