import Primitives

/// Roots and proofs at any size the log has had. Each reads and hashes at most 256 hashes for each
/// level of tiles on either side: O(256 · log n), never the whole log.
extension LogView {
  /// The root of the tree over the first `size` leaves. Throws `invalid` beyond the log's end.
  public func root(at size: UInt64) throws -> Hash {
    try require(size: size)
    return try rangeHash(from: 0, to: size)
  }

  /// The proof that leaf `index` is in the tree of the first `size` leaves (RFC 6962 section 2.1.1).
  /// Throws `invalid` unless `index < size` and the log has that size.
  public func inclusionProof(of index: UInt64, in size: UInt64) throws -> InclusionProof {
    try require(size: size)
    guard index < size else {
      throw PeerChartError(.invalid, "the leaf lies beyond the tree")
    }
    var path: [Hash] = []
    var height = 0
    while height < UInt64.bitWidth - 1, (size - 1) >> UInt64(height) > 0 {
      let sibling = (index >> UInt64(height)) ^ 1
      let start = sibling << UInt64(height)
      let length: UInt64 = 1 << UInt64(height)
      if start < size {
        path.append(
          size - start >= length
            ? try subtreeHash(height: height, index: sibling)
            : try rangeHash(from: start, to: size))
      }
      height += 1
    }
    return InclusionProof(index: index, size: size, path: path)
  }

  /// The proof that the tree of `newSize` leaves extends the tree of `oldSize` leaves
  /// (RFC 6962 section 2.1.2). Throws `invalid` unless `0 < oldSize <= newSize` and the log has
  /// that size.
  public func consistencyProof(from oldSize: UInt64, to newSize: UInt64) throws
    -> ConsistencyProof
  {
    try require(size: newSize)
    guard oldSize > 0, oldSize <= newSize else {
      throw PeerChartError(.invalid, "the older tree must not be empty nor the larger one")
    }
    // SUBPROOF of RFC 6962, walked from the root down, so that the path comes out reversed.
    var path: [Hash] = []
    var (start, end) = (UInt64(0), newSize)
    var oldTreeIsSubtree = true
    while end != oldSize {
      let height = UInt64.bitWidth - 1 - (end - start - 1).leadingZeroBitCount
      let middle = start + (1 << UInt64(height))
      if oldSize <= middle {
        path.append(try rangeHash(from: middle, to: end))
        end = middle
      } else {
        path.append(try rangeHash(from: start, to: middle))
        start = middle
        oldTreeIsSubtree = false
      }
    }
    if !oldTreeIsSubtree { path.append(try rangeHash(from: start, to: end)) }
    return ConsistencyProof(oldSize: oldSize, newSize: newSize, path: path.reversed())
  }
}

extension Frontier {
  /// Restores the frontier of the first `size` leaves (all of them when nil) from what a log keeps,
  /// in time that does not grow with the log. Throws as `LogView.hashes` does.
  public static func restore(from view: some LogView, size: UInt64? = nil) throws -> Frontier {
    let size = size ?? view.size
    try view.require(size: size)
    return try Frontier(size: size, edge: view.edge(from: 0, to: size))
  }
}
