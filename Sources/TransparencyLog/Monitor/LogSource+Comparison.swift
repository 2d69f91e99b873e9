import Primitives

/// What a log's tiles say about two checkpoints that it signed.
public enum LogComparison: Hashable, Sendable {
  /// The larger tree begins with the smaller one.
  case consistent
  /// It does not.
  case split(SplitView)
  /// The log does not show the larger tree: it has no such tiles, or they make another one.
  case notShown(SplitView)
}

extension LogSource {
  /// Looks at the log's own tiles whether one of two signed checkpoints continues the other.
  ///
  /// - Throws: `unreachable` where the tiles cannot be had now: then nothing is known.
  public func compare(
    _ a: SignedCheckpoint, _ b: SignedCheckpoint
  ) async throws -> LogComparison {
    let (old, new) =
      a.checkpoint.size <= b.checkpoint.size
      ? (a.checkpoint, b.checkpoint) : (b.checkpoint, a.checkpoint)
    if old.size == new.size {
      return old.root == new.root ? .consistent : .split(SplitView(a, b))
    }
    do {
      return try await compute(size: new.size) { view in
        guard try view.root(at: new.size) == new.root else { return .notShown(SplitView(a, b)) }
        let root = try view.root(at: old.size)
        if root == old.root { return .consistent }
        guard old.size > 0 else { return .split(SplitView(a, b)) }
        let proof = try view.consistencyProof(from: old.size, to: new.size)
        return .split(SplitView(a, b, otherRoot: root, proof: proof.path))
      }
    } catch let error as PeerChartError where error.code == .notFound || error.code == .malformed {
      return .notShown(SplitView(a, b))
    }
  }
}
