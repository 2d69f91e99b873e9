import Consent
import FHIR
import Identity
import Primitives
import Vault

/// One caller's look at one snapshot: opens records and prepares the decisions about them, each
/// chart's keys and consents once.
final class Reading {
  let exchange: Exchange
  let snapshot: any StoreSnapshot
  let caller: Caller
  let time: Instant
  /// The charts that were looked at; none whose key was destroyed.
  private var charts: [Int64: ChartRow] = [:]
  private var slotOfTag: [[UInt8]: Int64] = [:]
  /// Charts that were found by their tag, not looked at yet.
  private var foundCharts: [Int64: ChartRow] = [:]
  private var chartKeys: [Int64: ChartKeys] = [:]
  private var slots: [String: Int64?] = [:]
  private var prepared: [AccessName: [PreparedAccess]] = [:]
  // Of one record after the other the same is asked: whose chart is there, which key opens it, who may see it.
  private var livingPatient: String?
  private var lastKey: DataKey?
  private var lastAccess: (name: AccessName, ways: [PreparedAccess])?
  /// The caller's own, for subscriptions: each record is held against it.
  private let ownChart: String?
  /// What the caller's scopes ask of single records; nil where the type of a record decides.
  let scopeLimits: ScopeLimits?

  private struct AccessName: Hashable {
    let patient: String
    let action: ConsentAction
  }

  /// A chart's data keys by generation.
  private struct ChartKeys {
    let all: [UInt32: DataKey]
    let newest: DataKey
  }

  init(_ exchange: Exchange, _ snapshot: any StoreSnapshot, _ caller: Caller) {
    self.exchange = exchange
    self.snapshot = snapshot
    self.caller = caller
    scopeLimits = ScopeLimits(caller)
    ownChart = caller.subscriberChart
    time = exchange.clock.now()
  }

  // MARK: Charts

  func slot(of patient: String) throws -> Int64? {
    if let known = slots[patient] { return known }
    let tag = exchange.keys.chartTag(patient)
    if let slot = slotOfTag[tag] {
      slots[patient] = slot
      return slot
    }
    let row = try snapshot.chart(tag: tag)
    if let row { foundCharts[row.slot] = row }
    let slot = row?.slot
    slots[patient] = slot
    return slot
  }

  /// Whether there is a chart of that patient. The node's shared data and what names no patient lie in
  /// charts as well, under names that no patient can have.
  func hasPatient(_ id: String) throws -> Bool {
    try Resource.isValidID(id) && slot(of: id) != nil
  }

  /// - Throws: `chart-destroyed` where its key was destroyed.
  @discardableResult
  func chart(_ slot: Int64) throws -> ChartRow {
    if let row = charts[slot] { return row }
    guard let row = try foundCharts[slot] ?? snapshot.chart(slot: slot) else {
      throw PeerChartError(.integrity, "a record belongs to a chart that is not there")
    }
    guard row.wrappedKey != nil else {
      throw PeerChartError(.chartDestroyed, "this chart's key was destroyed; it cannot be opened")
    }
    charts[slot] = row
    slotOfTag[row.tag] = slot
    return row
  }

  /// The key that new records of a chart are sealed with.
  func newestKey(_ slot: Int64) throws -> DataKey { try keys(of: slot).newest }

  func key(_ slot: Int64, generation: UInt32) throws -> DataKey? {
    if let lastKey, lastKey.slot == slot, lastKey.generation == generation { return lastKey }
    try chart(slot)
    // The chart is alive in this snapshot, so that a key of it which was unwrapped before is still its own.
    let key =
      try exchange.keys.hierarchy.cachedDataKey(slot: slot, generation: generation)
      ?? keys(of: slot).all[generation]
    if let key { lastKey = key }
    return key
  }

