import FHIR
import Primitives

/// Picks the narrowest criterion of a search and walks its index entries in order. Everything else
/// about a candidate is verified on the decrypted resource.
struct SearchPlan {
  /// Beyond this many entries a criterion counts as wide; counting further would cost more than it tells.
  private static let countLimit = 2000

  private let reading: Reading
  private let tokens: [UInt64]
  private let slot: Int64?
  private let isEmpty: Bool

  init(_ query: SearchQuery, _ reading: Reading) throws {
    self.reading = reading
    let index = reading.exchange.keys.index
    // One patient means one chart: only its entries are looked at. A patient without a chart has none.
    var slot: Int64?
    var isEmpty = false
    if let patients = query.patients, patients.count == 1 {
      slot = try reading.slot(of: patients[0])
      isEmpty = slot == nil
    }
    var best = (
      tokens: [
        RecordIndex.token(IndexTerm.type(query.resourceType), of: query.resourceType, index)
      ], count: Int.max
    )
    for terms in query.alternatives {
      let tokens = Set(terms.map { RecordIndex.token($0, of: query.resourceType, index) })
      var count = 0
      for token in tokens where count < min(best.count, Self.countLimit) {
        count += try reading.snapshot.entryCount(token: token, slot: slot, limit: Self.countLimit)
      }
      if count < best.count { best = (tokens.sorted(), count) }
    }
    tokens = best.tokens
    self.slot = slot
    self.isEmpty = isEmpty
  }

  func candidates(after position: IndexEntryPosition?) -> Candidates {
    Candidates(
      snapshot: reading.snapshot, slot: slot, tokens: isEmpty ? [] : tokens, after: position)
  }

  /// The entries of several tokens, merged in (slot, row) order without repeats, read in batches.
  struct Candidates {
    private static let batch = 256

    private struct Stream {
      let token: UInt64
      var buffer: ArraySlice<IndexEntryPosition> = []
      var last: IndexEntryPosition?
      var isExhausted = false
    }

    private let snapshot: any StoreSnapshot
    private let slot: Int64?
    private var streams: [Stream]

    init(
      snapshot: any StoreSnapshot, slot: Int64?, tokens: [UInt64], after: IndexEntryPosition?
    ) {
      self.snapshot = snapshot
      self.slot = slot
      streams = tokens.map { Stream(token: $0, last: after) }
    }

    mutating func next() throws -> IndexEntryPosition? {
      var smallest: IndexEntryPosition?
      for index in streams.indices {
        try fill(index)
        if let head = streams[index].buffer.first, smallest.map({ head < $0 }) ?? true {
          smallest = head
        }
      }
      for index in streams.indices where streams[index].buffer.first == smallest {
        streams[index].buffer = streams[index].buffer.dropFirst()
      }
      return smallest
    }

    private mutating func fill(_ index: Int) throws {
      guard streams[index].buffer.isEmpty, !streams[index].isExhausted else { return }
      let entries = try snapshot.entries(
        token: streams[index].token, slot: slot, after: streams[index].last, limit: Self.batch)
      streams[index].isExhausted = entries.count < Self.batch
      streams[index].buffer = entries[...]
      if let last = entries.last { streams[index].last = last }
    }
  }
}
