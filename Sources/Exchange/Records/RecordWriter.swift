import Audit
import Consent
import FHIR
import Primitives

/// Plans writes on one snapshot: decides about each, seals it, and gathers what belongs to the same
/// transaction.
final class RecordWriter {
  let reading: Reading
  /// When the versions are stored.
  private let storedAt: Instant
  /// What the conditions of these writes may find.
  let view: SearchView
  private var writes: [PlannedWrite] = []
  private var changes: [String?: [String]] = [:]
  private var missing: Set<String> = []
  private var written: Set<RecordKey> = []
  private var tokens: TokenMemory
  /// What the plan rests on besides the access rules: searches of conditional writes.
  private var premises: [SearchPremise] = []
  /// Those searches, for the log.
  private var questions: [String] = []
  /// Records that are given back without having been written.
  private var shown: [FoundRecord] = []
  private var exchange: Exchange { reading.exchange }
  /// What the writes mean for subscriptions.
  private var subscriptions: [SubscriptionChange] = []
  /// Whether Subscriptions are kept like any other record, without anything being sent for them.
  private let isArchive: Bool
  /// Whether it is the node that moves a Subscription from one status to the next.
  private let isOwnMove: Bool

  init(_ reading: Reading, isArchive: Bool = false, isOwnMove: Bool = false) {
    self.reading = reading
    storedAt = reading.exchange.settled.next(reading.time)
    self.isArchive = isArchive
    self.isOwnMove = isOwnMove
    view = SearchView(reading)
    tokens = TokenMemory(reading.exchange.keys.index)
  }

  /// Plans the next version of a record.
  ///
  /// - Parameter keepUnchanged: store nothing when the newest version says the same.
  func put(
    _ resource: Resource, id: String, expecting: VersionCondition = .any,
    references: ByteEdits = ByteEdits(), keepUnchanged: Bool = false
  ) throws -> StoredResource {
    let key = exchange.keys.recordKey(resource.type, id)
    let previous = try reading.snapshot.newestVersion(of: key)
    let number = (previous?.number ?? 0) + 1
    let json = resource.withIdentity(
      id: id, versionId: String(number), lastUpdated: storedAt, references: references)
    let stored = try Resource(parsing: json)
    let old = try previous.map(reading.open)
    let facts = RecordFacts(stored, subscriber: try subscriber(of: stored, old))
    let body = facts.body(of: resource.type, id: id, json: json)
    if let old { _ = try permits(old.recordType, old.labels, old.date, old.patients, old) }
    let permits = try permits(facts.recordType, facts.labels, facts.date, facts.patients, nil)
    // Only now: to those who may not write, it must not tell which version there is.
    try expecting.check(against: previous)
    if let old { try reading.requireSuccession(from: old, to: ClosedRecord(body, row: old.row)) }
    if keepUnchanged, let old, let previous, !previous.isDeleted,
      old.patients == facts.patients, try old.hasSameContent(as: body)
    {
      return StoredResource(
        effect: .unchanged, resource: try old.release(under: permits, for: .write))
    }
    try note(stored, id: id, key, number: number, old)
    let terms = RecordIndex.terms(of: stored)
    let row = try plan(body, key, number, previous, old, terms: terms, isDeleted: false)
    return StoredResource(
      effect: previous.map(\.isDeleted) ?? true ? .created : .updated,
      resource: try ClosedRecord(body, row: row).release(under: permits, for: .write))
  }

  /// Refuses to make a record where there is none.
  func requireExisting(_ type: String, id: String) throws {
    guard let row = try reading.snapshot.newestVersion(of: exchange.keys.recordKey(type, id)) else {
      throw WriteRefusal(cause: .absent(type: type, id: id))
    }
    guard row.isDeleted else { return }
    let old = try reading.open(row)
    _ = try permits(old.recordType, old.labels, old.date, old.patients, old)
    throw PeerChartError(.gone, "this record was deleted")
  }

  /// The one record that the search of a conditional write finds among what the caller may search.
  ///
  /// - Throws: `multipleMatches`, `tooCostly`, and `invalid` for a query that makes no sense.
  func match(_ type: String, _ query: String) throws -> FoundRecord? {
    let pairs = try QueryString(parsing: query).named
    guard !pairs.isEmpty else {
      throw PeerChartError(.invalid, "a conditional write needs a search")
    }
    let found = try view.onlyMatch(SearchQuery(type: type, parameters: pairs))
    premises.append(found.premise)
    questions.append("\(type)?\(query)")
    return found.match
  }

