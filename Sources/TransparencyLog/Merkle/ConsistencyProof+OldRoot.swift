extension ConsistencyProof {
  /// The root that the tree of `oldSize` leaves has within the tree whose root is `newRoot`, as far as the
  /// path itself says it: nil where it does not lead to `newRoot`, and where the older tree is complete, for
  /// then the path does not hold its root.
  ///
  /// Where a log has signed another root for that size, this is the proof that it has two histories.
  public func oldRoot(leadingTo newRoot: Hash) -> Hash? {
    guard oldSize > 0, oldSize < newSize, oldSize.nonzeroBitCount > 1, let seed = path.first else {
      return nil
    }
    var (node, last) = (oldSize - 1, newSize - 1)
    while node & 1 == 1 {
      node >>= 1
      last >>= 1
    }
    var (oldHash, newHash) = (seed, seed)
    for sibling in path.dropFirst() {
      if last == 0 { return nil }
      if node & 1 == 1 || node == last {
        oldHash = Hash.node(sibling, oldHash)
        newHash = Hash.node(sibling, newHash)
        while node & 1 == 0, node != 0 {
          node >>= 1
          last >>= 1
        }
      } else {
        newHash = Hash.node(newHash, sibling)
      }
      node >>= 1
      last >>= 1
    }
    return last == 0 && newHash == newRoot ? oldHash : nil
  }
}
