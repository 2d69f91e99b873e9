/// The root of a complete tile: what a log stores beside its leaf hashes.
///
/// At `level` L (1 or more), `index` N it is the hash of the complete subtree over the 256^L leaves
/// from N·256^L on; in the words of C2SP tlog-tiles, hash N mod 256 of tile N div 256 at level L.
public struct TileRoot: Hashable, Sendable {
  public let level: Int
  public let index: UInt64
  public let hash: Hash

  public init(level: Int, index: UInt64, hash: Hash) {
    self.level = level
    self.index = index
    self.hash = hash
  }

  /// How many roots a log of `size` leaves has at `level`: one for each complete run of 256^level.
  public static func count(level: Int, size: UInt64) -> UInt64 {
    level < 8 ? size >> UInt64(clamping: level * Tile.height) : 0
  }

  /// How many roots a log of `size` leaves has at all levels from 1 on.
  public static func count(size: UInt64) -> UInt64 {
    (1..<8).reduce(0) { $0 + count(level: $1, size: size) }
  }
}