  /// Gives back a record as it is, as a conditional create does with one that exists.
  func show(_ found: FoundRecord) throws -> StoredResource {
    shown.append(found)
    return StoredResource(
      effect: .unchanged, resource: try found.record.release(under: found.permits, for: .search))
  }

  /// Plans the version that says a record is gone.
  func delete(
    _ type: String, id: String, expecting: VersionCondition = .any
  ) throws -> StoredResource? {
    let key = exchange.keys.recordKey(type, id)
    guard let previous = try reading.snapshot.newestVersion(of: key), !previous.isDeleted else {
      guard reading.caller.seesAbsence else {
        throw WriteRefusal(cause: .absent(type: type, id: id))
      }
      try claim(key)
      return nil
    }
    let old = try reading.open(previous)
    let permits = try permits(old.recordType, old.labels, old.date, old.patients, old)
    // Only now: to those who may not write, it must not tell what the record is.
    try expecting.check(against: previous)
    try reading.requireSuccession(from: old, to: nil)
    if type == "Subscription" { subscriptions.append(SubscriptionChange(key: key, .removed)) }
    let body = RecordBody(
      type: type, id: id, recordType: old.recordType, labels: old.labels, date: old.date,
      patients: old.patients, json: [])
    let row = try plan(body, key, previous.number + 1, previous, old, terms: [], isDeleted: true)
    return StoredResource(
      effect: .deleted,
      resource: try ClosedRecord(body, row: row).release(under: permits, for: .write))
  }

  private func permits(
    _ recordType: RecordType, _ labels: Set<SensitivityLabel>, _ date: Instant?,
    _ patients: [String], _ record: ClosedRecord?
  ) throws -> [Permit] {
    switch try reading.decide(recordType, labels, date, patients: patients, action: .write) {
    case .permit(let permits): return permits
    case .deny(let reasons):
      throw WriteRefusal(
        cause: record.map { .record($0, reasons) } ?? .request(patient: patients.first, reasons))
    }
  }

  private func plan(
    _ body: RecordBody, _ key: RecordKey, _ number: Int64, _ previous: VersionRow?,
    _ old: ClosedRecord?, terms: [IndexTerm], isDeleted: Bool
  ) throws -> VersionRow {
    try claim(key)
    let slot = try slot(for: body.patients.first)
    var obsolete: (IndexEntryPosition, [UInt64])?
    if let previous, let old, !previous.isDeleted {
      obsolete = (
        IndexEntryPosition(slot: previous.slot, row: previous.row),
        tokens.tokens(try old.indexTerms(), of: body.type)
      )
    }
    // Where the chart is still to be made, sealing waits for the transaction that makes it.
    let sealed = try slot.map { slot in
      try exchange.keys.seal(body, key, version: number, under: try reading.newestKey(slot))
    }
    let version = NewVersion(
      key: key, slot: slot ?? -1, number: number,
      storedAt: storedAt.millisecondsSinceEpoch, isDeleted: isDeleted, sealed: sealed ?? [],
      tokens: tokens.tokens(terms, of: body.type))
    let unsealed = slot == nil ? body.patients.first : nil
    writes.append(
      PlannedWrite(
        version: version,
        unsealed: unsealed.map { PlannedWrite.UnsealedBody(patient: $0, body: body) },
        previous: previous?.number, obsolete: obsolete, concernsAccess: body.type == "Consent"))
    for patient in body.patients.isEmpty ? [nil] : body.patients.map(Optional.init) {
      changes[patient, default: []].append("\(body.type)/\(body.id)/_history/\(number)")
    }
    return VersionRow(
      row: 0, key: key, slot: version.slot, number: number, storedAt: version.storedAt,
      isDeleted: isDeleted, body: SealedBody([]))
  }

  /// R4 3.1.0.11.2: where the entries of a transaction overlap, the whole fails, also when one of them
  /// deletes what is not there.
  private func claim(_ key: RecordKey) throws {
    guard written.insert(key).inserted else {
      throw PeerChartError(.invalid, "two entries write the same record")
    }
  }

  /// Whose chart a Subscription belongs to; nil for other records, and for those that were only kept.
  private func subscriber(of resource: Resource, _ old: ClosedRecord?) throws -> String? {
    guard resource.type == "Subscription" else { return nil }
    if let old, !old.row.isDeleted, let owner = old.patients.first, Subscriber.isChart(owner) {
      return owner
    }
    guard !isArchive else { return nil }
    guard let own = reading.caller.subscriberChart else {
      throw PeerChartError(.forbidden, "paired nodes are told by messages, not by subscriptions")
    }
    return own
  }

