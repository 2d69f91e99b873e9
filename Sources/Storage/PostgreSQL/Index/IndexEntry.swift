/// One entry of the blind index: a token, and a row that bears it.
///
/// Entries order by token and row, and rows order as (slot, row) do: `RowNumber`.
struct IndexEntry: Hashable, Comparable, Sendable {
  let token: Int64
  let row: Int64

  /// Before every entry that there can be: rows are not negative.
  static let lowest = IndexEntry(token: .min, row: -1)

  static func < (a: Self, b: Self) -> Bool { (a.token, a.row) < (b.token, b.row) }
}

extension RowNumber {
  /// In how many parts the tables that grow with the records are kept.
  static let parts: Int64 = 16

  /// The part of the index that a chart's entries lie in: slots are given out one by one, so that
  /// their lowest bits spread them evenly.
  static func part(of slot: Int64) -> Int64 { slot & (parts - 1) }
}
