import Crypto

/// A key that seals bodies, unwrapped. swift-crypto wipes it when the last reference goes.
public struct DataKey: Sendable {
  /// The chart's slot; 0 for a key of the node itself.
  public let slot: Int64
  /// The generation that sealed bodies name.
  public let generation: UInt32
  let key: SymmetricKey
  /// Nil where the processor has no instructions for it; then `key` is used as it is.
  let prepared: PreparedKey?

  /// A data key from its bytes, for what is sealed under a key of its own. 32 bytes.
  public init(slot: Int64, generation: UInt32, secret: SecretBytes) {
    self.init(slot: slot, generation: generation, key: secret.symmetricKey)
  }

  init(slot: Int64, generation: UInt32, key: SymmetricKey) {
    self.slot = slot
    self.generation = generation
    self.key = key
    prepared = PreparedKey(key)
  }
}

extension DataKey: CustomStringConvertible, CustomReflectable {
  /// Slot and generation, never the key.
  public var description: String { "data key \(generation) of slot \(slot)" }
  /// A mirror without children, so that `dump` shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
