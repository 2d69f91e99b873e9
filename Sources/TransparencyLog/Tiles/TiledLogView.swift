import Primitives

/// A log seen through its tiles, as another party serves them: `tile/L/N[.p/W]`.
///
/// Nothing that comes from a tile is trusted: compare `root(at:)` with a verified checkpoint before
/// using hashes, and verify each proof that you make from them.
public struct TiledLogView: LogView {
  public let size: UInt64
  private let read: (Tile) throws -> [UInt8]

  /// `size` is that of a verified checkpoint; `read` brings the bytes of a tile.
  public init(size: UInt64, read: @escaping (Tile) throws -> [UInt8]) {
    self.size = size
    self.read = read
  }

  public func leafHashes(_ range: Range<UInt64>) throws -> [Hash] {
    try tileHashes(level: 0, range)
  }

  public func tileRoots(level: Int, _ range: Range<UInt64>) throws -> [Hash] {
    try tileHashes(level: level, range)
  }

  private func tileHashes(level: Int, _ range: Range<UInt64>) throws -> [Hash] {
    let count = TileRoot.count(level: level, size: size)
    guard level >= 0, range.upperBound <= count else {
      throw PeerChartError(.invalid, "the log has no such hashes")
    }
    let full = UInt64(Tile.fullWidth)
    var result: [Hash] = []
    var position = range.lowerBound
    while position < range.upperBound {
      let index = position / full
      let width = min(full, count - index * full)
      guard let tile = Tile(level: level, index: index, width: Int(width)) else {
        throw PeerChartError(.invalid, "the log has no such tile")
      }
      let hashes = try Self.parse(try read(tile), of: tile)
      let end = min(range.upperBound, index * full + width)
      result += hashes[Int(position % full)..<Int(end - index * full)]
      position = end
    }
    return result
  }

  private static func parse(_ bytes: [UInt8], of tile: Tile) throws -> [Hash] {
    guard bytes.count == tile.width * Hash.byteCount else {
      throw PeerChartError(.malformed, "a tile has the wrong length", place: tile.path)
    }
    return stride(from: 0, to: bytes.count, by: Hash.byteCount).compactMap {
      Hash(bytes: bytes[$0..<$0 + Hash.byteCount])
    }
  }
}
