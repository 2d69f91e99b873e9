import Audit
import Consent
import FHIR
import Identity
import Primitives

extension Exchange {
  /// Searches records of one type (FHIR search). What the caller may not read does not exist: it is
  /// in no page, no total and no cursor.
  ///
  /// - Parameters:
  ///   - query: the decoded name-value pairs of the request, `_count` and `_cursor` included.
  ///   - strict: whether an unknown parameter is an error (`Prefer: handling=strict`) or left out.
  /// - Throws: `invalid` for a query that makes no sense, with the parameter as its place.
  public func search(
    _ type: String, query: [(String, String)], strict: Bool, as caller: Caller
  ) async throws -> ResourcePage {
    guard ResourceType.isKnown(type) else {
      throw PeerChartError(.notFound, "FHIR R4 has no resource type of that name")
    }
    try caller.requireScope(.search, type)
    let parsed = try SearchQuery(
      type: type, parameters: query.map { (name: $0.0, value: $0.1) },
      handling: strict ? .strict : .lenient)
    guard parsed.options.sort.isEmpty || !strict else {
      throw PeerChartError(.notSupported, "results cannot be sorted here", place: "_sort")
    }
    guard !parsed.followsLinks, parsed.options.includes.isEmpty else {
      throw PeerChartError(.notSupported, "searches that follow references are not offered here")
    }
    let count = try pageSize(parsed.count)
    let wantsTotal = parsed.total == .accurate || count == 0
    let cursor = try parsed.cursor.map { try openCursor($0, type, query, caller) }
    let text = query.filter { $0.0 != "_cursor" }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard caller.purpose != nil else {
        return try refusal(
          reading, .request(patient: nil, [Reason(.purposeMismatch)]), action: .search)
      }
      var candidates = try SearchPlan(parsed, reading).candidates(after: cursor)
      var records: [ClosedRecord] = []
      var permits: [[Permit]] = []
      var refused: [Reason] = []
      var last: IndexEntryPosition?
      var hasMore = false
      var total = 0
      while let position = try candidates.next() {
        guard let row = try snapshot.version(row: position.row) else { continue }
        let record: ClosedRecord
        do { record = try reading.open(row) } catch let error as PeerChartError
          where error.code == .chartDestroyed
        { continue }
        guard record.type == type, try record.matches(parsed) else { continue }
        switch try reading.decide(record, action: .search) {
        case .deny(let reasons): refused = reasons
        case .permit(let given):
          total += 1
          if records.count < count {
            records.append(record)
            permits.append(given)
            last = position
          } else {
            hasMore = true
          }
        }
        if hasMore && !wantsTotal { break }
      }
      // A search by somebody to whom nothing at all is open is refused aloud, so that a clinician
      // learns that the grant has ended instead of reading an empty chart.
      if records.isEmpty && cursor == nil, let denial = try wholeDenial(parsed, refused, reading) {
        return try refusal(
          reading, .request(patient: parsed.patients?.first, denial), action: .search)
      }
      let released = try zip(records, permits).map { try $0.release(under: $1, for: .search) }
      let next = try hasMore ? last.map { try sealCursor($0, type, query, caller) } : nil
      let isComplete = wantsTotal || (!hasMore && cursor == nil)
      var passage = Passage(
        outcome: .success(
          ResourcePage(
            resources: released, total: isComplete && cursor == nil ? total : nil, next: next)))
      try passage.disclose(records, under: permits, .search, reading, query: "\(type)?\(text)")
      if records.isEmpty {
        var draft = EventDraft(kind: .decisionPermit, action: .search)
        draft.patient = try knownPatient(parsed, reading)
        draft.detail["query"] = "\(type)?\(text)"
        passage.entries.append(try entry(draft, reading))
      }
      return passage
    }
  }

  /// Why nothing of a chart is open to the caller for this type of request; nil if something may be.
  /// It asks about the record types that the resource type can have, never about what is there.
  private func wholeDenial(
    _ query: SearchQuery, _ refused: [Reason], _ reading: Reading
  ) throws -> [Reason]? {
    guard !reading.caller.seesAbsence, let patients = query.patients, patients.count == 1 else {
      return nil
    }
    var reasons: [Reason] = []
    for recordType in RecordType.possible(for: query.resourceType) {
      switch try reading.decide(recordType, [], nil, patients: patients, action: .search) {
      case .permit: return nil
      case .deny(let denied): reasons = denied
      }
    }
    return reasons.isEmpty ? nil : reasons
  }

  private func knownPatient(_ query: SearchQuery, _ reading: Reading) throws -> String? {
    guard let patient = query.patients?.first, try reading.slot(of: patient) != nil else {
      return nil
    }
    return patient
  }
}
