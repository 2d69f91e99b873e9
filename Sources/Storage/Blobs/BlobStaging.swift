import Primitives
import Synchronization

/// The large bodies of one write.
///
/// A write's body runs in the transaction, under the lock of the commits, and what it stores is known
/// only then. So the first time it meets bodies for blobs, it is undone; they are put in place without
/// holding anybody up; and it runs again, now naming what is there. Bodies that would not be the same
/// the second time (sealed in the transaction, under a chart's key that it makes) are put when the body
/// has ended, all at once, under the lock.
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
    /// Named by what this write has changed, and not in place yet.
    var late: [BlobReference: [UInt8]] = [:]
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
      state.late = [:]
      state.released = []
    }
  }

  /// The name under which a body lies by the time of the commit; nil for one that belongs in the row.
  ///
  /// - Parameter isRepeatable: whether the write made again has the same bytes.
  func reference(for bytes: [UInt8], isRepeatable: Bool = true) -> BlobReference? {
    guard bytes.count > shelf.policy.threshold else { return nil }
    let freshness = Duration.seconds(shelf.policy.grace / 2)
    return state.withLock { state in
      // The bytes are the same array, which `==` sees without comparing them.
      let staged = state.staged.first {
        $0.bytes == bytes && ContinuousClock.now - $0.since < freshness
      }
      if let staged { return staged.reference }
      guard isRepeatable && !state.isSecondRound else {
        let reference = BlobReference(of: bytes)
        state.late[reference] = bytes
        return reference
      }
      state.wanted.append(bytes)
      // This round is undone, so a number is name enough.
      return BlobReference(hash: Self.number(state.wanted.count - 1), length: bytes.count)
    }
  }

  /// What stands for a body until it has its name: shorter than any name.
  private static func number(_ index: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: Int64(index))
    return bytes
  }

  /// A body of this write that is not in place yet; nil for any other.
  func bytes(of reference: BlobReference) -> [UInt8]? {
    state.withLock { state in
      guard reference.hash.count == 8 else { return state.late[reference] }
      let index = reference.hash.reduce(0) { $0 << 8 | Int($1) }
      return state.wanted.indices.contains(index) ? state.wanted[index] : nil
    }
  }

  /// Says that a row names a blob no more.
  func release(_ references: [BlobReference]) {
    state.withLock { $0.released.formUnion(references) }
  }

  /// What can go once the write is durable.
  var released: [BlobReference] { state.withLock { Array($0.released) } }

  /// The write's body has ended. Puts in place what is late, or undoes the write if there is something
  /// to put in place first.
  func settle() throws {
    let (mustStage, late) = state.withLock { (!$0.wanted.isEmpty, $0.late) }
    if mustStage { throw Self.unstaged }
    guard !late.isEmpty else { return }
    try BlobThreads.runNow(
      late.map { [shelf] reference, bytes in
        { _ = try shelf.put(bytes, as: reference, replacing: true) }
      })
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
