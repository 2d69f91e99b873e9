import Exchange
import Primitives

/// The blind index: blocks by their lower bounds, in parts by chart.
extension PostgreSQLSnapshot {
  func entryCount(token: UInt64, slot: Int64?, limit: Int) throws -> Int {
    guard limit > 0, let range = IndexRange(token: token, slot: slot, after: nil) else { return 0 }
    return try rows(range, limit: limit).count
  }

  func entries(
    token: UInt64, slot: Int64?, after: IndexEntryPosition?, limit: Int
  ) throws -> [IndexEntryPosition] {
    guard limit > 0, let range = IndexRange(token: token, slot: slot, after: after) else {
      return []
    }
    return try rows(range, limit: limit).map {
      IndexEntryPosition(slot: RowNumber.slot(of: $0), row: $0)
    }
  }

  /// All tokens in one exchange with the server: asking costs more than answering.
  func rows(
    _ rows: [Int64], carrying tokens: [UInt64], slot: Int64, limit: Int
  ) throws -> [Int64]? {
    guard let first = rows.first, let last = rows.last else { return [] }
    let ranges = tokens.compactMap {
      IndexRange(
        token: $0, slot: slot, after: IndexEntryPosition(slot: slot, row: first - 1), last: last)
    }
    let blocks = min(64, limit / 128 + 2)
    let results = try connection.run(all: ranges.flatMap { Self.first($0, blocks: blocks) })
    guard results.count == 2 * ranges.count else {
      throw PeerChartError(.storage, "the database answered something else than it was asked")
    }
    var found: Set<Int64> = []
    var left = limit
    for (number, range) in ranges.enumerated() {
      // More blocks than were asked for hold more entries than may be stepped over.
      guard results[2 * number + 1].count < Int32(blocks) else { return nil }
      for block in results[2 * number...2 * number + 1].flatMap({ $0.map(Self.block) }) {
        let carrying = try block.rows(of: range.token, after: range.after, through: range.through)
        left -= carrying.count
        found.formUnion(carrying)
      }
      guard left >= 0 else { return nil }
    }
    return rows.filter(found.contains)
  }

  /// The rows in a range, in order.
  ///
  /// First comes the block that holds the range's beginning, of each part if all are asked, together with
  /// the first ones that begin in the range; then further ones. Blocks of different parts overlap,
  /// so rows are in order only up to the bound of the last block that was read.
  private func rows(_ range: IndexRange, limit: Int) throws -> [Int64] {
    // As many entries as a block of a token that many records bear may hold.
    var blocks = min(64, limit / 128 + 2)
    var results = try connection.run(all: Self.first(range, blocks: blocks))
    var rows: [Int64] = []
    while true {
      for block in results.flatMap({ $0.map(Self.block) }) {
        rows += try block.rows(of: range.token, after: range.after, through: range.through)
      }
      rows.sort()
      let last = results.last.flatMap { $0.last.map { $0.int(1) } }
      guard let last, results.last?.count ?? 0 == Int32(blocks) else { break }
      if rows.count >= limit, rows[limit - 1] <= last { break }
      blocks = min(256, blocks * 2)
      results = try connection.run(all: [Self.further(range, after: last, blocks: blocks)])
    }
    return Array(rows.prefix(limit))
  }

  private typealias Command = PostgreSQLConnection.Command

  private static let columns = "token, row_id, entries"

  private static func block(_ row: PostgreSQLRow) -> IndexBlock {
    IndexBlock(
      lower: IndexEntry(token: row.int(0), row: row.int(1)), bytes: row.blob(2), count: 0)
  }

  private static func first(_ range: IndexRange, blocks: Int) -> [Command] {
    let covering: Command
    if let part = range.part {
      covering = Command(
        sql: """
          SELECT \(columns) FROM token_block WHERE part = $1::smallint AND (token, row_id) <= ($2, $3)
          ORDER BY token DESC, row_id DESC LIMIT 1
          """, values: [.int(part), .int(range.token), .int(range.after)])
    } else {
      covering = Command(
        sql: """
          SELECT block.* FROM generate_series(0, \(RowNumber.parts - 1)) AS asked (part)
          CROSS JOIN LATERAL (
            SELECT \(columns) FROM token_block
            WHERE token_block.part = asked.part::smallint AND (token, row_id) <= ($1, $2)
            ORDER BY token DESC, row_id DESC LIMIT 1) AS block
          """, values: [.int(range.token), .int(range.after)])
    }
    return [covering, further(range, after: range.after, blocks: blocks)]
  }

  private static func further(_ range: IndexRange, after: Int64, blocks: Int) -> Command {
    let part = range.part == nil ? "" : " AND part = $5::smallint"
    return Command(
      sql: """
        SELECT \(columns) FROM token_block
        WHERE token = $1 AND row_id > $2 AND row_id <= $3\(part) ORDER BY row_id LIMIT $4
        """,
      values: [.int(range.token), .int(after), .int(range.through), .int(Int64(blocks))]
        + (range.part.map { [.int($0)] } ?? []))
  }
}

/// The rows of a token behind one row and up to another.
private struct IndexRange {
  let token: Int64
  /// The part that they lie in; nil for all parts.
  let part: Int64?
  let after: Int64
  let through: Int64

  /// - Returns: nil for a range in which there can be nothing.
  ///
  /// - Parameter last: the last row that is asked for.
  init?(
    token: UInt64, slot: Int64?, after position: IndexEntryPosition?, last: Int64 = .max
  ) {
    let slots = 0...RowNumber.largestSlot
    var after: Int64 = -1
    if let position {
      guard position.slot <= slots.upperBound else { return nil }
      if position.slot >= 0 {
        let first = RowNumber.row(slot: position.slot, count: 0)
        after = min(max(position.row, first - 1), first + RowNumber.largestCount)
      }
    }
    var through = Int64.max
    if let slot {
      guard slots.contains(slot) else { return nil }
      let first = RowNumber.row(slot: slot, count: 0)
      after = max(after, first - 1)
      through = first + RowNumber.largestCount
    }
    through = min(through, last)
    guard after < through else { return nil }
    self.token = Int64(bitPattern: token)
    self.part = slot.map(RowNumber.part)
    self.after = after
    self.through = through
  }
}
