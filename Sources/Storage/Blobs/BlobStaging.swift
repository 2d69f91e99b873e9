import Primitives
import Synchronization

/// The large bodies of one write.
///
/// A write's body runs in the transaction, under the lock of the commits, and what it stores is known
/// only then. So the first time it meets bodies for blobs, it is undone; they are put in place without
/// holding anybody up; and it runs again, now naming what is there. Bodies that are not the same the
/// second time (sealed in the transaction, under a chart's key that it makes) are put under the lock.
///
/// Crash order: blob durable → row in the transaction → commit. Whatever stops in between leaves a blob
/// that no row names, for the sweep. The sweep removes under the same lock, and only what is older than
/// the grace time; a staged blob counts for half of that, and one that was there before it was staged
/// does not count at all, so none can be swept between being put and being named.
final class BlobStaging: Sendable {
  private struct Staged {
    let bytes: [UInt8]
    let reference: BlobReference
    let since: ContinuousClock.Instant
  }

  private struct State {
    var staged: [Staged] = []
    var wanted: [[UInt8]] = []
    var isSecondRound = false
    /// Named no more by what this write has changed.
    var released: Set<BlobReference> = []
  }

  private let shelf: BlobShelf
  private let state = Mutex(State())

  init(_ shelf: BlobShelf) { self.shelf = shelf }

  /// The write's body begins, once more perhaps.
  func begin() {
    state.withLock { state in
      state.wanted = []
      state.released = []
    }
  }

  /// The name under which a body lies by the time of the commit; nil for one that belongs in the row.
  func reference(for bytes: [UInt8]) throws -> BlobReference? {
    guard bytes.count > shelf.policy.threshold else { return nil }
    let freshness = Duration.seconds(shelf.policy.grace / 2)
    let (known, isSecondRound) = state.withLock { state in
      (
        // The bytes are the same array, which `==` sees without comparing them.
        state.staged.first {
          $0.bytes == bytes && ContinuousClock.now - $0.since < freshness
        }?.reference,
        state.isSecondRound
      )
    }
    if let known { return known }
    guard isSecondRound else {
      state.withLock { $0.wanted.append(bytes) }
      // This round is undone.
      return BlobReference(hash: [], length: bytes.count)
    }
    let reference = BlobReference(of: bytes)
    _ = try shelf.put(bytes, as: reference, replacing: true)
    return reference
  }

  /// Says that a row names a blob no more.
  func release(_ references: [BlobReference]) {
    state.withLock { $0.released.formUnion(references) }
  }

  /// What can go once the write is durable.
  var released: [BlobReference] { state.withLock { Array($0.released) } }

  /// The write's body has ended. Undoes it if there is something to put in place first.
  func settle() throws {
    if state.withLock({ !$0.wanted.isEmpty }) { throw Self.unstaged }
  }

  /// Whether that is why the write came to nothing.
  func isWanting(after error: any Error) -> Bool {
    (error as? PeerChartError)?.code == Self.unstaged.code
      && state.withLock { !$0.isSecondRound && !$0.wanted.isEmpty }
  }

  /// Puts in place what the first round wanted.
  func stage() async throws {
    let wanted = state.withLock { state in
      state.isSecondRound = true
      return state.wanted
    }
    try await withThrowingTaskGroup(of: Staged?.self) { [shelf] group in
      for bytes in wanted {
        group.addTask {
          try await shelf.threads.run {
            let reference = BlobReference(of: bytes)
            let since = ContinuousClock.now
            let isNew = try shelf.put(bytes, as: reference, replacing: false)
            return isNew ? Staged(bytes: bytes, reference: reference, since: since) : nil
          }
        }
      }
      for try await staged in group {
        if let staged { state.withLock { $0.staged.append(staged) } }
      }
    }
  }

  private static let unstaged = PeerChartError(
    PeerChartError.Code("blobs-wanted"), "large bodies must be put in place first")
}