  private func keys(of slot: Int64) throws -> ChartKeys {
    if let keys = chartKeys[slot] { return keys }
    guard let wrapped = try chart(slot).wrappedKey else {
      throw PeerChartError(.integrity, "a chart has no key")
    }
    let chartKey = ChartKeyRow(slot: slot, wrapped: try WrappedKey(encoded: wrapped))
    var all: [UInt32: DataKey] = [:]
    var newest: DataKey?
    for stored in try snapshot.dataKeys(slot: slot) {
      guard let generation = UInt32(exactly: stored.generation) else { continue }
      let row = Vault.DataKeyRow(
        slot: slot, generation: generation, wrapped: try WrappedKey(encoded: stored.wrapped))
      let key = try exchange.keys.hierarchy.dataKey(row, chart: chartKey)
      all[generation] = key
      newest = key
    }
    guard let newest else {
      throw PeerChartError(.integrity, "a chart has no data key")
    }
    let keys = ChartKeys(all: all, newest: newest)
    chartKeys[slot] = keys
    return keys
  }

  /// The access revisions of every chart that was looked at: what the decisions rest on.
  var guards: [Int64: Int64] { charts.mapValues(\.consentRevision) }

  // MARK: Records

  func open(_ row: VersionRow) throws -> ClosedRecord {
    let sealed = try row.sealed
    let generation = try RecordSealer.keyGeneration(of: sealed)
    guard let key = try key(row.slot, generation: generation) else {
      throw PeerChartError(.integrity, "a record names a data key that is not there")
    }
    return try exchange.keys.open(row, sealed, with: key)
  }

  // MARK: Decisions

  /// Decides about one record: a permit for each patient it is about, or why not.
  func decide(
    _ recordType: RecordType, _ labels: Set<SensitivityLabel>, _ date: Instant?,
    patients: [String], action: ConsentAction
  ) throws -> Verdict {
    guard let purpose = caller.purpose else {
      return .deny([Reason(.purposeMismatch)])
    }
    guard !patients.isEmpty else {
      // No grants are named here: in a household the shared data tells whom a patient sees, and that
      // is given to no other node.
      let decision = evaluateShared(
        try requester(of: nil), action: action, purpose: purpose, time: time,
        grants: [], profile: exchange.profile)
      switch decision {
      case .permit(let permit): return .permit([permit])
      case .deny(let reasons): return .deny(reasons)
      }
    }
    var permits: [Permit] = []
    for patient in patients {
      guard try !isDestroyed(patient) || isNodeItself else {
        // Nobody knows any more what this patient allowed or denied.
        return .deny([Reason(.noGrant)])
      }
      if patient == ownChart {
        // The chart's revision is looked at, as for any other, before its contents are given out.
        if let slot = try slot(of: patient) { _ = try chart(slot) }
        let decision = evaluateOwned(
          try requester(of: nil), chart: patient, record: (recordType, LabelSet(ofRecord: labels)),
          action: action, purpose: purpose, time: time)
        if case .permit(let permit) = decision {
          permits.append(permit)
          continue
        }
      }
      if let limits = caller.limits, !limits.contains(recordType) {
        return .deny([Reason(.roleNotPermitted)])
      }
      let ways = try access(to: patient, action: action, purpose: purpose)
      let labels = LabelSet(ofRecord: labels)
      var refused: [Reason]?
      var given: Permit?
      for way in ways.indices {
        switch ways[way].decide(recordType: recordType, labels: labels, date: date) {
        case .permit(let permit): given = permit
        case .deny(let reasons): refused = refused ?? reasons
        }
        if given != nil { break }
      }
      guard let given else { return .deny(refused ?? [Reason(.noGrant)]) }
      permits.append(given)
    }
    return .permit(permits)
  }

  func decide(_ record: ClosedRecord, action: ConsentAction) throws -> Verdict {
    guard try isWithinLimits(record, action) else { return .deny([Reason(.noGrant)]) }
    return try decide(
      record.recordType, record.labels, record.date, patients: record.patients, action: action)
  }

