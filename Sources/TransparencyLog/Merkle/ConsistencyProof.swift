/// The proof that the tree of `newSize` leaves begins with the tree of `oldSize` leaves
/// (RFC 6962 section 2.1.2).
public struct ConsistencyProof: Hashable, Sendable {
  public let oldSize: UInt64
  public let newSize: UInt64
  public let path: [Hash]

  public init(oldSize: UInt64, newSize: UInt64, path: [Hash]) {
    self.oldSize = oldSize
    self.newSize = newSize
    self.path = path
  }

  /// Whether the proof connects the two roots (RFC 9162 section 2.1.4.2).
  ///
  /// Growth from the empty tree proves nothing and is refused, unless both trees are empty. Two
  /// trees of one size need an empty path and equal roots.
  public func verifies(oldRoot: Hash, newRoot: Hash) -> Bool {
    if oldSize == newSize {
      return path.isEmpty && oldRoot == newRoot && (oldSize > 0 || oldRoot == Hash.emptyTree)
    }
    guard oldSize > 0, !path.isEmpty, let old = Subtree(start: 0, end: oldSize) else {
      return false
    }
    return old.isConsistent(root: oldRoot, path: path, size: newSize, treeRoot: newRoot)
  }
}
