import FHIR
import Primitives

/// How a search walks the index: the narrowest criterion leads, others that are not much wider join it.
/// Everything else about a candidate is verified on the decrypted resource.
struct SearchPlan {
  /// Beyond this many entries a criterion counts as wide; counting further would cost more than it tells.
  private static let countLimit = 2000
  /// Opening a record costs about as much as stepping over this many index entries.
  private static let openingCost = 32

  private let snapshot: any StoreSnapshot
  private let slot: Int64?
  /// Rows are candidates that have a token of each list.
  private let lists: [[UInt64]]
  /// The chart that a search is limited to and that is not there.
  private let missingChart: [UInt8]?

  init(_ query: SearchQuery, _ reading: Reading) throws {
    snapshot = reading.snapshot
    let index = reading.exchange.keys.index
    // One patient means one chart: only its entries are looked at. A patient without a chart has none.
    var slot: Int64?
    var missingChart: [UInt8]?
    if let patients = query.patients, patients.count == 1 {
      slot = try reading.slot(of: patients[0])
      if slot == nil { missingChart = reading.exchange.keys.chartTag(patients[0]) }
    }
    self.slot = slot
    self.missingChart = missingChart
    var counted: [(tokens: [UInt64], count: Int)] = []
    for terms in query.alternatives where missingChart == nil {
      let tokens = Set(terms.map { RecordIndex.token($0, of: query.resourceType, index) })
      var count = 0
      for token in tokens where count < Self.countLimit {
        count += try snapshot.entryCount(token: token, slot: slot, limit: Self.countLimit)
      }
      counted.append((tokens.sorted(), count))
    }
    counted.sort { $0.count < $1.count }
    guard let lead = counted.first else {
      lists = [
        [RecordIndex.token(IndexTerm.type(query.resourceType), of: query.resourceType, index)]
      ]
      return
    }
    let worthwhile = lead.count.multipliedReportingOverflow(by: Self.openingCost)
    lists = counted.enumerated().filter { position, list in
      position == 0
        || list.count < Self.countLimit && (worthwhile.overflow || list.count <= worthwhile.0)
    }.map(\.element.tokens)
  }

  func candidates(after position: IndexEntryPosition?) -> Candidates {
    Candidates(
      walks: (missingChart == nil ? lists : []).map {
        IndexWalk(snapshot: snapshot, slot: slot, tokens: $0, after: position)
      })
  }

  /// What a write rests on that was planned from all candidates.
  func premise(_ positions: [IndexEntryPosition]) -> SearchPremise {
    SearchPremise(
      lists: lists, slot: slot, missingChart: missingChart, positions: positions)
  }
}

/// The positions that several walks have in common, in their order.
struct Candidates {
  private var walks: [IndexWalk]

  init(walks: [IndexWalk]) { self.walks = walks }

  mutating func next() throws -> IndexEntryPosition? {
    guard !walks.isEmpty, var position = try walks[0].next() else { return nil }
    var agreeing = 1
    var walk = 1
    while agreeing < walks.count {
      if walk == walks.count { walk = 0 }
      walks[walk].skip(to: position)
      guard let found = try walks[walk].next() else { return nil }
      if found == position {
        agreeing += 1
      } else {
        position = found
        agreeing = 1
      }
      walk += 1
    }
    return position
  }
}
