import Audit
import Consent
import FHIR
import Identity
import Primitives

extension Exchange {
  /// Reads a record's newest version.
  ///
  /// - Throws: `not-found`, `gone`, `forbidden`. Callers who may not learn that a record exists get
  ///   `forbidden` for all three.
  public func read(_ type: String, id: String, as caller: Caller) async throws -> ReleasedResource {
    try await read(type, id: id, caller) { try $0.newestVersion(of: $1) }
  }

  /// Reads one version of a record (FHIR vread).
  ///
  /// - Throws: as above.
  public func read(
    _ type: String, id: String, version: Int64, as caller: Caller
  ) async throws -> ReleasedResource {
    try await read(type, id: id, caller) { try $0.version(of: $1, number: version) }
  }

  private func read(
    _ type: String, id: String, _ caller: Caller,
    _ find: @escaping @Sendable (any StoreSnapshot, RecordKey) throws -> VersionRow?
  ) async throws -> ReleasedResource {
    try Self.checkAddress(type, id)
    try caller.requireReach(.read, type)
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard let row = try find(snapshot, keys.recordKey(type, id)) else {
        return try refusal(reading, .absent(type: type, id: id), action: .read)
      }
      return try release(row, reading)
    }
  }

  func release(
    _ row: VersionRow, _ reading: Reading
  ) throws -> Passage<ReleasedResource> {
    let record = try reading.open(row)
    switch try reading.decide(record, action: .read) {
    case .deny(let reasons):
      return try refusal(reading, .record(record, reasons), action: .read)
    case .permit(let permits): return try release(record, under: permits, reading)
    }
  }

  func release(
    _ record: ClosedRecord, under permits: [Permit], _ reading: Reading
  ) throws -> Passage<ReleasedResource> {
    let resource = try record.release(under: permits, for: .read)
    var passage = Passage<ReleasedResource>(
      outcome: record.row.isDeleted
        ? .failure(PeerChartError(.gone, "this record was deleted")) : .success(resource))
    try passage.disclose([record], under: [permits], .read, reading)
    return passage
  }

  /// The versions of a record, newest first.
  ///
  /// - Throws: as `read`.
  public func history(
    _ type: String, id: String, cursor: String?, count: Int?, as caller: Caller
  ) async throws -> ResourcePage {
    try Self.checkAddress(type, id)
    try caller.requireReach(.read, type)
    let count = try pageSize(count)
    let before: Int64
    if let cursor {
      guard let number = Int64(cursor), number > 0 else {
        throw PeerChartError(.invalid, "this is not a cursor of a history", place: "_cursor")
      }
      before = number
    } else {
      before = .max
    }
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      let rows = try snapshot.history(
        of: keys.recordKey(type, id), before: before, limit: count + 1)
      guard !rows.isEmpty else {
        return try refusal(reading, .absent(type: type, id: id), action: .read)
      }
      var records: [ClosedRecord] = []
      var permits: [[Permit]] = []
      for row in rows.prefix(count) {
        let record = try reading.open(row)
        switch try reading.decide(record, action: .read) {
        case .deny(let reasons):
          return try refusal(reading, .record(record, reasons), action: .read)
        case .permit(let given):
          records.append(record)
          permits.append(given)
        }
      }
      let released = try zip(records, permits).map { try $0.release(under: $1, for: .read) }
      let next = rows.count > count ? released.last.map { String($0.version) } : nil
      var passage = Passage(
        outcome: .success(ResourcePage(matches: released, total: nil, next: next)))
      try passage.disclose(records, under: permits, .read, reading)
      return passage
    }
  }

  /// - Throws: `invalid` for what cannot be the address of a record.
  static func checkAddress(_ type: String, _ id: String) throws {
    guard ResourceType.isKnown(type) else {
      throw PeerChartError(.notFound, "FHIR R4 has no resource type of that name")
    }
    guard Resource.isValidID(id) else {
      throw PeerChartError(.notFound, "an id is 1 to 64 letters, digits, hyphens and dots")
    }
  }

  func pageSize(_ count: Int?) throws -> Int {
    guard let count else { return limits.defaultPageSize }
    guard count >= 0 else {
      throw PeerChartError(.invalid, "a page size cannot be negative", place: "_count")
    }
    return min(count, limits.pageSize)
  }
}
