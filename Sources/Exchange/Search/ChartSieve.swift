/// Rows of one chart that carry a token of each of several lists: found in memory, before any is opened.
///
/// There are few of them, as many as the rarest list has: numbers, not records.
struct ChartSieve {
  private static let batch = 2000

  private let slot: Int64
  private let snapshot: any StoreSnapshot
  /// Sorted, each once.
  private(set) var rows: [Int64]
  /// The lists that were made use of.
  private(set) var lists: [[UInt64]]
  /// How many entries the first list has, counted up to the limit.
  let entryCount: Int

  /// - Parameters:
  ///   - tokens: the list that the fewest rows have.
  ///   - limit: how many entries to read of it at most.
  init(
    _ tokens: [UInt64], _ slot: Int64, _ snapshot: any StoreSnapshot, limit: Int = .max
  ) throws {
    self.slot = slot
    self.snapshot = snapshot
    lists = [tokens]
    var rows: [Int64] = []
    for token in tokens {
      var last: IndexEntryPosition?
      while rows.count < limit {
        let most = min(Self.batch, limit - rows.count)
        let entries = try snapshot.entries(token: token, slot: slot, after: last, limit: most)
        rows += entries.map(\.row)
        guard entries.count == most else { break }
        last = entries.last
      }
    }
    entryCount = rows.count
    if tokens.count > 1 { rows = Set(rows).sorted() }
    self.rows = rows
  }

  /// Keeps the rows that carry one of the tokens; all, where telling would mean stepping over more than
  /// `limit` entries.
  mutating func keep(_ tokens: [UInt64], limit: Int) throws {
    guard let kept = try snapshot.rows(rows, carrying: tokens, slot: slot, limit: limit) else {
      return
    }
    rows = kept
    lists.append(tokens)
  }
}
