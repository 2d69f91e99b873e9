public import Primitives

/// A store that answers on the thread that asks: what is read lies in this process's own file, so there is
/// nothing to wait for but the commit.
///
/// `Exchange.release(_:then:)` asks for many records at once in this way. A store that has its rows elsewhere
/// has no such way, and needs none: there the round trip costs more than the tasks that wait for it.
public protocol PromptStore: RecordStore {
  /// Runs `body` on one consistent snapshot of this moment, before it returns.
  ///
  /// - Throws: what `body` throws; `storage` for what would have to be waited for, such as a large body that
  ///   lies apart from its row.
  func readNow<Result>(_ body: (any StoreSnapshot) throws -> Result) throws -> Result

  /// Prepares for many appends by this process: they become durable first, and are brought into the tree, under a
  /// checkpoint, a moment later. Whoever looks at the log sees them there.
  func expectAppends() async throws

  /// Appends to the log and changes nothing else.
  ///
  /// - Parameters:
  ///   - entries: looks whether what they rest on still holds, while nobody changes it, and throws if not.
  ///   - waitingHere: whether the calling thread may wait for the disk.
  ///   - then: called once, when they are durable (nil) or have left nothing: on a thread of the store's, or on the
  ///     calling one before `append` returns.
  func append(
    _ entries: @escaping @Sendable (any StoreSnapshot) throws -> [PreparedEntry], waitingHere: Bool,
    then: @escaping @Sendable (PeerChartError?) -> Void)
}

extension PromptStore {
  /// The same, waited for.
  package func append(
    _ entries: @escaping @Sendable (any StoreSnapshot) throws -> [PreparedEntry]
  ) async throws {
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      append(entries, waitingHere: true) { failure in
        if let failure { continuation.resume(throwing: failure) } else { continuation.resume() }
      }
    }
  }
}
