/// How the store numbers rows: the chart's slot in the upper bits, a count over the whole store in
/// the lower ones.
///
/// The tables are partitioned by slot, so a row can only be found quickly by somebody who knows its
/// slot; this way its number tells. Within a chart the numbers grow with time, and over all charts
/// they order as (slot, row) does.
enum RowNumber {
  /// 2³⁶ versions in one store, 2²⁷ charts.
  static let countBits: Int64 = 36
  static let largestCount: Int64 = (1 << 36) - 1
  static let largestSlot: Int64 = (1 << 27) - 1

  static func row(slot: Int64, count: Int64) -> Int64 { slot << countBits | count }
  static func slot(of row: Int64) -> Int64 { row >> countBits }
  static func count(of row: Int64) -> Int64 { row & largestCount }
}
