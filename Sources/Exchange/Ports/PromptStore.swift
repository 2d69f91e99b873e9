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

  /// Takes a write that appends to the log and changes nothing else; it looks first whether what it rests on
  /// still holds, and throws if not. It is committed with whatever else is waiting, or at once.
  ///
  /// - Parameter then: called once, when it is durable (nil) or has left nothing: on a thread of the store's, or
  ///   on the calling one before `append` returns.
  func append(
    _ write: @escaping @Sendable (any StoreTransaction) throws -> Void,
    then: @escaping @Sendable (PeerChartError?) -> Void)
}

extension PromptStore {
  /// The same, waited for.
  func append(_ write: @escaping @Sendable (any StoreTransaction) throws -> Void) async throws {
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      append(write) { failure in
        if let failure { continuation.resume(throwing: failure) } else { continuation.resume() }
      }
    }
  }
}
