public import Crypto
import Primitives
import Synchronization
import TransparencyLog

/// Keeps tiles and the signed checkpoint in step with the audit rows, commit by commit.
///
/// It remembers the tree's right edge between commits, but only as a convenience: when another
/// process has appended meanwhile, or a commit failed, the edge is read back from the store.
public final class CheckpointKeeper: LogSequencer {
  private let frontier = Mutex<Frontier?>(nil)
  private let origin: String
  private let signingKey: Curve25519.Signing.PrivateKey

  public init(origin: String, signingKey: Curve25519.Signing.PrivateKey) {
    self.origin = origin
    self.signingKey = signingKey
  }

  public func beforeCommit(
    _ transaction: any StoreTransaction, first: Int64, leafHashes: [[UInt8]]
  ) throws {
    var edge = frontier.withLock { $0 }
    if edge?.size != UInt64(first) {
      edge = try Frontier.restore(from: StoredLog(snapshot: transaction, size: UInt64(first)))
    }
    guard var edge else { return }
    let hashes = try leafHashes.map(StoredLog.hash)
    for root in edge.append(contentsOf: hashes) {
      try transaction.putTileRoot(
        TileRootRow(level: root.level, index: Int64(root.index), hash: root.hash.bytes))
    }
    let checkpoint = try Checkpoint(origin: origin, size: edge.size, root: edge.root)
    let note = try checkpoint.signed(by: NoteSigner(name: origin, key: signingKey))
    try transaction.putCheckpoint(
      CheckpointRow(size: Int64(edge.size), note: note, pinned: false))
    frontier.withLock { $0 = edge }
  }

  public func commitFailed() { frontier.withLock { $0 = nil } }
}

/// The log as it lies in a store, for the algorithms of `TransparencyLog`.
struct StoredLog {
  let snapshot: any StoreSnapshot
  let size: UInt64

  static func hash(_ bytes: [UInt8]) throws -> Hash {
    guard let hash = Hash(bytes: bytes) else {
      throw PeerChartError(.integrity, "a stored hash has not 32 bytes")
    }
    return hash
  }
}
