import Audit
public import Consent
public import FHIR
import Identity
public import Primitives

/// What of a chart is asked for (R4 `Patient/$everything`).
public struct EverythingRequest: Sendable {
  /// Records about this stretch of care, and those without a date.
  public var period: CarePeriod?
  /// Only records that were stored at this time or later.
  public var since: Instant?
  /// Nil for all types.
  public var types: Set<String>?
  /// Nil for all kinds of records.
  public var recordTypes: RecordTypeSet?
  /// Whether what the records refer to and nobody's chart holds comes along.
  public var includesShared = true

  public init(period: CarePeriod? = nil, since: Instant? = nil, types: Set<String>? = nil) {
    self.period = period
    self.since = since
    self.types = types
  }
}

extension Exchange {
  /// How many rows one page looks at: a caller to whom little is open gets short pages and a way on.
  private static var rowsLookedAt: Int { 20_000 }

  /// A patient's chart, page by page (R4 `$everything`): the Patient first, then the chart's records as
  /// they were stored, then what other charts hold about the patient. Each page brings the
  /// practitioners, organizations and the like that its records refer to.
  ///
  /// - Parameter query: what the cursor is bound to besides the caller: the pairs of the request.
  /// - Throws: `not-found`, `forbidden`; `invalid` for a cursor of another request.
  public func everything(
    of patient: String, _ request: EverythingRequest, cursor: String?, count: Int?,
    query: [(String, String)], as caller: Caller
  ) async throws -> ResourcePage {
    try Self.checkAddress("Patient", patient)
    let name = "Patient/\(patient)/$everything"
    let size = try max(pageSize(count ?? limits.pageSize), 1)
    let start = try cursor.map { try openCursor($0, name, query, caller).position }
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard let slot = try reading.slot(of: patient) else {
        return try refusal(reading, .absent(type: "Patient", id: patient), action: .read)
      }
      var walk = EverythingWalk(
        patient: patient, slot: slot, request: request, reading: reading, left: Self.rowsLookedAt)
      let found = try walk.page(from: start, size: size)
      if found.isEmpty, start == nil,
        let denial = try wholeDenial(
          patient: patient, request.recordTypes?.types ?? RecordType.allCases, .read, reading)
      {
        return try refusal(reading, .request(patient: patient, denial), action: .read)
      }
      let included = request.includesShared ? try walk.shared(by: found) : []
      let next = try walk.next.map { try sealCursor(SearchCursor($0), name, query, caller) }
      var passage = Passage(
        outcome: .success(
          ResourcePage(
            matches: try found.map { try $0.release() },
            included: try included.map { try $0.release() }, total: nil, next: next)))
      try passage.disclose(found + included, asked: "$everything", of: patient, .read, reading)
      return passage
    }
  }
}
