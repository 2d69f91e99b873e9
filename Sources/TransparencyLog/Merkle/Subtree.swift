/// A range of leaves whose hash can be proven to belong to a larger tree: the interval `[start, end)`
/// where `start` is a multiple of the smallest power of two not below its length
/// (draft-ietf-plants-merkle-tree-certs section 4.1). A whole tree of n leaves is `[0, n)`.
public struct Subtree: Hashable, Sendable {
  public let start: UInt64
  public let end: UInt64

  /// Returns nil unless the interval is a subtree. An empty interval is one.
  public init?(start: UInt64, end: UInt64) {
    guard start <= end else { return nil }
    let length = end - start
    if length > 1 {
      // The bits below the length's, rounded up to a power of two, must all be clear.
      let bits = UInt64.bitWidth - (length - 1).leadingZeroBitCount
      guard bits < UInt64.bitWidth ? start.trailingZeroBitCount >= bits : start == 0 else {
        return nil
      }
    }
    self.start = start
    self.end = end
  }

  /// Whether `path` leads from the leaf hash at `index` (counted from the log's start) to `root`,
  /// the hash of this subtree. RFC 9162 section 2.1.3.2.
  public func includes(
    _ leafHash: Hash, at index: UInt64, path: some Sequence<Hash>, root: Hash
  ) -> Bool {
    guard index >= start, index < end else { return false }
    var node = index - start
    var last = end - start - 1
    var hash = leafHash
    for sibling in path {
      if last == 0 { return false }
      if node & 1 == 1 || node == last {
        hash = Hash.node(sibling, hash)
        // A node without right sibling rises unchanged until it is a right child itself.
        while node & 1 == 0, node != 0 {
          node >>= 1
          last >>= 1
        }
      } else {
        hash = Hash.node(hash, sibling)
      }
      node >>= 1
      last >>= 1
    }
    return last == 0 && hash == root
  }

  /// Whether `path` shows that the subtree with hash `root` stands at these positions of the tree of
  /// `size` leaves with root `treeRoot`. With `start` 0 this is RFC 9162 section 2.1.4.2, otherwise
  /// its generalisation in draft-ietf-plants-merkle-tree-certs section 4.4.3.
  public func isConsistent(
    root: Hash, path: some Collection<Hash>, size: UInt64, treeRoot: Hash
  ) -> Bool {
    guard end <= size else { return false }
    if start == end { return path.isEmpty && root == Hash.emptyTree }
    var first = start
    var last = end - 1
    var treeLast = size - 1
    func rise() {
      first >>= 1
      last >>= 1
      treeLast >>= 1
    }
    // Skip the levels that both trees share below the first node of the proof.
    while first != last, last == treeLast || last & 1 == 1 { rise() }

    var rest = path[...]
    // A complete subtree is its own first node; otherwise the proof brings it.
    guard let seed = first == last ? root : rest.popFirst() else { return false }
    var subtreeHash = seed
    var treeHash = seed
    for sibling in rest {
      if treeLast == 0 { return false }
      if last & 1 == 1 || last == treeLast {
        if first < last { subtreeHash = Hash.node(sibling, subtreeHash) }
        treeHash = Hash.node(sibling, treeHash)
        while last & 1 == 0, last != 0 { rise() }
      } else {
        treeHash = Hash.node(treeHash, sibling)
      }
      rise()
    }
    return treeLast == 0 && subtreeHash == root && treeHash == treeRoot
  }
}
