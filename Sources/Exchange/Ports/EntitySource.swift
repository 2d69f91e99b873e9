public import Primitives

/// The way to accreditors' registers.
public protocol EntitySource: Sendable {
  /// What the accreditor at a pinned address says about a node (`GET /entities/NODE-ID`).
  ///
  /// - Throws: `unreachable` when no address answers in time, `integrity` when somebody answers who is not
  ///   the pinned node.
  func entity(_ node: NodeID, at accreditor: PeerEndpoint) async throws -> PeerReply
}
