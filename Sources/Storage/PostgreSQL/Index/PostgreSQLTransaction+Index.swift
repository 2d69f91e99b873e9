import Exchange
import Primitives

extension PostgreSQLTransaction {
  func removeEntries(slot: Int64, row: Int64, tokens: [UInt64]) throws {
    try change { indexChanges.remove(tokens, row: row) }
  }

  func entryCount(token: UInt64, slot: Int64?, limit: Int) throws -> Int {
    try look(first: sendEntries) { try $0.entryCount(token: token, slot: slot, limit: limit) }
  }

  func entries(
    token: UInt64, slot: Int64?, after: IndexEntryPosition?, limit: Int
  ) throws -> [IndexEntryPosition] {
    try look(first: sendEntries) {
      try $0.entries(token: token, slot: slot, after: after, limit: limit)
    }
  }

  /// Sends the changes of the index that wait: fetches the blocks that they belong to and rewrites these.
  /// Nobody else can do so meanwhile, who writes has the lock of all commits.
  func sendEntries() throws {
    guard !indexChanges.isEmpty else { return }
    let parts = indexChanges.take(behindSavepoint: hasSavepoint)
    let found = try connection.run(all: parts.map(Self.covering))
    for (part, result) in zip(parts, found) {
      let blocks = Self.blocks(result)
      guard !blocks.isEmpty else {
        throw PeerChartError(.integrity, "a part of the index is missing")
      }
      try send(part.apply(to: blocks), part.number)
    }
  }

  /// Asks for the blocks that entries belong to, some of them more than once: for each token the one in which the
  /// first of its rows has its place, and those that begin between that row and the last.
  private static func covering(_ part: IndexChanges.Part) -> PostgreSQLConnection.Command {
    var first: [IndexEntry] = []
    var spans: [(first: IndexEntry, last: Int64)] = []
    for entry in part.entries {
      if let start = first.last, start.token == entry.token {
        if spans.last?.first != start { spans.append((start, entry.row)) }
        spans[spans.count - 1].last = entry.row
      } else {
        first.append(entry)
      }
    }
    return PostgreSQLConnection.Command(
      sql: """
        SELECT block.* FROM unnest($2, $3) AS first (token, row_id)
        CROSS JOIN LATERAL (
          SELECT token, row_id, entries, size FROM token_block
          WHERE part = $1::smallint AND (token, row_id) <= (first.token, first.row_id)
          ORDER BY token DESC, row_id DESC LIMIT 1) AS block
        UNION ALL
        SELECT block.token, block.row_id, block.entries, block.size
        FROM unnest($4, $5, $6) AS span (token, first, last)
        JOIN token_block AS block ON block.part = $1::smallint AND block.token = span.token
          AND block.row_id > span.first AND block.row_id <= span.last
        """,
      values: [
        .int(part.number), .ints(first.map(\.token)), .ints(first.map(\.row)),
        .ints(spans.map(\.first.token)), .ints(spans.map(\.first.row)), .ints(spans.map(\.last)),
      ])
  }

  /// The blocks of an answer, each once, in order.
  private static func blocks(_ result: PostgreSQLResult) -> [IndexBlock] {
    var blocks: [IndexEntry: IndexBlock] = [:]
    for row in result.map({ $0 }) {
      let lower = IndexEntry(token: row.int(0), row: row.int(1))
      guard blocks[lower] == nil else { continue }
      blocks[lower] = IndexBlock(
        lower: lower, bytes: row.blob(2), count: Int(truncatingIfNeeded: row.int(3)))
    }
    return blocks.values.sorted { $0.lower < $1.lower }
  }

  private func send(_ outcome: IndexChanges.Part.Outcome, _ part: Int64) throws {
    func values(_ blocks: [IndexBlock]) -> [PostgreSQLValue] {
      [
        .int(part), .ints(blocks.map(\.lower.token)), .ints(blocks.map(\.lower.row)),
        .ints(blocks.map { Int64($0.count) }), .byteStrings(blocks.map(\.bytes)),
      ]
    }
    if !outcome.rewritten.isEmpty {
      try connection.enqueue(
        PostgreSQLConnection.Command(
          sql: """
            UPDATE token_block SET size = new.size::smallint, entries = new.entries
            FROM unnest($2, $3, $4, $5) AS new (token, row_id, size, entries)
            WHERE token_block.part = $1::smallint AND token_block.token = new.token
              AND token_block.row_id = new.row_id
            """, values: values(outcome.rewritten)))
    }
    if !outcome.added.isEmpty {
      try connection.enqueue(
        PostgreSQLConnection.Command(
          sql: """
            INSERT INTO token_block (part, token, row_id, size, entries)
            SELECT $1::smallint, token, row_id, size::smallint, entries
            FROM unnest($2, $3, $4, $5) AS new (token, row_id, size, entries)
            """, values: values(outcome.added)))
    }
    if !outcome.emptied.isEmpty {
      try connection.enqueue(
        """
        DELETE FROM token_block USING unnest($2, $3) AS old (token, row_id)
        WHERE token_block.part = $1::smallint AND token_block.token = old.token
          AND token_block.row_id = old.row_id
        """, .int(part), .ints(outcome.emptied.map(\.token)), .ints(outcome.emptied.map(\.row)))
    }
  }
}
