import Audit
import Consent
public import FHIR
import Identity
import Primitives

/// Where a search looks: one type or several, over the whole node or within a compartment.
public struct SearchPlace: Sendable {
  /// Nil for every type, or those that `_type` names.
  public let type: String?
  public let compartment: CompartmentMembership?

  public init(type: String?, compartment: CompartmentMembership? = nil) {
    self.type = type
    self.compartment = compartment
  }

  /// The path below the FHIR base: `Observation`, `Patient/1/Observation`, `Patient/1/*`.
  public var path: String {
    let start = compartment.map { "\($0.compartment.rawValue)/\($0.id)/" } ?? ""
    return start + (type ?? (compartment == nil ? "" : "*"))
  }
}

extension Exchange {
  /// Searches records of one type (FHIR search). What the caller may not read does not exist: it is
  /// in no page, no total and no cursor.
  public func search(
    _ type: String, query: [(String, String)], strict: Bool, as caller: Caller
  ) async throws -> ResourcePage {
    try await search(SearchPlace(type: type), query: query, strict: strict, as: caller)
  }

  /// Searches records (FHIR search).
  ///
  /// - Parameters:
  ///   - query: the decoded name-value pairs of the request, `_count` and `_cursor` included.
  ///   - strict: whether an unknown parameter is an error (`Prefer: handling=strict`) or left out.
  /// - Throws: `invalid` for a query that makes no sense, with the parameter as its place.
  public func search(
    _ place: SearchPlace, query: [(String, String)], strict: Bool, as caller: Caller
  ) async throws -> ResourcePage {
    let parsed = try parse(place, query, strict, caller)
    // Types that the token does not open are left out, as if nothing of them were there.
    let queries = parsed.filter { caller.reaches($0.resourceType, .search) }
    let options = parsed.first?.options ?? SearchOptions()
    let count = options.summary == .count ? 0 : try pageSize(options.count)
    let name = place.path
    // A cursor is bound to what was understood, which is what the link to the next page repeats.
    let used = parsed.first?.used ?? []
    let bound = used.map { ($0.name, $0.value) }
    let cursor = try options.cursor.map { try openCursor($0, name, bound, caller) }
    let wantsTotal =
      cursor == nil && (options.total == .accurate || count == 0 || !options.sort.isEmpty)
    let text = used.filter { $0.name != "_cursor" }.map { "\($0.name)=\($0.value)" }
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard caller.purpose != nil else {
        return try refusal(
          reading, .request(patient: nil, [Reason(.purposeMismatch)]), action: .search)
      }
      let view = SearchView(reading)
      var page = SearchPage(
        isSorted: !options.sort.isEmpty, after: cursor?.position, size: count)
      let counted = try look(
        queries, view, into: &page, from: options.sort.isEmpty ? cursor?.position : nil,
        toTheEnd: wantsTotal)
      let matches = page.matches
      // A search by somebody to whom nothing at all is open is refused aloud, so that a clinician
      // learns that the grant has ended instead of reading an empty chart.
      if counted == 0 && cursor == nil, let denial = try wholeDenial(queries, reading) {
        return try refusal(
          reading, .request(patient: queries.first?.patients?.first, denial), action: .search)
      }
      let included = try view.included(by: matches, queries.flatMap(\.options.includes))
      let total = cursor.map(\.total) ?? (wantsTotal || !page.hasMore ? counted : nil)
      let next =
        try page.hasMore && count > 0
        ? page.last.map {
          try sealCursor(SearchCursor($0, total: total), name, bound, caller)
        } : nil
      let subset = ResourceSubset(options.summary, elements: options.elements)
      func release(_ found: FoundRecord) throws -> ReleasedResource {
        let released = try found.release()
        return try subset.map(released.reduced(to:)) ?? released
      }
      var passage = Passage(
        outcome: .success(
          ResourcePage(
            matches: try matches.map(release), included: try included.map(release),
            total: count > 0 && options.total == SearchOptions.Total.none ? nil : total, next: next,
            used: used, ignored: parsed.first?.ignored ?? [])))
      let shown = matches + included
      let question = "\(name)?\(text.joined(separator: "&"))"
      try passage.disclose(
        shown, asked: question, of: knownPatient(queries, reading), .search, reading)
      return passage
    }
  }

  private func parse(
    _ place: SearchPlace, _ query: [(String, String)], _ strict: Bool, _ caller: Caller
  ) throws -> [SearchQuery] {
    let pairs = query.map { (name: $0.0, value: $0.1) }
    let handling: SearchQuery.Handling = strict ? .strict : .lenient
    guard let type = place.type else {
      return try SearchQuery.queries(parameters: pairs, in: place.compartment, handling: handling)
    }
    guard ResourceType.isKnown(type) else {
      throw PeerChartError(.notFound, "FHIR R4 has no resource type of that name")
    }
    try caller.requireReach(.search, type)
    return [
      try SearchQuery(type: type, parameters: pairs, in: place.compartment, handling: handling)
    ]
  }

  /// Goes through the candidates of each query.
  ///
  /// - Parameters:
  ///   - start: where to go on, if candidates come in the order of the answer.
  ///   - toTheEnd: whether to count on when the page is full.
  /// - Returns: how many matches there were.
  private func look(
    _ queries: [SearchQuery], _ view: SearchView, into page: inout SearchPage,
    from start: SearchPosition?, toTheEnd: Bool
  ) throws -> Int {
    var count = 0
    for (number, query) in queries.enumerated() where number >= start?.query ?? 0 {
      let after = start?.query == number ? start?.entry : nil
      let verifier = SearchVerifier(query)
      var rows = view.rows(
        of: try view.plan(query).candidates(in: view.reading.snapshot, after: after))
      while let (entry, row) = try rows.next() {
        guard let found = try view.record(row, of: query.resourceType),
          try found.record.matches(verifier, following: view)
        else { continue }
        count += 1
        try page.add(found, at: entry, of: number, by: query.options.sort)
        if page.isFull && !toTheEnd { return count }
      }
    }
    return count
  }

  /// Why nothing of a chart is open to the caller for this type of request; nil if something may be.
  /// It asks about the record types that the resource type can have, never about what is there.
  func wholeDenial(_ queries: [SearchQuery], _ reading: Reading) throws -> [Reason]? {
    guard queries.count == 1, let query = queries.first, let patients = query.patients,
      patients.count == 1
    else { return nil }
    return try wholeDenial(
      patient: patients[0], RecordType.possible(for: query.resourceType), .search, reading)
  }

  /// Why no record of these types in a patient's chart is open to the caller; nil if one may be.
  func wholeDenial(
    patient: String, _ types: some Sequence<RecordType>, _ action: ConsentAction, _ reading: Reading
  ) throws -> [Reason]? {
    guard !reading.caller.seesAbsence else { return nil }
    var reasons: [Reason] = []
    for recordType in types {
      switch try reading.decide(recordType, [], nil, patients: [patient], action: action) {
      case .permit: return nil
      case .deny(let denied): reasons = denied
      }
    }
    return reasons.isEmpty ? nil : reasons
  }

  func knownPatient(_ queries: [SearchQuery], _ reading: Reading) throws -> String? {
    guard let patient = queries.first?.patients?.first, try reading.slot(of: patient) != nil else {
      return nil
    }
    return patient
  }
}
