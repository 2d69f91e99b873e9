import Consent
import FHIR
import Identity
import Primitives

/// What does not change while an export is worked on or a file is read: its filters, and whose charts it
/// is about. Made once, used for many steps.
struct ExportSubject: Sendable {
  let plan: ExportPlan
  /// Nil for all charts, whose patients do not matter.
  let patients: Set<String>?
  /// The charts to walk; nil for all of them.
  let slots: [Int64]?
  let filters: [String: [SearchQuery]]

  /// - Throws: `gone` where the Group's version cannot be read any more.
  init(_ plan: ExportPlan, _ reading: Reading) throws {
    self.plan = plan
    var patients = plan.patients.map(Set.init)
    if case .group(let id, let version) = plan.level {
      let key = reading.exchange.keys.recordKey("Group", id)
      guard let row = try reading.snapshot.version(of: key, number: version) else {
        throw PeerChartError(.gone, "the group is not there any more")
      }
      let members = try reading.open(row).groupMembers()
      patients = patients.map { $0.intersection(members) } ?? members
    }
    self.patients = patients
    slots = try patients.map { patients in
      try Set(patients.compactMap { try reading.slot(of: $0) }).sorted()
    }
    var filters: [String: [SearchQuery]] = [:]
    for (type, texts) in plan.filters {
      filters[type] = try texts.map { try BulkExportRequest.query(type, $0) }
    }
    self.filters = filters
  }

  /// Whether a record is one of those that are exported from: by the chart that it lies in.
  func covers(_ record: ClosedRecord) -> Bool {
    if let patients { return record.patients.first.map(patients.contains) ?? false }
    if case .system = plan.level { return true }
    return record.patients.first.map { $0 != RecordFacts.unfiled } ?? false
  }
}

/// What the caller of an export sees in one snapshot: records as they stood at the time of the export,
/// each decided about under the rules of now.
struct ExportView {
  let subject: ExportSubject
  let reading: Reading
  private let links: SearchView
  private var plan: ExportPlan { subject.plan }

  init(_ subject: ExportSubject, _ reading: Reading) {
    self.subject = subject
    self.reading = reading
    links = SearchView(reading)
  }

  /// A record that may go out, and where it stood.
  struct Found {
    let place: ExportPlace
    let record: ClosedRecord
    let permits: [Permit]
  }

  /// What an entry of the index leads to.
  struct Look {
    var found: Found?
    /// Whether it has been stored since the time of the export.
    var isNew = false
  }

  /// - Parameter row: nil where there is none.
  func look(at row: VersionRow?, of type: String) throws -> Look {
    guard let row else { return Look() }
    var look = Look(isNew: row.storedAt > plan.time)
    guard let then = try versionThen(row), then.storedAt > plan.since ?? .min else { return look }
    // Who may not see what the record has become does not see what it was.
    if look.isNew { guard try visible(row, of: type) != nil else { return look } }
    if let found = try visible(then, of: type), try matches(found.record) { look.found = found }
    return look
  }

  /// The deletion that a version is, if it was the newest of its record at the time.
  func deletion(_ row: VersionRow) throws -> Found? {
    guard row.isDeleted, row.storedAt <= plan.time, row.storedAt > plan.since ?? .min,
      try reading.snapshot.version(of: row.key, number: row.number + 1)
        .map({ $0.storedAt > plan.time }) ?? true,
      let found = try visible(row, of: nil), plan.types.contains(found.record.type)
    else { return nil }
    return found
  }

  /// The version that was newest at the time of the export, if it lies in the same chart.
  private func versionThen(_ row: VersionRow) throws -> VersionRow? {
    var version = row
    while version.storedAt > plan.time {
      guard
        let before = try reading.snapshot.history(
          of: row.key, before: version.number, limit: 1
        ).first
      else { return nil }
      version = before
    }
    return version.isDeleted || version.slot != row.slot ? nil : version
  }

  private func visible(_ row: VersionRow, of type: String?) throws -> Found? {
    let record: ClosedRecord
    do { record = try reading.open(row) } catch let error as PeerChartError
      where error.code == .chartDestroyed
    { return nil }
    guard type == nil || record.type == type, subject.covers(record),
      reading.caller.mayExport(record.type),
      case .permit(let permits) = try reading.decide(record, action: .export)
    else { return nil }
    return Found(
      place: ExportPlace(slot: row.slot, row: row.row), record: record, permits: permits)
  }

  private func matches(_ record: ClosedRecord) throws -> Bool {
    guard let filters = subject.filters[record.type] else { return true }
    return try filters.contains { try record.matches($0, following: links) }
  }
}

extension Caller {
  /// An export gives what reading record by record and searching would give together.
  func mayExport(_ type: String) -> Bool {
    scopes.map { $0.allows(type, .read) && $0.allows(type, .search) } ?? true
  }
}

extension ClosedRecord {
  /// The ids of the patients that a Group names as its members and that are not marked as inactive.
  ///
  /// It serves to find charts, whose records are decided about one by one.
  func groupMembers() throws -> Set<String> {
    try withResource { resource in
      guard resource.type == "Group", let members = resource.root["member"] else { return [] }
      return Set(
        members.elements.compactMap { member -> String? in
          guard member["inactive"]?.bool != true,
            let target = member["entity"]?["reference"]?.string
              .flatMap(ReferenceTarget.init(parsing:)),
            target.type == "Patient", target.base == nil
          else { return nil }
          return target.id
        })
    }
  }
}
