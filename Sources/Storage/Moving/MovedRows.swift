/// Makes the rows of a PostgreSQL table of those of a SQLite one, which come in order.
protocol MovedRows {
  /// The rows that are complete with this one.
  mutating func take(_ row: SQLiteStatement) -> [[PostgreSQLValue]]
  /// Those that were waiting for more.
  mutating func end() -> [[PostgreSQLValue]]
}

/// A row for each row.
struct EachRow: MovedRows {
  let values: @Sendable (SQLiteStatement) -> [PostgreSQLValue]

  func take(_ row: SQLiteStatement) -> [[PostgreSQLValue]] { [values(row)] }
  func end() -> [[PostgreSQLValue]] { [] }
}

/// The blocks of the index for its entries: (part, token, slot, row).
struct MovedIndex: MovedRows {
  /// Leaves the blocks room to grow.
  private static let aim = IndexPacker.mostBytes * 3 / 4

  private var part: Int64 = -1
  private var packer = IndexPacker(lower: .lowest, aim: aim)

  mutating func take(_ row: SQLiteStatement) -> [[PostgreSQLValue]] {
    let next = row.int(0)
    var complete = next == part ? [] : begin(next)
    let entry = IndexEntry(
      token: row.int(1), row: RowNumber.row(slot: row.int(2), count: row.int(3)))
    if let block = packer.add(entry) { complete.append(values(block)) }
    return complete
  }

  mutating func end() -> [[PostgreSQLValue]] { begin(RowNumber.parts) }

  /// Every part has a block, also where it has no entries.
  private mutating func begin(_ next: Int64) -> [[PostgreSQLValue]] {
    var complete: [[PostgreSQLValue]] = []
    while part < next {
      if part >= 0 { complete.append(values(packer.end())) }
      packer = IndexPacker(lower: .lowest, aim: Self.aim)
      part += 1
    }
    return complete
  }

  private func values(_ block: IndexBlock) -> [PostgreSQLValue] {
    [
      .small(part), .int(block.lower.token), .int(block.lower.row), .small(Int64(block.count)),
      .bytes(block.bytes),
    ]
  }
}
