import FHIR
import Primitives
import Vault

/// A version worked out and sealed before the transaction that stores it.
struct PlannedWrite: Sendable {
  let version: NewVersion
  /// The version that must still be the newest when this one is stored; nil for a new record.
  let previous: Int64?
  /// Index entries of the previous version, which go.
  let obsolete: (position: IndexEntryPosition, tokens: [UInt64])?
  /// Whether it may change who has access to the chart.
  let concernsAccess: Bool

  func apply(_ transaction: any StoreTransaction) throws {
    if previous != nil || version.number == 1 {
      guard try transaction.newestVersion(of: version.key)?.number == previous else {
        throw PeerChartError(.staleDecision, "somebody else wrote this record meanwhile")
      }
    }
    if let obsolete {
      try transaction.removeEntries(
        slot: obsolete.position.slot, row: obsolete.position.row, tokens: obsolete.tokens)
    }
    _ = try transaction.append(version)
    if concernsAccess { try transaction.bumpConsentRevision(slot: version.slot) }
  }
}

extension PeerChartError.Code {
  /// A patient has no chart yet; the cause lists whose. Never leaves `Exchange`.
  static let chartMissing = Self("chart-missing")
}

/// The patients that a write would be the first record of.
struct MissingCharts: Error {
  let patients: Set<String>
}

extension Exchange {
  /// The door for writes: a chart that a permitted write needs and that is not there yet is made
  /// first. An empty chart tells nothing and is used by whoever writes next.
  func passWriting<Value: Sendable>(
    _ decide: @escaping @Sendable (any StoreSnapshot) throws -> Passage<Value>
  ) async throws -> Value {
    while true {
      do {
        return try await pass(decide)
      } catch let error as PeerChartError where error.code == .chartMissing {
        guard let missing = error.cause as? MissingCharts, !missing.patients.isEmpty else {
          throw error
        }
        try await makeCharts(missing.patients)
      }
    }
  }

  func makeCharts(_ patients: Set<String>) async throws {
    try await store.write { [self] transaction in
      // All charts are wrapped by the same root; the node's own chart names the current one.
      let generation = try transaction.chart(slot: 0)?.keyGeneration ?? 1
      for patient in patients {
        let tag = keys.chartTag(patient)
        guard try transaction.chart(tag: tag) == nil else { continue }
        try makeChart(tag: tag, rootGeneration: generation, transaction)
      }
    }
  }

  func makeChart(
    tag: [UInt8], rootGeneration: Int64, _ transaction: any StoreTransaction
  ) throws {
    let slot = try transaction.insertChart(tag: tag)
    let (chart, data) = try keys.hierarchy.makeChart(
      slot: slot, rootGeneration: UInt32(truncatingIfNeeded: rootGeneration))
    try transaction.setChartKey(
      slot: slot, generation: rootGeneration, wrapped: chart.wrapped.encoded)
    try transaction.insertDataKey(
      DataKeyRow(slot: slot, generation: Int64(data.generation), wrapped: data.wrapped.encoded))
  }
}
