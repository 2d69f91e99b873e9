public import Primitives
import Synchronization

/// Root → one key for each chart → generations of data keys, and root → the node's master key.
///
/// It does no storing: it makes rows and reads rows. **The store says which root generation is
/// current**, in the same transaction that writes a row, so that a chart made while another process
/// replaces the root is never wrapped by a root about to go. Safe to share between threads.
public final class KeyHierarchy: Sendable {
  private let provider: any RootKeyProvider
  private let random: any RandomSource
  private let cache: Mutex<DataKeyCache>

  /// - Parameters:
  ///   - cacheCapacity: how many unwrapped data keys are kept at most.
  public init(
    provider: any RootKeyProvider, random: any RandomSource, cacheCapacity: Int = 4096
  ) {
    self.provider = provider
    self.random = random
    cache = Mutex(DataKeyCache(capacity: cacheCapacity))
  }

  // MARK: Charts

  /// The keys of a new chart: its key-encryption key and the first generation of its data key.
  ///
  /// - Parameters:
  ///   - slot: a slot that was never used before.
  ///   - rootGeneration: the root generation that is current in this write transaction.
  /// - Throws: what the provider throws.
  public func makeChart(
    slot: Int64, rootGeneration: UInt32
  ) throws -> (chart: ChartKeyRow, data: DataKeyRow) {
    let chartKey = SecretBytes(random: random, count: 32)
    let wrapped = try provider.wrap(
      chartKey, context: ChartKeyRow.context(slot: slot), generation: rootGeneration)
    let data = try makeDataKey(slot: slot, generation: 1, under: chartKey)
    return (ChartKeyRow(slot: slot, wrapped: wrapped), data)
  }

  /// The next generation of a chart's data key. New bodies are sealed with it; older generations
  /// stay for the bodies they sealed.
  ///
  /// - Parameter latest: the newest generation the chart has now.
  /// - Throws: `integrity` when the chart's key does not unwrap, `invalid` after 2³² − 1 generations.
  public func rotateDataKey(chart: ChartKeyRow, after latest: UInt32) throws -> DataKeyRow {
    let (next, overflow) = latest.addingReportingOverflow(1)
    guard !overflow else {
      throw PeerChartError(.invalid, "a chart has used up its data key generations")
    }
    return try makeDataKey(slot: chart.slot, generation: next, under: unwrap(chart))
  }

  /// The data key of a chart, unwrapped, from the cache where it is there.
  ///
  /// - Throws: `integrity` when a row was changed or belongs to another chart; what the provider
  ///   throws when the root that wraps the chart's key is gone.
  public func dataKey(_ data: DataKeyRow, chart: ChartKeyRow) throws -> DataKey {
    guard data.slot == chart.slot else {
      throw PeerChartError(.integrity, "a data key belongs to another chart")
    }
    let name = DataKeyCache.Name(slot: data.slot, generation: data.generation)
    if let key = cache.withLock({ $0.key(name, wrapped: data.wrapped) }) { return key }
    let secret = try data.wrapped.unwrap(
      with: unwrap(chart),
      context: DataKeyRow.context(slot: chart.slot, generation: data.generation))
    let key = DataKey(slot: data.slot, generation: data.generation, secret: secret)
    cache.withLock { $0.insert(key, wrapped: data.wrapped) }
    return key
  }

  /// The data key if it is in the cache, so that a hot read needs no key rows. Only for a slot that
  /// the caller has just seen alive in the store: another process may have destroyed the chart.
  public func cachedDataKey(slot: Int64, generation: UInt32) -> DataKey? {
    cache.withLock { $0.key(DataKeyCache.Name(slot: slot, generation: generation)) }
  }

  /// The same chart key under another generation of the root. Bodies and data keys stay untouched.
  public func rewrap(_ row: ChartKeyRow, to generation: UInt32) throws -> ChartKeyRow {
    let wrapped = try provider.wrap(
      unwrap(row), context: ChartKeyRow.context(slot: row.slot), generation: generation)
    return ChartKeyRow(slot: row.slot, wrapped: wrapped)
  }

  /// Drops a destroyed chart's keys from memory.
  public func forget(slot: Int64) { cache.withLock { $0.removeAll(slot: slot) } }

  /// Drops every chart's keys from memory.
  public func forgetAll() { cache.withLock { $0.removeAll() } }

  // MARK: The node

  /// A fresh master key for a new node, wrapped by the root.
  public func makeNodeKey(rootGeneration: UInt32) throws -> NodeKeyRow {
    let master = SecretBytes(random: random, count: 32)
    return NodeKeyRow(
      wrapped: try provider.wrap(
        master, context: NodeKeyRow.context, generation: rootGeneration))
  }

  /// The keys for the node's own purposes.
  ///
  /// - Throws: `integrity` when the row was changed; what the provider throws.
  public func nodeKeys(_ row: NodeKeyRow) throws -> NodeKeyring {
    NodeKeyring(master: try provider.unwrap(row.wrapped, context: NodeKeyRow.context))
  }

  /// The same master key under another generation of the root.
  public func rewrap(_ row: NodeKeyRow, to generation: UInt32) throws -> NodeKeyRow {
    let master = try provider.unwrap(row.wrapped, context: NodeKeyRow.context)
    return NodeKeyRow(
      wrapped: try provider.wrap(
        master, context: NodeKeyRow.context, generation: generation))
  }

  // MARK: Steps

  private func unwrap(_ chart: ChartKeyRow) throws -> SecretBytes {
    try provider.unwrap(chart.wrapped, context: ChartKeyRow.context(slot: chart.slot))
  }

  private func makeDataKey(
    slot: Int64, generation: UInt32, under chartKey: SecretBytes
  ) throws -> DataKeyRow {
    let wrapped = try WrappedKey(
      SecretBytes(random: random, count: 32), under: chartKey,
      generation: DataKeyRow.wrapperGeneration,
      context: DataKeyRow.context(slot: slot, generation: generation), random: random)
    return DataKeyRow(slot: slot, generation: generation, wrapped: wrapped)
  }
}
