/// The rows that candidates lead to, read several at a time.
struct CandidateRows {
  private let snapshot: any StoreSnapshot
  private var candidates: Candidates
  private var ahead = RowsAhead()
  private var rows: ArraySlice<(entry: IndexEntryPosition, row: VersionRow?)> = []

  init(_ candidates: Candidates, in snapshot: any StoreSnapshot) {
    self.snapshot = snapshot
    self.candidates = candidates
  }

  /// The next candidate that has a row.
  mutating func next() throws -> (entry: IndexEntryPosition, row: VersionRow)? {
    while true {
      if rows.isEmpty {
        var entries: [IndexEntryPosition] = []
        entries.reserveCapacity(ahead.size)
        while entries.count < ahead.size, let entry = try candidates.next() {
          entries.append(entry)
        }
        guard !entries.isEmpty else { return nil }
        rows = try ahead.read(entries, snapshot)[...]
      }
      if let (entry, row) = rows.popFirst(), let row { return (entry, row) }
    }
  }
}
