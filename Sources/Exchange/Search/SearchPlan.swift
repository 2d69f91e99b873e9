import FHIR
import Primitives

/// How a search finds its candidates: by the index, by known ids, or not at all. Everything about a
/// candidate is verified on the decrypted resource.
struct SearchPlan: Sendable {
  /// Beyond this many entries a criterion counts as wide; counting further would cost more than it tells.
  private static let countLimit = 2000
  /// Opening a record costs about as much as stepping over this many index entries.
  private static let openingCost = 32
  /// Counting the entries of a token and going through them costs as much as opening so many records.
  private static let lookingUpCost = 2
  /// In a chart the tokens of a list are looked up to sieve by it in any case: to count them first must spare more.
  private static let countingCost = 8
  /// In a chart, sieving the rows that are left by this many tokens costs less than it spares.
  private static let tokensForRow = 2

  private enum Way {
    /// Rows that have a token of each list.
    case index([[UInt64]], slot: Int64?)
    /// The newest versions of these records.
    case records([RecordKey])
    /// The search is limited to a chart that is not there; its blind tag.
    case missingChart([UInt8])
  }
  private let way: Way
  /// The candidates, where they were worked out in the snapshot that the plan was made on.
  private let rows: [IndexEntryPosition]?

  /// - Parameter lists: further lists of terms, and ids, that conditions on linked resources came to.
  init(_ query: SearchQuery, _ reading: Reading, linked: LinkedTerms = LinkedTerms()) throws {
    let keys = reading.exchange.keys
    let type = query.resourceType
    var ids = linked.ids
    if let named = query.ids { ids = ids.map { $0.intersection(named) } ?? Set(named) }
    if let ids {
      way = .records(ids.sorted().map { keys.recordKey(type, $0) })
      rows = nil
      return
    }
    // One patient means one chart: only its entries are looked at. A patient without a chart has none.
    var slot: Int64?
    if let patients = query.patients, patients.count == 1 {
      slot = try reading.slot(of: patients[0])
      guard slot != nil else {
        way = .missingChart(keys.chartTag(patients[0]))
        rows = nil
        return
      }
    }
    var lists = query.alternatives + linked.lists.map { Array(Set($0)) }
    if slot != nil, let patient = query.patients?.first {
      // In the patient's own chart nearly every record names the patient.
      let others = lists.filter { !$0.allSatisfy { $0.value == patient } }
      if !others.isEmpty { lists = others }
    }
    var counted: [(tokens: [UInt64], count: Int)] = []
    var others: [(terms: [IndexTerm], tokens: [UInt64]?)] = []
    var fewest = Self.countLimit
    var first: ChartSieve?
    let cost = slot == nil ? Self.lookingUpCost : Self.countingCost
    for terms in lists.sorted(by: { $0.count < $1.count }) {
      // A list of many tokens, say the days of years, may cost more than the few records that it spares.
      guard counted.isEmpty || terms.count * cost <= fewest else {
        others.append((terms, nil))
        continue
      }
      let tokens = keys.tokens(terms, of: type)
      // In a chart all that matters is which list is the rarest: the others sieve its rows, however long they are.
      let isLead = slot == nil || counted.isEmpty
      let limit = isLead ? min(Self.countLimit, fewest * Self.openingCost + 1) : fewest
      var count = 0
      if let slot, isLead {
        // Its rows are wanted as soon as it is known to be the rarest, which it nearly always is.
        let sieve = try ChartSieve(tokens, slot, reading.snapshot, limit: limit)
        first = sieve
        count = sieve.entryCount
      } else {
        for token in tokens where count < limit {
          count += try reading.snapshot.entryCount(token: token, slot: slot, limit: limit - count)
        }
      }
      if !isLead, count >= limit {
        others.append((terms, tokens))
      } else {
        counted.append((tokens, count))
        fewest = min(fewest, count)
      }
    }
    counted.sort { $0.count < $1.count }
    guard let lead = counted.first else {
      way = .index([keys.tokens([IndexTerm.type(type)], of: type)], slot: slot)
      rows = nil
      return
    }
    let worthwhile = lead.count * Self.openingCost
    let narrow = counted.enumerated().filter { position, list in
      position == 0 || list.count < Self.countLimit && list.count <= worthwhile
    }.map(\.element.tokens)
    guard let slot, lead.count < Self.countLimit else {
      way = .index(narrow, slot: slot)
      rows = nil
      return
    }
    var sieve =
      try first.flatMap { $0.lists == [lead.tokens] ? $0 : nil }
      ?? ChartSieve(lead.tokens, slot, reading.snapshot)
    for tokens in narrow.dropFirst() where !sieve.rows.isEmpty {
      try sieve.keep(tokens, limit: sieve.rows.count * Self.openingCost)
    }
    for (terms, tokens) in others
    where terms.count <= sieve.rows.count * Self.tokensForRow {
      try sieve.keep(
        tokens ?? keys.tokens(terms, of: type), limit: sieve.rows.count * Self.openingCost)
    }
    way = .index(sieve.lists, slot: slot)
    rows = sieve.rows.map { IndexEntryPosition(slot: slot, row: $0) }
  }

  /// The candidates in the snapshot that the plan was made on.
  func candidates(
    in snapshot: any StoreSnapshot, after position: IndexEntryPosition? = nil
  ) throws -> Candidates {
    if let rows {
      return Candidates(known: rows.filter { row in position.map { $0 < row } ?? true })
    }
    return try candidates(now: snapshot, after: position)
  }

  /// The candidates as they are in another snapshot.
  func candidates(
    now snapshot: any StoreSnapshot, after position: IndexEntryPosition? = nil
  ) throws -> Candidates {
    switch way {
    case .index(let lists, let slot):
      return Candidates(
        walks: lists.map {
          IndexWalk(snapshot: snapshot, slot: slot, tokens: $0, after: position)
        })
    case .records(let keys):
      let positions = try keys.compactMap { key -> IndexEntryPosition? in
        guard let row = try snapshot.newestVersion(of: key), !row.isDeleted else { return nil }
        return IndexEntryPosition(slot: row.slot, row: row.row)
      }
      return Candidates(
        known: positions.sorted().filter { found in position.map { $0 < found } ?? true })
    case .missingChart: return Candidates(known: [])
    }
  }

  /// Whether a chart that the search was limited to is still missing.
  func isStillMissing(in snapshot: any StoreSnapshot) throws -> Bool {
    guard case .missingChart(let tag) = way else { return true }
    return try snapshot.chart(tag: tag) == nil
  }
}

/// What conditions on linked resources came to, when these were looked up first.
struct LinkedTerms {
  /// Each match has a term of every list.
  var lists: [[IndexTerm]] = []
  /// Ids of all possible matches; nil where that is not known.
  var ids: Set<String>?

  mutating func limit(to ids: Set<String>) {
    self.ids = self.ids?.intersection(ids) ?? ids
  }
}
