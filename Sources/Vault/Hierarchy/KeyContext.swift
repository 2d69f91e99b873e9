/// What a wrapped key is for. Part of what the wrap's tag covers; numbers are never reused.
public enum KeyPurpose: UInt8, Sendable, Hashable, CaseIterable {
  /// A chart's key-encryption key, wrapped by the root.
  case chartKey = 1
  /// A generation of a chart's data key, wrapped by the chart's key.
  case dataKey = 2
  /// The node's master key, wrapped by the root.
  case nodeMaster = 3
  /// The root key itself, wrapped by a passphrase.
  case root = 4
}

/// Which key is being wrapped. It is bound into the tag: a wrapped key moved to another chart,
/// generation or purpose does not unwrap.
public struct KeyContext: Sendable, Hashable {
  /// What the key is for.
  public var purpose: KeyPurpose
  /// The chart's slot; 0 for the node's own keys.
  public var slot: Int64
  /// The generation of the key being wrapped.
  public var generation: UInt32

  /// Names the key to wrap.
  public init(purpose: KeyPurpose, slot: Int64, generation: UInt32) {
    self.purpose = purpose
    self.slot = slot
    self.generation = generation
  }
}