  /// The ways to a patient's records that are tried in turn: one, but where the glass was broken more
  /// than once (a second time for more) one with each session, the newest first.
  private func access(
    to patient: String, action: ConsentAction, purpose: PurposeOfUse
  ) throws -> [PreparedAccess] {
    let name = AccessName(patient: patient, action: action)
    if let lastAccess, lastAccess.name == name { return lastAccess.ways }
    if let access = prepared[name] {
      lastAccess = (name, access)
      return access
    }
    let rules = try accessRules(of: patient)
    let requester = try requester(of: patient)
    let sessions = rules.breakGlass.filter { isOf(requester, $0) && $0.isActive(at: time) }
      .sorted { $0.start > $1.start }
    let ways = (sessions.isEmpty ? [nil] : sessions.map(Optional.init)).map { session in
      let context = AccessContext(
        requester: requester, patient: patient, action: action, purpose: purpose,
        time: time, breakGlass: session)
      return PreparedAccess(context, grants: rules.grants, profile: exchange.profile) { id in
        Int(truncatingIfNeeded: (try? snapshot.counter(GrantUse.counter(id))) ?? .max)
      }
    }
    prepared[name] = ways
    lastAccess = (name, ways)
    return ways
  }

  private var isNodeItself: Bool {
    if case .peer = caller.identity { return false }
    return caller.role == .system
  }

  /// Whether the chart's key was destroyed. A record in another chart may still name the patient.
  private func isDestroyed(_ patient: String) throws -> Bool {
    guard patient != livingPatient else { return false }
    if let slot = try slot(of: patient), charts[slot] == nil,
      try snapshot.chart(slot: slot).map({ $0.wrappedKey == nil }) ?? false
    {
      return true
    }
    livingPatient = patient
    return false
  }

  private func isOf(_ requester: Requester, _ session: BreakGlassSession) -> Bool {
    session.node == requester.node && session.person == requester.person
  }

  /// What decides about access to a patient's chart. A chart that does not exist has no rules, nor has
  /// one whose key was destroyed.
  func accessRules(of patient: String) throws -> AccessRules {
    guard let slot = try slot(of: patient), try !isDestroyed(patient) else { return AccessRules() }
    let chart = try chart(slot)
    if let cached = exchange.consents.rules(slot, revision: chart.consentRevision) {
      return cached
    }
    let rules = try AccessRules.load(patient: patient, slot: slot, self)
    exchange.consents.keep(rules, slot, revision: chart.consentRevision)
    return rules
  }

  /// Whether the account that asks treats the patient. Somebody is told so by a row that goes with the
  /// chart's revision, like a consent.
  private func isTreated(_ patient: String) throws -> Bool {
    guard case .account(let account) = caller.identity, caller.role != .patient,
      caller.role != .proxy
    else { return false }
    let relationship = try exchange.relationship(
      of: account, to: patient, at: time, in: snapshot)
    return relationship?.kind == .treating
  }

  private func requester(of patient: String?) throws -> Requester {
    switch caller.identity {
    case .peer(let node):
      return Requester(
        node: node, isOwnNode: false, person: caller.person, role: caller.role)
    case .nodeOperator, .token, .account, .client, .nobody:
      // A token is for the patients named when it was issued, in whatever capacity.
      let isNamed = try patient.map { try caller.patients.contains($0) || isTreated($0) } == true
      let relationship: Relationship =
        switch caller.role {
        case .patient: isNamed ? .selfOfPatient : .none
        case .proxy: isNamed ? .proxy : .none
        default: isNamed ? .treating : .none
        }
      return Requester(
        node: exchange.nodeID, isOwnNode: true, person: caller.person, role: caller.role,
        relationship: relationship)
    }
  }
}

/// The answer about one record: permits for all patients it is about, or the reasons of the first refusal.
enum Verdict {
  case permit([Permit])
  case deny([Reason])
}

extension Exchange {
  var profile: PolicyProfile { kind == .household ? .household : .organization }
}

extension GrantUse {
  static func counter(_ grant: GrantID) -> [UInt8] { Array("grant-uses/\(grant.value)".utf8) }
}
