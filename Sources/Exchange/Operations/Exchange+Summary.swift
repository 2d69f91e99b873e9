import Audit
import Consent
import FHIR
import Identity
import Primitives

/// Whose summary is asked for.
public enum SummarySubject: Sendable {
  /// The Patient of that id.
  case patient(String)
  /// The one Patient with that identifier, `system|value` or `value`.
  case identifier(String)
}

extension Exchange {
  /// Puts together an International Patient Summary (`Patient/$summary` of the IPS 2.0.0). It holds only
  /// what the caller may read: the rest is as if it did not exist.
  ///
  /// - Parameter base: the FHIR base under which the caller knows the records.
  /// - Returns: a Bundle of type document, as JSON.
  /// - Throws: what `read` throws of the Patient; `multiple-matches` for an identifier that several have
  ///   whom the caller may read; `too-large` for more than one document holds.
  public func summary(
    of subject: SummarySubject, base: String, as caller: Caller
  ) async throws -> [UInt8] {
    try caller.requireScope(.read, "Patient")
    if case .patient(let id) = subject { try Self.checkAddress("Patient", id) }
    let query = try identifierQuery(subject, caller)
    let id = newID()
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      let row: VersionRow?
      switch subject {
      case .patient(let id): row = try snapshot.newestVersion(of: keys.recordKey("Patient", id))
      case .identifier: row = try query.flatMap { try patient($0, reading) }
      }
      guard let row else { return try nobody(subject, reading) }
      let record = try reading.open(row)
      switch try reading.decide(record, action: .read) {
      case .deny(let reasons):
        return try refusal(reading, .record(record, reasons), action: .read)
      case .permit(let permits):
        let patient = FoundRecord(record: record, permits: permits, action: .read)
        let frame = DocumentFrame(id: id, base: base, date: reading.time)
        return try summary(of: patient, row, frame, reading)
      }
    }
  }

  func summary(
    of patient: FoundRecord, _ row: VersionRow, _ frame: DocumentFrame, _ reading: Reading
  ) throws -> Passage<[UInt8]> {
    let address = "Patient/\(patient.record.id)/$summary"
    guard !row.isDeleted else {
      var passage = Passage<[UInt8]>(
        outcome: .failure(PeerChartError(.gone, "this record was deleted")))
      try passage.disclose(document: [patient], asked: address, reading)
      return passage
    }
    var summary = try InternationalPatientSummary(
      of: try patient.resource(), frame: frame,
      author: SummaryAuthor(name: name.exposed, node: nodeID.description))
    // What may be part of the document, and no more of the chart.
    var kept = [patient.target: patient]
    try reading.readable(InternationalPatientSummary.types, slot: row.slot) { record in
      kept[record.target] = record
      for dropped in try summary.consider(try record.resource()) { kept[dropped] = nil }
    }
    while case let wanted = summary.wanted(), !wanted.isEmpty {
      for target in wanted {
        guard let record = try reading.readable(target) else { continue }
        kept[target] = record
        try summary.supply(try record.resource())
      }
    }
    let sources = summary.sources
    var passage = Passage(outcome: .success(summary.bundle()))
    try passage.disclose(
      document: kept.values.filter { sources.contains($0.target) }, asked: address, reading)
    return passage
  }

  // MARK: By identifier

  private func identifierQuery(
    _ subject: SummarySubject, _ caller: Caller
  ) throws -> SearchQuery? {
    guard case .identifier(let identifier) = subject else { return nil }
    try caller.requireScope(.search, "Patient")
    return try SearchQuery(type: "Patient", parameters: [("identifier", identifier)])
  }

  /// The one Patient that a search finds among those whom the caller may search and read.
  private func patient(_ query: SearchQuery, _ reading: Reading) throws -> VersionRow? {
    let links = SearchView(reading)
    var found: VersionRow?
    var rows = links.rows(of: try links.plan(query).candidates(in: reading.snapshot))
    while let (_, row) = try rows.next() {
      guard let match = try links.record(row, of: "Patient"),
        try match.record.matches(query, following: links),
        try reading.visible(match.record.row, for: .read, scope: .read) != nil
      else { continue }
      guard found == nil else {
        throw PeerChartError(
          .multipleMatches, "several patients have that identifier", place: "identifier")
      }
      found = match.record.row
    }
    return found
  }

  private func nobody(
    _ subject: SummarySubject, _ reading: Reading
  ) throws -> Passage<[UInt8]> {
    if case .patient(let id) = subject {
      return try refusal(reading, .absent(type: "Patient", id: id), action: .read)
    }
    var draft = EventDraft(kind: .decisionDeny, action: .read)
    draft.reasons = ["no-such-record"]
    draft.detail["query"] = "Patient/$summary"
    let error =
      reading.caller.seesAbsence
      ? PeerChartError(.notFound, "there is no patient with that identifier") : Self.denied([])
    var passage = Passage<[UInt8]>(outcome: .failure(error))
    passage.entries = [try entry(draft, reading)]
    return passage
  }
}
