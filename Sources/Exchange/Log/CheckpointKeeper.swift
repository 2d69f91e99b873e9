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
  private let signer: Mutex<(origin: String, signer: NoteSigner)?>

  /// A keeper that cannot sign yet; `arm` gives it the node's key once that is opened.
  public init() { signer = Mutex(nil) }

  /// - Parameter origin: the log's name, the first line of its checkpoints.
  public func arm(origin: String, signingKey: Curve25519.Signing.PrivateKey) throws {
    let noteSigner = try NoteSigner(name: origin, privateKey: signingKey)
    signer.withLock { $0 = (origin, noteSigner) }
  }

  public func beforeCommit(
    _ transaction: any StoreTransaction, first: Int64, leafHashes: [[UInt8]]
  ) throws {
    guard let (origin, signer) = signer.withLock({ $0 }) else {
      throw PeerChartError(.storage, "the log has no key to sign with yet")
    }
    let size = UInt64(clamping: first)
    var edge: Frontier
    if let known = frontier.withLock({ $0 }), known.size == size {
      edge = known
    } else {
      edge = try Frontier.restore(from: StoredLog(snapshot: transaction, size: size))
    }
    for root in edge.append(contentsOf: try leafHashes.map(StoredLog.hash)) {
      try transaction.putTileRoot(
        TileRootRow(
          level: root.level, index: Int64(clamping: root.index), hash: root.hash.bytes))
    }
    let checkpoint = try Checkpoint(origin: origin, size: edge.size, root: edge.root)
    let note = try SignedCheckpoint(checkpoint, signedBy: [signer])
    try transaction.putCheckpoint(
      CheckpointRow(
        size: Int64(clamping: edge.size), note: String(decoding: note.bytes, as: UTF8.self),
        pinned: false))
    let appended = edge
    frontier.withLock { $0 = appended }
  }

  public func commitFailed() { frontier.withLock { $0 = nil } }
}

/// The log as it lies in a store, for the algorithms of `TransparencyLog`.
struct StoredLog: LogView {
  let snapshot: any StoreSnapshot
  let size: UInt64

  func leafHashes(_ range: Range<UInt64>) throws -> [Hash] {
    try snapshot.leafHashes(
      from: Int64(clamping: range.lowerBound), to: Int64(clamping: range.upperBound)
    ).map(Self.hash)
  }

  func tileRoots(level: Int, _ range: Range<UInt64>) throws -> [Hash] {
    try snapshot.tileRoots(
      level: level, from: Int64(clamping: range.lowerBound), to: Int64(clamping: range.upperBound)
    ).map(Self.hash)
  }

  static func hash(_ bytes: [UInt8]) throws -> Hash {
    guard let hash = Hash(bytes: bytes) else {
      throw PeerChartError(.integrity, "a stored hash has not 32 bytes")
    }
    return hash
  }
}
