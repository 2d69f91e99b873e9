import FHIR
import Primitives

/// The place of a match in the order of an answer: what it is sorted by, then where it is stored.
struct SearchPosition {
  /// One for each key of `_sort`; nil where the resource has no such value.
  var values: [SearchSortValue?] = []
  /// Which of several searches that are answered together.
  var query = 0
  let entry: IndexEntryPosition

  /// Whether this comes before another under keys that have the same order in both.
  func precedes(_ other: Self, _ keys: [SearchSortKey]) -> Bool {
    for (index, key) in keys.enumerated() {
      if let isBefore = key.precedes(values[index], other.values[index]) { return isBefore }
    }
    return (query, entry.slot, entry.row) < (other.query, other.entry.slot, other.entry.row)
  }
}

/// The best matches behind a position, as many as a page has and one more to tell whether it goes on.
struct SearchPage {
  private let isSorted: Bool
  private let start: SearchPosition?
  private let size: Int
  /// Sorted; at most `size + 1`.
  private var kept: [(position: SearchPosition, found: FoundRecord)] = []

  /// - Parameter isSorted: whether matches come in another order than that of the answer.
  init(isSorted: Bool, after start: SearchPosition?, size: Int) {
    self.isSorted = isSorted
    self.start = start
    self.size = size
  }

  /// Whether nothing that comes in the order of storage can change the page any more.
  var isFull: Bool { !isSorted && kept.count > size }
  var hasMore: Bool { kept.count > size }
  var matches: [FoundRecord] { kept.prefix(size).map(\.found) }
  var last: SearchPosition? { kept.prefix(size).last?.position }

  /// - Parameter keys: those of the query, whose type has them in its own places.
  mutating func add(
    _ found: FoundRecord, at entry: IndexEntryPosition, of query: Int, by keys: [SearchSortKey]
  ) throws {
    var position = SearchPosition(query: query, entry: entry)
    if !keys.isEmpty {
      let resource = try found.resource()
      position.values = keys.map { $0.value(of: resource) }
    }
    if let start, !start.precedes(position, keys) { return }
    if kept.count > size, let worst = kept.last, !position.precedes(worst.position, keys) { return }
    // Most come in the order of the answer.
    var low = kept.last.map { $0.position.precedes(position, keys) } ?? true ? kept.count : 0
    var high = kept.count
    while low < high {
      let middle = (low + high) / 2
      if position.precedes(kept[middle].position, keys) { high = middle } else { low = middle + 1 }
    }
    if low == kept.count {
      kept.append((position, found))
    } else {
      kept.insert((position, found), at: low)
    }
    if kept.count > size + 1 { kept.removeLast() }
  }
}
