import Audit
import Consent
import FHIR
import Primitives

extension Passage {
  /// Adds what a release needs to have on record: one entry for each patient concerned, the uses of
  /// limited grants, and the access rules that the decisions rest on.
  ///
  /// - Parameter requests: the request that each of the records was asked for with, where it was not one for all.
  mutating func disclose(
    _ records: [ClosedRecord], under permits: [[Permit]], _ action: ConsentAction,
    _ reading: Reading, query: String? = nil, requests: [String] = []
  ) throws {
    if records.count == 1, let record = records.first, record.patients.count < 2,
      let given = permits.first
    {
      var disclosure = Disclosure()
      disclosure.add(record, given, record.patients.first, request: requests.first)
      return try put(disclosure, about: record.patients.first, action, reading, query)
    }
    var disclosures: [String?: Disclosure] = [:]
    for (number, (record, given)) in zip(records, permits).enumerated() {
      let request = requests.isEmpty ? nil : requests[number]
      for patient in record.patients.isEmpty ? [nil] : record.patients.map(Optional.init) {
        disclosures[patient, default: Disclosure()].add(record, given, patient, request: request)
      }
    }
    for (patient, disclosure) in disclosures.sorted(by: { ($0.key ?? "") < ($1.key ?? "") }) {
      try put(disclosure, about: patient, action, reading, query)
    }
  }

  private mutating func put(
    _ disclosure: Disclosure, about patient: String?, _ action: ConsentAction, _ reading: Reading,
    _ query: String?
  ) throws {
    // What a caller keeps here for itself is about no patient.
    let patient = patient.flatMap { Subscriber.isChart($0) ? nil : $0 }
    var draft = try disclosure.draft(patient: patient, action: action, reading)
    if let query { draft.detail["query"] = query }
    entries.append(try reading.exchange.entry(draft, reading))
    uses += try disclosure.limitedGrants(of: patient, reading)
    guards = reading.guards
  }

  /// The same for what a question has brought up. That it was allowed and found nothing is on record too.
  mutating func disclose(
    _ found: [FoundRecord], asked query: String, of patient: String?, _ action: ConsentAction,
    _ reading: Reading
  ) throws {
    try disclose(
      found.map(\.record), under: found.map(\.permits), action, reading, query: query)
    guard found.isEmpty else { return }
    var draft = EventDraft(kind: .decisionPermit, action: action)
    draft.patient = patient
    draft.detail["query"] = query
    entries.append(try reading.exchange.entry(draft, reading))
  }
}

/// What one patient's audit entry about a release says.
private struct Disclosure {
  /// Beyond this many the entry gives the number only.
  static let listedEntities = 100

  private var entities: [String] = []
  private var requests: [String] = []
  private var counts: [String: Int] = [:]
  private var grants: Set<GrantID> = []
  private var rules: Set<String> = []
  private var legalBasis: LegalBasis?
  private var breakGlass: String?
  private var overridesDenial = false
  private var hasSubstanceUse = false

  mutating func add(
    _ record: ClosedRecord, _ permits: [Permit], _ patient: String?, request: String?
  ) {
    if let request { requests.append(request) }
    if entities.count < Self.listedEntities {
      entities.append("\(record.type)/\(record.id)/_history/\(record.row.number)")
    }
    counts[record.recordType.rawValue, default: 0] += 1
    hasSubstanceUse = hasSubstanceUse || record.labels.contains(.substanceUse)
    for permit in permits where permit.patient == patient {
      grants.formUnion(permit.basis.grants)
      overridesDenial = overridesDenial || permit.overridesDenial
      switch permit.basis.rule {
      case .chartOwner: rules.insert("chart-owner")
      case .nodeItself: rules.insert("node-itself")
      case .role(let id): rules.insert(id)
      case .grant: rules.insert("grant")
      case .sharedData: rules.insert("shared-data")
      case .legalBasis(let basis):
        rules.insert("legal-basis")
        legalBasis = basis
      case .breakGlass(let session):
        rules.insert("break-glass")
        breakGlass = session
      }
    }
  }

  func draft(
    patient: String?, action: ConsentAction, _ reading: Reading
  ) throws -> EventDraft {
    var draft = EventDraft(kind: breakGlass == nil ? .disclosure : .breakGlass, action: action)
    draft.patient = patient
    draft.entities = entities
    draft.requests = requests
    draft.counts = counts
    draft.grants = grants.map(\.value).sorted()
    draft.reasons = rules.sorted() + (overridesDenial ? ["denial-overridden"] : [])
    draft.legalBasis = legalBasis
    if let breakGlass { draft.detail["break-glass"] = breakGlass }
    if let patient, hasSubstanceUse, let record = try emergencyRecord(of: patient, reading) {
      draft.detail.merge(record.detail) { $1 }
    }
    return draft
  }

  /// 42 CFR 2.51(c): a disclosure in a medical emergency is documented with its own time.
  private func emergencyRecord(
    of patient: String, _ reading: Reading
  ) throws -> EmergencyDisclosureSummary? {
    guard let breakGlass,
      let session = try reading.accessRules(of: patient).breakGlass.first(where: {
        $0.id == breakGlass
      })
    else { return nil }
    return session.scope.emergencyDisclosure.map {
      EmergencyDisclosureSummary($0, at: reading.time)
    }
  }

  func limitedGrants(of patient: String?, _ reading: Reading) throws -> [GrantUse] {
    guard let patient, !grants.isEmpty else { return [] }
    return try reading.accessRules(of: patient).grants.compactMap { grant in
      guard grants.contains(grant.id), let maximum = grant.maximumUses else { return nil }
      return GrantUse(counter: GrantUse.counter(grant.id), maximum: Int64(maximum))
    }
  }
}
