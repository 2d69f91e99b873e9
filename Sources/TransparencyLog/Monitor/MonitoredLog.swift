import Primitives

/// What a monitor remembers of a log: the newest checkpoint that it accepted, and the tree's right edge there.
public struct MonitoredLog: Sendable, Equatable {
  public let checkpoint: SignedCheckpoint
  public let frontier: Frontier

  public init(checkpoint: SignedCheckpoint, frontier: Frontier) {
    self.checkpoint = checkpoint
    self.frontier = frontier
  }
}

extension MonitoredLog: Codable {
  private enum CodingKeys: String, CodingKey { case checkpoint, edge }

  /// JSON: the checkpoint as its text, the edge's hashes in base64.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(String(decoding: checkpoint.bytes, as: UTF8.self), forKey: .checkpoint)
    try container.encode(frontier.edge.map(\.base64), forKey: .edge)
  }

  /// - Throws: `malformed` or `invalid` for what does not fit together, and what a `Decoder` throws.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let text = try container.decode(String.self, forKey: .checkpoint)
    checkpoint = try SignedCheckpoint(parsing: Array(text.utf8))
    let edge = try container.decode([String].self, forKey: .edge).map { text in
      guard let hash = Hash(base64: text) else {
        throw PeerChartError(.malformed, "this is not a hash in base64")
      }
      return hash
    }
    frontier = try Frontier(size: checkpoint.checkpoint.size, edge: edge)
    guard frontier.root == checkpoint.checkpoint.root else {
      throw PeerChartError(.malformed, "the edge does not belong to the checkpoint")
    }
  }
}
