import Primitives
import Vault

/// A chart made in the transaction that stores its first records: all of it is there, or nothing.
struct NewChart {
  let slot: Int64
  let key: DataKey
}

extension Exchange {
  /// Makes the chart of a patient who had none when the write was decided about.
  ///
  /// - Throws: `staleDecision` when somebody else has made it since: its rules were not looked at.
  func makeChart(of patient: String, _ transaction: any StoreTransaction) throws -> NewChart {
    let tag = keys.chartTag(patient)
    guard try transaction.chart(tag: tag) == nil else {
      throw PeerChartError(.staleDecision, "the chart was made meanwhile")
    }
    // All charts are wrapped by the same root; the node's own chart names the current one.
    let generation = try transaction.chart(slot: 0)?.keyGeneration ?? 1
    return try makeChart(tag: tag, rootGeneration: generation, transaction)
  }

  @discardableResult
  func makeChart(
    tag: [UInt8], rootGeneration: Int64, _ transaction: any StoreTransaction
  ) throws -> NewChart {
    let slot = try transaction.insertChart(tag: tag)
    let (chart, data) = try keys.hierarchy.makeChart(
      slot: slot, rootGeneration: UInt32(truncatingIfNeeded: rootGeneration))
    try transaction.setChartKey(
      slot: slot, generation: rootGeneration, wrapped: chart.wrapped.encoded)
    try transaction.insertDataKey(
      DataKeyRow(slot: slot, generation: Int64(data.generation), wrapped: data.wrapped.encoded))
    return NewChart(slot: slot, key: try keys.hierarchy.dataKey(data, chart: chart))
  }
}
