import FHIR

/// The records of one type in the order of the index, over all charts or over some.
struct ExportWalk {
  private static let batch = 256

  private let snapshot: any StoreSnapshot
  private let token: UInt64
  /// Charts that are still to be walked, the present one first; nil for all.
  private var slots: ArraySlice<Int64>?
  private var place: IndexEntryPosition?
  private var buffer: ArraySlice<IndexEntryPosition> = []
  private var isOver = false
  private var ahead = RowsAhead()
  private var rows: ArraySlice<(entry: IndexEntryPosition, row: VersionRow?)> = []

  /// - Parameters:
  ///   - slots: sorted; nil for all charts.
  ///   - start: the entries behind this place.
  init(_ type: String, _ slots: [Int64]?, after start: ExportPlace?, _ reading: Reading) {
    snapshot = reading.snapshot
    token = RecordIndex.token(IndexTerm.type(type), of: type, reading.exchange.keys.index)
    self.slots = slots.map { slots in
      slots.drop { slot in start.map { slot < $0.slot } ?? false }
    }
    place = start?.entry
  }

  /// The next entry, and what it leads to.
  mutating func next() throws -> (entry: IndexEntryPosition, row: VersionRow?)? {
    if rows.isEmpty {
      try fill()
      let some = buffer.prefix(ahead.size)
      guard !some.isEmpty else { return nil }
      buffer = buffer.dropFirst(some.count)
      rows = try ahead.read(some, snapshot)[...]
    }
    return rows.popFirst()
  }

  private mutating func fill() throws {
    while buffer.isEmpty && !isOver {
      let slot = slots?.first
      if slots != nil && slot == nil { return }
      let entries = try snapshot.entries(
        token: token, slot: slot, after: place, limit: Self.batch)
      buffer = entries[...]
      if let last = entries.last { place = last }
      guard entries.count < Self.batch else { continue }
      if slots == nil {
        isOver = true
      } else {
        slots = slots?.dropFirst()
        place = nil
      }
    }
  }
}
