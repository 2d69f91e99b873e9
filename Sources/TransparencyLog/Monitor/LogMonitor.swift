public import Primitives

/// Follows a log: remembers what it has seen, and takes nothing for its continuation that is none.
public struct LogMonitor: Sendable {
  /// What a look at the log has shown.
  public enum Finding: Sendable {
    /// The same checkpoint as before, or an older one that this one continues.
    case unchanged
    /// The first look: from here on the log is followed.
    case begun(MonitoredLog)
    /// The log has grown, and continues what was seen.
    case grown(MonitoredLog)
    /// Two histories.
    case split(SplitView)
    /// The tiles do not make the tree whose root the log has signed.
    case wrongTiles(SignedCheckpoint, PeerChartError)
    /// The checkpoint is not signed by the log, or has not the cosignatures that the policy asks for.
    case notAccepted(PeerChartError)
  }

  /// Whose checkpoints are taken.
  public let policy: WitnessPolicy

  /// - Parameter policy: its only log is the one that is followed.
  /// - Throws: `invalid` for a policy of no log or several.
  public init(policy: WitnessPolicy) throws(PeerChartError) {
    guard policy.logs.count == 1 else {
      throw PeerChartError(.invalid, "a monitor follows one log, which its policy names")
    }
    self.policy = policy
  }

  /// Looks at the log once.
  ///
  /// - Parameters:
  ///   - known: what was seen last; nil for the first look.
  ///   - isWhole: whether a first look reads every leaf hash from the beginning, not only the right edge.
  ///   - progress: called with the number of leaf hashes read since the last call.
  /// - Throws: `unreachable` where the log cannot be read now.
  public func look(
    at source: some LogSource, after known: MonitoredLog?, isWhole: Bool = false, now: Instant,
    progress: (Int) -> Void = { _ in }
  ) async throws -> Finding {
    let signed: SignedCheckpoint
    do {
      signed = try SignedCheckpoint(parsing: try await source.checkpoint())
      try policy.verify(signed, now: now)
    } catch let error as PeerChartError where error.code != .unreachable {
      return .notAccepted(error)
    }
    let new = signed.checkpoint
    guard let known, known.frontier.size > 0 else {
      return try await begin(source, signed, isWhole: isWhole, progress)
    }
    let old = known.checkpoint.checkpoint
    if new.size == old.size {
      return new.root == old.root ? .unchanged : .split(SplitView(known.checkpoint, signed))
    }
    guard new.size > old.size else { return try await compare(source, known, signed) }
    do {
      let frontier = try await grow(known.frontier, to: new.size, source, progress)
      guard frontier.root == new.root else {
        return try await compare(source, known, signed, leavesDiffer: true)
      }
      // The tiles above the leaves are what others make proofs from.
      guard try await source.compute(size: new.size, { try $0.root(at: new.size) }) == new.root
      else { return .wrongTiles(signed, Self.tilesDiffer) }
      return .grown(MonitoredLog(checkpoint: signed, frontier: frontier))
    } catch let error as PeerChartError where error.code == .notFound || error.code == .malformed {
      return .wrongTiles(signed, error)
    }
  }

  private func begin(
    _ source: some LogSource, _ signed: SignedCheckpoint, isWhole: Bool,
    _ progress: (Int) -> Void
  ) async throws -> Finding {
    let new = signed.checkpoint
    do {
      let edge = try await source.compute(size: new.size) { try Frontier.restore(from: $0) }
      let frontier =
        isWhole ? try await grow(Frontier(), to: new.size, source, progress) : edge
      guard edge.root == new.root, frontier == edge else {
        return .wrongTiles(signed, Self.tilesDiffer)
      }
      return .begun(MonitoredLog(checkpoint: signed, frontier: frontier))
    } catch let error as PeerChartError where error.code == .notFound || error.code == .malformed {
      return .wrongTiles(signed, error)
    }
  }

  private func compare(
    _ source: some LogSource, _ known: MonitoredLog, _ signed: SignedCheckpoint,
    leavesDiffer: Bool = false
  ) async throws -> Finding {
    switch try await source.compare(known.checkpoint, signed) {
    case .split(let view): .split(view)
    // Of what has been seen, a log can show the tiles.
    case .notShown(let view): leavesDiffer ? .wrongTiles(signed, Self.tilesDiffer) : .split(view)
    case .consistent: leavesDiffer ? .wrongTiles(signed, Self.tilesDiffer) : .unchanged
    }
  }

  /// Appends every leaf hash up to a size, tile by tile.
  private func grow(
    _ frontier: Frontier, to size: UInt64, _ source: some LogSource, _ progress: (Int) -> Void
  ) async throws -> Frontier {
    var frontier = frontier
    let width = UInt64(Tile.fullWidth)
    while frontier.size < size {
      let (index, first) = frontier.size.quotientAndRemainder(dividingBy: width)
      guard let tile = Tile(level: 0, index: index, width: Int(min(width, size - index * width)))
      else { throw PeerChartError(.malformed, "the log is larger than a log can be") }
      let bytes = try await source.hashes(of: tile)
      let leaves = (Int(first)..<tile.width).compactMap {
        Hash(bytes: bytes[$0 * Hash.byteCount..<($0 + 1) * Hash.byteCount])
      }
      _ = frontier.append(contentsOf: leaves)
      progress(leaves.count)
      try Task.checkCancellation()
    }
    return frontier
  }

  private static let tilesDiffer = PeerChartError(
    .integrity, "the log's tiles do not make the tree whose root it has signed")
}
