public import Primitives

/// The right edge of a Merkle tree: all that is needed to append to it and to know its root.
///
/// A tree of `size` leaves falls into complete subtrees, one for each bit set in `size`, the largest
/// on the left. The frontier is their roots: at most 63 hashes, however long the log. Appending costs
/// two node hashes on average.
public struct Frontier: Equatable, Sendable {
  /// The largest log: sizes fit a signed 64-bit integer, as stores and other implementations want.
  /// Appending cannot overflow from here: 2^63 more leaves would take longer than the log will live.
  public static let maximumSize = UInt64(Int64.max)

  /// The number of leaves.
  public private(set) var size: UInt64
  /// The roots of the complete subtrees, from left (largest) to right.
  public private(set) var edge: [Hash]

  /// The empty tree.
  public init() {
    size = 0
    edge = []
  }

  /// Restores a frontier from its size and the roots of its complete subtrees, left to right.
  ///
  /// Throws `invalid` when their number does not belong to the size.
  public init(size: UInt64, edge: [Hash]) throws(PeerChartError) {
    guard size <= Self.maximumSize, edge.count == size.nonzeroBitCount else {
      throw PeerChartError(.invalid, "the number of edge hashes does not belong to the log size")
    }
    self.size = size
    self.edge = edge
  }

  /// Appends one leaf hash.
  public mutating func append(_ leafHash: Hash) {
    append(leafHash) { _ in }
  }

  /// Appends one leaf hash and adds the roots of the tiles that it completed, lowest level first.
  public mutating func append(_ leafHash: Hash, completing tileRoots: inout [TileRoot]) {
    append(leafHash) { tileRoots.append($0) }
  }

  /// Appends leaf hashes in order and returns the roots of the tiles that they completed, in the
  /// order in which they became complete.
  public mutating func append(contentsOf leafHashes: some Sequence<Hash>) -> [TileRoot] {
    var tileRoots: [TileRoot] = []
    for leafHash in leafHashes { append(leafHash, completing: &tileRoots) }
    return tileRoots
  }

  private mutating func append(_ leafHash: Hash, completed: (TileRoot) -> Void) {
    // Each bit set at the bottom of the old size is a subtree as high as the one that grows now.
    let merges = (~size).trailingZeroBitCount
    size += 1
    var subtree = leafHash
    for height in 0..<merges {
      if let left = edge.popLast() { subtree = Hash.node(left, subtree) }
      let (level, rest) = (height + 1).quotientAndRemainder(dividingBy: Tile.height)
      if rest == 0 {
        completed(TileRoot(level: level, index: (size >> UInt64(height + 1)) - 1, hash: subtree))
      }
    }
    edge.append(subtree)
  }

  /// The root of the tree as it stands.
  public var root: Hash {
    guard var root = edge.last else { return Hash.emptyTree }
    for left in edge.dropLast().reversed() { root = Hash.node(left, root) }
    return root
  }
}

extension Hash {
  /// The root of the tree over these leaf hashes (RFC 6962 section 2.1).
  public static func root(of leafHashes: some Sequence<Hash>) -> Hash {
    var frontier = Frontier()
    for leafHash in leafHashes { frontier.append(leafHash) }
    return frontier.root
  }
}
