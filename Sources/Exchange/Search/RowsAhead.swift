/// Reads the rows that a walk over the index leads to, several in one look at the store: as many as their
/// size allows, for all of them are in memory.
struct RowsAhead {
  private static let mostRows = 64
  private static let mostBytes = 1 << 20

  /// How many rows to read next.
  private(set) var size = 8

  /// - Returns: for each entry its row, in the order of the entries; nil where there is none.
  mutating func read(
    _ entries: some Collection<IndexEntryPosition>, _ snapshot: any StoreSnapshot
  ) throws -> [(entry: IndexEntryPosition, row: VersionRow?)] {
    let rows = try snapshot.versions(rows: entries.map(\.row))
    let bytes = rows.reduce(1) { $0 + $1.body.bytesHere }
    size = max(1, min(size * 2, Self.mostRows, Self.mostBytes / (bytes / max(rows.count, 1) + 1)))
    var rest = rows[...]
    return entries.map { entry in
      (entry, rest.first?.row == entry.row ? rest.popFirst() : nil)
    }
  }
}