  /// Takes in what a Subscription asks for, or forgets what it asked for.
  private func note(
    _ resource: Resource, id: String, _ key: RecordKey, number: Int64, _ old: ClosedRecord?
  ) throws {
    guard resource.type == "Subscription", !isOwnMove else { return }
    guard !isArchive else {
      return subscriptions.append(SubscriptionChange(key: key, .removed))
    }
    let state = try exchange.accept(
      resource, id: id, version: number, replacing: old, reading)
    subscriptions.append(SubscriptionChange(key: key, .taken(state)))
  }

  private func slot(for patient: String?) throws -> Int64? {
    guard let patient else { return 0 }
    let slot = try reading.slot(of: patient)
    if slot == nil { missing.insert(patient) }
    return slot
  }

  /// Forgets everything planned: nothing will be stored.
  func discard() {
    writes = []
    changes = [:]
    missing = []
    shown = []
    subscriptions = []
  }

  /// The passage that stores everything planned, with one audit entry for each patient concerned.
  func passage<Value: Sendable>(_ value: Value, detail: [String: String] = [:]) throws
    -> Passage<Value>
  {
    var passage = Passage(outcome: .success(value))
    let question = questions.isEmpty ? nil : questions.prefix(20).joined(separator: " ")
    if !shown.isEmpty {
      try passage.disclose(
        shown.map(\.record), under: shown.map(\.permits), .search, reading, query: question)
    }
    guard !writes.isEmpty else {
      guard shown.isEmpty else { return passage }
      // Allowed, and nothing has changed: to whoever asked, that was an answer too.
      var draft = EventDraft(kind: .decisionPermit, action: .write)
      draft.detail = detail
      if let question { draft.detail["query"] = question }
      passage.entries.append(try exchange.entry(draft, reading))
      return passage
    }
    // An entry about a patient whose chart is new stands under that chart: it is sealed once there is one.
    var firstEntries: [(patient: String, draft: EventDraft)] = []
    for (patient, entities) in changes.sorted(by: { ($0.key ?? "") < ($1.key ?? "") }) {
      var draft = EventDraft(kind: .write, action: .write)
      let isNobody = patient.map { $0 == RecordFacts.unfiled || Subscriber.isChart($0) } ?? true
      draft.patient = isNobody ? nil : patient
      draft.entities = Array(entities.prefix(100))
      draft.counts = ["records": entities.count]
      draft.detail = detail
      if let question { draft.detail["query"] = question }
      if let patient = draft.patient, missing.contains(patient) {
        firstEntries.append((patient, draft))
      } else {
        passage.entries.append(try exchange.entry(draft, reading))
      }
    }
    passage.guards = reading.guards
    let (caller, time) = (reading.caller, reading.time)
    passage.apply = {
      [exchange, writes, missing, firstEntries, premises, subscriptions, storedAt] transaction in
      if let settled = try transaction.settledTime(),
        settled >= storedAt.millisecondsSinceEpoch
      {
        exchange.settled.learn(settled)
        throw PeerChartError(.staleDecision, "an export says that nothing more comes of this time")
      }
      guard try premises.allSatisfy({ try $0.holds(in: transaction) }) else {
        throw PeerChartError(.staleDecision, "what a condition was about has changed meanwhile")
      }
      var charts: [String: NewChart] = [:]
      for patient in missing.sorted() {
        charts[patient] = try exchange.makeChart(of: patient, transaction)
      }
      func chart(of patient: String) throws -> NewChart {
        guard let chart = charts[patient] else {
          throw PeerChartError(.integrity, "a record has no chart to go to")
        }
        return chart
      }
      for write in writes {
        try write.apply(transaction) { unsealed, version in
          let chart = try chart(of: unsealed.patient)
          return (
            chart.slot,
            try exchange.keys.seal(
              unsealed.body, version.key, version: version.number, under: chart.key)
          )
        }
      }
      for change in subscriptions { try change.apply(transaction, exchange) }
      for (patient, draft) in firstEntries {
        let entry = try exchange.entry(draft, caller, at: time, slot: chart(of: patient).slot)
        _ = try transaction.appendAudit(
          slot: entry.slot, sealed: entry.sealed, leafHash: entry.leafHash)
      }
    }
    return passage
  }
}
