import Audit
import Consent
import FHIR
import Identity
public import Primitives

extension Exchange {
  /// How many versions one page of a history looks at: a caller to whom little is open gets pages with
  /// few entries, and a way on, rather than an answer that takes minutes.
  private static var versionsLookedAt: Int { 20_000 }
  private static var versionsReadAtOnce: Int { 256 }

  /// The versions of all records of a type, or of all types, those stored last first (FHIR history).
  ///
  /// - Parameters:
  ///   - type: nil for every type.
  ///   - since: only versions stored at this time or later.
  ///   - query: what the cursor is bound to besides the caller: the pairs of the request.
  /// - Throws: `invalid` for a cursor of another history, `forbidden` for a caller without a purpose.
  public func history(
    _ type: String?, since: Instant?, cursor: String?, count: Int?, query: [(String, String)],
    as caller: Caller
  ) async throws -> ResourcePage {
    if let type {
      guard ResourceType.isKnown(type) else {
        throw PeerChartError(.notFound, "FHIR R4 has no resource type of that name")
      }
      try caller.requireReach(.read, type)
    }
    let count = try pageSize(count)
    let name = "\(type ?? "")/_history"
    let start =
      try cursor.map { try openCursor($0, name, query, caller).position.entry.row } ?? .max
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard caller.purpose != nil else {
        return try refusal(
          reading, .request(patient: nil, [Reason(.purposeMismatch)]), action: .read)
      }
      let found = try versions(type, since, before: start, count, reading)
      let released = try found.records.map { try $0.release() }
      let next = try found.next.map {
        try sealCursor(
          SearchCursor(SearchPosition(entry: IndexEntryPosition(slot: 0, row: $0))), name, query,
          caller)
      }
      var passage = Passage(
        outcome: .success(ResourcePage(matches: released, total: nil, next: next)))
      try passage.disclose(
        found.records.map(\.record), under: found.records.map(\.permits), .read, reading,
        query: name)
      return passage
    }
  }

  private func versions(
    _ type: String?, _ since: Instant?, before start: Int64, _ count: Int, _ reading: Reading
  ) throws -> (records: [FoundRecord], next: Int64?) {
    var records: [FoundRecord] = []
    var position = start
    var left = Self.versionsLookedAt
    while true {
      let rows = try reading.snapshot.versions(before: position, limit: Self.versionsReadAtOnce)
      for row in rows {
        guard records.count < count, left > 0 else { return (records, position) }
        left -= 1
        position = row.row
        if let since, row.storedAt < since.millisecondsSinceEpoch { continue }
        guard
          let found = try reading.visible(row, for: .read, scope: .read, type: type)
        else { continue }
        records.append(found)
      }
      if rows.count < Self.versionsReadAtOnce { return (records, nil) }
    }
  }
}
