public import Primitives
public import TransparencyLog

extension Exchange {
  /// The name of a node's log: the first line of its checkpoints.
  public static func logOrigin(_ node: NodeID) -> String { "peerchart/\(node)" }

  /// The newest checkpoint of this node's log that has the cosignatures which its policy asked for when they
  /// came: what `/log/checkpoint` serves, and what proofs for strangers should be made for.
  ///
  /// - Throws: `not-found` where there is none yet.
  public func publishedCheckpoint() async throws -> SignedCheckpoint {
    let published = try await store.read { [self] snapshot in
      try ownLog(in: snapshot).signedPublished()
    }
    guard let published else {
      throw PeerChartError(
        .notFound, "no checkpoint of this log has the cosignatures yet that its policy asks for")
    }
    return published
  }

  /// A tile of this node's log: hashes of salted hashes, nothing else.
  ///
  /// - Parameter path: `tile/L/N[.p/W]`.
  /// - Throws: `not-found` for what is no tile, and for one beyond the newest checkpoint that was shown to
  ///   anybody: how the log grows from request to request is nobody's business.
  public func logTile(path: String) async throws -> [UInt8] {
    let absent = PeerChartError(.notFound, "this log has no such tile")
    guard let tile = try? Tile(path: path) else { throw absent }
    return try await store.read { [self] snapshot in
      let own = try ownLog(in: snapshot)
      let shown = max(
        try own.signedCandidate()?.checkpoint.size ?? 0,
        try own.signedPublished()?.checkpoint.size ?? 0)
      guard tile.hashes.upperBound <= TileRoot.count(level: tile.level, size: shown) else {
        throw absent
      }
      return try StoredLog(snapshot: snapshot, size: shown).contents(of: tile)
    }
  }
}
