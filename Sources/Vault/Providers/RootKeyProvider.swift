/// Where the root key lives. The root itself never comes out: a provider wraps and unwraps with it,
/// in memory or inside a hardware module.
///
/// **Replacing the root.** The store keeps the number of the current root generation. A replacement
/// survives a kill at any moment because both roots can unwrap until the store has moved over:
///
/// 1. read the store's generation `old`; `next = stage(after: old)`: durable when it returns;
/// 2. in one write transaction: stop and begin again if the store's generation is no longer `old`;
///    re-wrap every chart's key and the node's key to `next`; set the store's generation to `next`;
/// 3. `commit(next)`: the old root is gone for good.
///
/// After a kill between 1 and 2 the staged root is unused and the next `stage` hands it out again.
/// After a kill between 2 and 3 the old root is still there: call `commit` with the store's
/// generation at every start. Neither step ever drops a root newer than the one it is given, so a
/// second process in the middle of its own replacement loses nothing.
public protocol RootKeyProvider: Sendable {
  /// The generations that can unwrap now, ascending.
  ///
  /// - Throws: `notFound` without a key, `forbidden` when others may read it, `malformed`,
  ///   `integrity` or `unsupportedVersion` when it cannot be used.
  func generations() throws -> [UInt32]

  /// Wraps a 256-bit key under the root of `generation`.
  ///
  /// - Throws: `notFound` when there is no such generation.
  func wrap(
    _ key: SecretBytes, context: KeyContext, generation: UInt32
  ) throws -> WrappedKey

  /// Unwraps what the root of generation `wrapped.wrappedBy` wrapped for the same context.
  ///
  /// - Throws: `notFound` when that root is gone, `integrity` when anything differs.
  func unwrap(_ wrapped: WrappedKey, context: KeyContext) throws -> SecretBytes

  /// Makes sure that a root newer than `current` exists durably, and returns its generation.
  /// Called again before `commit`, also by another process, it returns the same one.
  ///
  /// - Throws: `conflict` when `current` was replaced meanwhile, `notFound` when there is no such root.
  func stage(after current: UInt32) throws -> UInt32

  /// Destroys every root older than `generation`. Harmless when there is none.
  ///
  /// - Throws: `notFound` when neither `generation` nor a newer one exists; then nothing is destroyed.
  func commit(_ generation: UInt32) throws
}
