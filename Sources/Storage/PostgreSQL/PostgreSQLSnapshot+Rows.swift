import Exchange
import Primitives

extension PostgreSQLSnapshot {
  /// One question for all tokens and rows: asking costs more than answering.
  func rows(
    _ rows: [Int64], carrying tokens: [UInt64], slot: Int64, limit: Int
  ) throws -> [Int64]? {
    guard !rows.isEmpty else { return [] }
    return try connection.run(
      """
      SELECT DISTINCT row_id FROM token
      WHERE slot = $1 AND token = ANY($2) AND row_id = ANY($3) ORDER BY row_id
      """, .int(slot), .ints(tokens.map { Int64(bitPattern: $0) }), .ints(rows)
    ).map { $0.int(0) }
  }
}
