/// The coordinates of a tile: up to 256 consecutive hashes of one level (C2SP tlog-tiles).
///
/// Level 0 holds leaf hashes; a hash of level L + 1 is the root of a full tile of level L.
public struct Tile: Hashable, Sendable {
  /// The hashes of a full tile.
  public static let fullWidth = 256
  /// The levels of the Merkle tree that one tile spans.
  public static let height = 8
  /// The highest level that a path can name.
  public static let maximumLevel = 63

  public let level: Int
  public let index: UInt64
  /// The number of hashes, 1 to 256; below 256 the tile is partial.
  public let width: Int

  /// Returns nil for a level outside 0…63, a width outside 1…256, or a tile beyond any log's end.
  public init?(level: Int, index: UInt64, width: Int = Tile.fullWidth) {
    guard (0...Tile.maximumLevel).contains(level), (1...Tile.fullWidth).contains(width),
      index <= UInt64.max >> UInt64(Tile.height) - 1
    else { return nil }
    self.level = level
    self.index = index
    self.width = width
  }

  public var isFull: Bool { width == Tile.fullWidth }

  /// The positions of the tile's hashes within its level.
  public var hashes: Range<UInt64> {
    let start = index << UInt64(Tile.height)
    return start..<start + UInt64(width)
  }

  /// All tiles of a log of `size` leaves, level by level, each level ending with its partial tile.
  public static func tiles(ofLogSize size: UInt64) -> some Sequence<Tile> {
    (0..<8).lazy.flatMap { level in
      let hashes = TileRoot.count(level: level, size: size)
      let full = hashes >> UInt64(Tile.height)
      let rest = Int(hashes & UInt64(Tile.fullWidth - 1))
      return (0..<(rest == 0 ? full : full + 1)).lazy.compactMap { index in
        Tile(level: level, index: index, width: index < full ? Tile.fullWidth : rest)
      }
    }
  }
}
