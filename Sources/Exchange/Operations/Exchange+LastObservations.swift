import Audit
import Consent
import FHIR
import Identity
import Primitives

extension Exchange {
  /// The newest observations of each code in one patient's chart (R4 Observation `$lastn`).
  ///
  /// - Parameters:
  ///   - query: search parameters, `patient` or `subject` among them.
  ///   - most: how many of each code.
  /// - Throws: `invalid` where no patient is named or a parameter makes no sense, `tooCostly` for too
  ///   many different codes.
  public func lastObservations(
    _ query: [(String, String)], most: Int, as caller: Caller
  ) async throws -> ResourcePage {
    try caller.requireReach(.search, "Observation")
    guard (1...limits.pageSize).contains(most) else {
      throw PeerChartError(.invalid, "max is from 1 to \(limits.pageSize)", place: "max")
    }
    let search = try SearchQuery(
      type: "Observation",
      parameters: query.map { (name: $0.0, value: $0.1) } + [(name: "_sort", value: "-date")])
    let plain = try SearchQuery(type: "Observation", parameters: [(name: "_sort", value: "-date")])
    guard search.options == plain.options else {
      throw PeerChartError(.invalid, "$lastn takes max and conditions on observations only")
    }
    guard search.patients?.count == 1 else {
      throw PeerChartError(
        .invalid, "one patient is named, as in patient=Patient/123", place: "patient")
    }
    let text = query.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      let view = SearchView(reading)
      var latest = LatestGroups(search.options.sort, size: most)
      let verifier = SearchVerifier(search)
      var rows = view.rows(of: try view.plan(search).candidates(in: snapshot))
      while let (entry, row) = try rows.next() {
        guard let found = try view.record(row, of: "Observation"),
          try found.record.matches(verifier, following: view)
        else { continue }
        try latest.add(found, at: entry)
      }
      let shown = latest.found
      if shown.isEmpty, let denial = try wholeDenial([search], reading) {
        return try refusal(
          reading, .request(patient: search.patients?.first, denial), action: .search)
      }
      var passage = Passage(
        outcome: .success(
          ResourcePage(matches: try shown.map { try $0.release() }, total: shown.count)))
      try passage.disclose(
        shown, asked: "Observation/$lastn?\(text)", of: knownPatient([search], reading), .search,
        reading)
      return passage
    }
  }
}
