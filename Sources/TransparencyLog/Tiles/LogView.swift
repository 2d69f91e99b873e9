import Primitives

/// Read access to the hashes that a log keeps: every leaf hash, and the root of every complete tile.
///
/// A store, a folder of tiles or another node's tile server implements the three requirements;
/// roots and proofs for any size up to `size` follow from them.
public protocol LogView {
  /// The number of leaves that can be read.
  var size: UInt64 { get }

  /// The leaf hashes at these indices, in order. The range lies within `0..<size`.
  func leafHashes(_ range: Range<UInt64>) throws -> [Hash]

  /// The hashes of the complete subtrees over 256^level leaves at these indices, in order.
  /// `level` is 1 or more, and each subtree lies within `size`.
  func tileRoots(level: Int, _ range: Range<UInt64>) throws -> [Hash]
}

extension LogView {
  /// The hashes at these positions of a tile level, where level 0 are the leaf hashes.
  ///
  /// Throws `invalid` for what the log does not reach, `integrity` when the view returns another
  /// number of hashes than asked for, and what the view throws.
  public func hashes(level: Int, _ range: Range<UInt64>) throws -> [Hash] {
    guard level >= 0, range.upperBound <= TileRoot.count(level: level, size: size) else {
      throw PeerChartError(.invalid, "the log has no such hashes")
    }
    if range.isEmpty { return [] }
    let hashes = try level == 0 ? leafHashes(range) : tileRoots(level: level, range)
    guard UInt64(hashes.count) == range.upperBound - range.lowerBound else {
      throw PeerChartError(
        .integrity, "hashes are missing from the log",
        place: "level \(level), index \(range.lowerBound)")
    }
    return hashes
  }

  /// The bytes of a tile as C2SP tlog-tiles serves them: its hashes, one after the other.
  public func contents(of tile: Tile) throws -> [UInt8] {
    try hashes(level: tile.level, tile.hashes).flatMap(\.bytes)
  }

  /// The hash of the complete subtree of the given height that begins at leaf `index << height`.
  /// Reads one run of at most 128 hashes.
  func subtreeHash(height: Int, index: UInt64) throws -> Hash {
    let (level, rest) = height.quotientAndRemainder(dividingBy: Tile.height)
    let start = index << UInt64(rest)
    return Hash.root(of: try hashes(level: level, start..<start + (1 << UInt64(rest))))
  }

  /// The roots of the complete subtrees that `[start, end)` falls into, left to right. `start` is a
  /// multiple of the largest power of two that fits the range.
  func edge(from start: UInt64, to end: UInt64) throws -> [Hash] {
    var edge: [Hash] = []
    var position = start
    while position < end {
      let height = UInt64.bitWidth - 1 - (end - position).leadingZeroBitCount
      edge.append(try subtreeHash(height: height, index: position >> UInt64(height)))
      position += 1 << UInt64(height)
    }
    return edge
  }

  /// The hash over the leaves `[start, end)` in the sense of RFC 6962; `start` as in `edge`.
  func rangeHash(from start: UInt64, to end: UInt64) throws -> Hash {
    try Frontier(size: end - start, edge: edge(from: start, to: end)).root
  }

  func require(size wanted: UInt64) throws(PeerChartError) {
    guard wanted <= size, wanted <= Frontier.maximumSize else {
      throw PeerChartError(.invalid, "the log is smaller than the size asked for")
    }
  }
}
