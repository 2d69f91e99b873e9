import Primitives

/// Where a log can be read: its files, as C2SP tlog-tiles names them.
public protocol LogSource: Sendable {
  /// The newest signed checkpoint.
  ///
  /// - Throws: `unreachable` where it cannot be had now.
  func checkpoint() async throws -> [UInt8]
  /// The bytes of a tile; nil where the log says that there is none.
  ///
  /// - Throws: `unreachable` where it cannot be had now.
  func tile(_ tile: Tile) async throws -> [UInt8]?
}

extension LogSource {
  /// Computes something from a log's tiles, and fetches each tile that it takes.
  ///
  /// The computation is begun anew with every tile that comes: it should need few, as roots and proofs do.
  ///
  /// - Parameter size: of the tree; its tiles are asked for, and where one is not there any more, the full
  ///   one that has taken its place.
  /// - Throws: `not-found` for a tile that the log has not, `malformed` for one that is none, and what the
  ///   computation throws.
  func compute<Value>(
    size: UInt64, _ body: (TiledLogView) throws -> Value
  ) async throws -> Value {
    var known: [Tile: [UInt8]] = [:]
    while true {
      let fetched = known
      do {
        return try body(
          TiledLogView(size: size) { tile in
            guard let bytes = fetched[tile] else { throw MissingTile(tile: tile) }
            return bytes
          })
      } catch let missing as MissingTile {
        known[missing.tile] = try await hashes(of: missing.tile)
      }
    }
  }

  /// The bytes of a tile, or as many of the full tile's.
  ///
  /// - Throws: `not-found`, `malformed`, `unreachable`.
  func hashes(of tile: Tile) async throws -> [UInt8] {
    let length = tile.width * Hash.byteCount
    if let bytes = try await self.tile(tile) {
      guard bytes.count == length else {
        throw PeerChartError(.malformed, "a tile has the wrong length", place: tile.path)
      }
      return bytes
    }
    if !tile.isFull, let full = Tile(level: tile.level, index: tile.index),
      let bytes = try await self.tile(full), bytes.count == Tile.fullWidth * Hash.byteCount
    {
      return Array(bytes.prefix(length))
    }
    throw PeerChartError(.notFound, "the log has no such tile", place: tile.path)
  }
}

private struct MissingTile: Error {
  let tile: Tile
}
