import Primitives
import Synchronization

/// One store's blobs: its place, its space there, and the threads that wait for it.
final class BlobShelf: Sendable {
  let policy: BlobPolicy
  let space: String
  let threads = BlobThreads()

  init(_ policy: BlobPolicy, space: String) {
    self.policy = policy
    self.space = space
  }

  private var place: any BlobPlace { policy.place }

  func get(_ reference: BlobReference) throws -> [UInt8] {
    try reference.verified(try place.get(reference, in: space))
  }

  func put(_ bytes: [UInt8], as reference: BlobReference, replacing: Bool) throws -> Bool {
    try place.put(bytes, as: reference, in: space, replacing: replacing)
  }

  /// Blocks.
  func close() {
    threads.close()
    place.close()
  }
}

/// One attempt of a read: whether it may wait for blobs on the thread it runs on.
final class BlobReading: Sendable {
  private let shelf: BlobShelf?
  private let mayWait: Bool
  private let refused = Atomic(false)
  private let staging = Mutex<BlobStaging?>(nil)

  /// - Parameter shelf: nil where the store has no blobs.
  init(_ shelf: BlobShelf?, onOwnThread: Bool) {
    self.shelf = shelf
    mayWait = onOwnThread
  }

  /// Whether something was not fetched because this is not the thread for it. Then whatever the body
  /// made of that does not count.
  var hasRefused: Bool { refused.load(ordering: .relaxed) }

  /// Bodies of this write are found as well, as long as they are not in place.
  func look(into staging: BlobStaging?) { self.staging.withLock { $0 = staging } }

  func get(_ reference: BlobReference) throws -> [UInt8] {
    if let bytes = staging.withLock({ $0 })?.bytes(of: reference) { return bytes }
    guard let shelf else {
      throw PeerChartError(
        .storage, "a large body lies in blobs, and this node is not told where they are")
    }
    guard mayWait else {
      refused.store(true, ordering: .relaxed)
      throw PeerChartError(.storage, "a large body is elsewhere")
    }
    return try shelf.get(reference)
  }
}
