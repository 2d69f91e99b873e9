/// The index entries of several tokens, merged in (slot, row) order without repeats, read in batches.
struct IndexWalk {
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

  init(snapshot: any StoreSnapshot, slot: Int64?, tokens: [UInt64], after: IndexEntryPosition?) {
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

  /// Goes on at `position` or behind it: the entries before it are passed over, in memory where they
  /// are read already, by a seek where not.
  mutating func skip(to position: IndexEntryPosition) {
    for index in streams.indices {
      let rest = streams[index].buffer.drop { $0 < position }
      streams[index].buffer = rest
      guard rest.isEmpty, !streams[index].isExhausted else { continue }
      // Entries are read behind a position, so the seek is to the one just before.
      let before = IndexEntryPosition(slot: position.slot, row: position.row - 1)
      if streams[index].last.map({ $0 < before }) ?? true { streams[index].last = before }
    }
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
