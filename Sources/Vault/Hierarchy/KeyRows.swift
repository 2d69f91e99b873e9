/// A chart's key-encryption key as the store keeps it (table `chart`). Deleting it, and replacing
/// the root it is wrapped by, makes every copy of the chart unreadable.
public struct ChartKeyRow: Sendable, Hashable {
  /// The chart's slot. Slots are never reused.
  public let slot: Int64
  /// The key, wrapped by the root of generation `wrapped.wrappedBy`.
  public let wrapped: WrappedKey

  /// Puts a row together again as it was read from the store.
  public init(slot: Int64, wrapped: WrappedKey) {
    self.slot = slot
    self.wrapped = wrapped
  }

  /// A chart has one key-encryption key for life, so its generation is always 1.
  static let generation: UInt32 = 1

  static func context(slot: Int64) -> KeyContext {
    KeyContext(purpose: .chartKey, slot: slot, generation: generation)
  }
}

/// One generation of a chart's data key as the store keeps it (table `data_key`).
public struct DataKeyRow: Sendable, Hashable {
  /// The chart's slot.
  public let slot: Int64
  /// 1 for the first, rising by one with each rotation. Sealed bodies name it.
  public let generation: UInt32
  /// The key, wrapped by the chart's key.
  public let wrapped: WrappedKey

  /// Puts a row together again as it was read from the store.
  public init(slot: Int64, generation: UInt32, wrapped: WrappedKey) {
    self.slot = slot
    self.generation = generation
    self.wrapped = wrapped
  }

  static func context(slot: Int64, generation: UInt32) -> KeyContext {
    KeyContext(purpose: .dataKey, slot: slot, generation: generation)
  }

  /// How a chart's key counts as the wrapper of data keys: it has one generation for life.
  static let wrapperGeneration = ChartKeyRow.generation
}

/// The node's master key as the store keeps it (table `item`). Replacing the root re-wraps it and
/// leaves the key itself, and with it the blind index, as they are.
public struct NodeKeyRow: Sendable, Hashable {
  /// The key, wrapped by the root of generation `wrapped.wrappedBy`.
  public let wrapped: WrappedKey

  /// Puts a row together again as it was read from the store.
  public init(wrapped: WrappedKey) { self.wrapped = wrapped }

  static let context = KeyContext(purpose: .nodeMaster, slot: 0, generation: 1)
}
