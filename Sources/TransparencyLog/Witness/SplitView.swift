import Primitives

/// The evidence that a log has shown two histories: two checkpoints that it signed.
///
/// Where `isProven`, nothing else is needed: no log that kept to its rules can have signed both. Otherwise it
/// is the log's turn: it can refute the evidence at any time by a consistency proof, if there is one.
public struct SplitView: Hashable, Sendable {
  /// What the text form names itself (`format`).
  public static let format = "peerchart-split-view-1"

  /// The smaller checkpoint, or the one seen first, with the log's signature and the witnesses' as they came.
  public let first: SignedCheckpoint
  public let second: SignedCheckpoint
  /// The root of the first `first.size` leaves in the tree of `second`, where it is known.
  public let otherRoot: Hash?
  /// The consistency proof from `otherRoot` to the root of `second`.
  public let proof: [Hash]

  public init(
    _ first: SignedCheckpoint, _ second: SignedCheckpoint, otherRoot: Hash? = nil,
    proof: [Hash] = []
  ) {
    let isInOrder = first.checkpoint.size <= second.checkpoint.size
    self.first = isInOrder ? first : second
    self.second = isInOrder ? second : first
    self.otherRoot = otherRoot
    self.proof = proof
  }

  /// Whether the log's own signatures show that it has two histories.
  public func isProven(by logKey: any NoteVerifier) -> Bool {
    guard (try? first.verify(by: logKey)) != nil, (try? second.verify(by: logKey)) != nil else {
      return false
    }
    let (old, new) = (first.checkpoint, second.checkpoint)
    if old.size == new.size { return old.root != new.root }
    guard let otherRoot, otherRoot != old.root else { return false }
    return ConsistencyProof(oldSize: old.size, newSize: new.size, path: proof)
      .verifies(oldRoot: otherRoot, newRoot: new.root)
  }

  /// Those of some witnesses who cosigned both: they did not do what they are there for.
  public func equivocators(among witnesses: [CosignatureVerifier]) -> [CosignatureVerifier] {
    witnesses.filter { witness in
      witness.cosignature(of: first.note) != nil && witness.cosignature(of: second.note) != nil
    }
  }
}

extension SplitView: Codable {
  private enum CodingKeys: String, CodingKey { case format, first, second, otherRoot, proof }

  /// JSON: the checkpoints as their texts, hashes in base64.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.format, forKey: .format)
    try container.encode(String(decoding: first.bytes, as: UTF8.self), forKey: .first)
    try container.encode(String(decoding: second.bytes, as: UTF8.self), forKey: .second)
    try container.encodeIfPresent(otherRoot?.base64, forKey: .otherRoot)
    try container.encode(proof.map(\.base64), forKey: .proof)
  }

  /// - Throws: `malformed`, and what a `Decoder` throws.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func checkpoint(_ key: CodingKeys) throws -> SignedCheckpoint {
      try SignedCheckpoint(parsing: Array(try container.decode(String.self, forKey: key).utf8))
    }
    func hash(_ text: String) throws -> Hash {
      guard let hash = Hash(base64: text) else {
        throw PeerChartError(.malformed, "this is not a hash in base64")
      }
      return hash
    }
    let proof = try container.decode([String].self, forKey: .proof)
    guard try container.decode(String.self, forKey: .format) == Self.format, proof.count <= 64
    else {
      throw PeerChartError(.malformed, "this is no evidence of two histories")
    }
    self.init(
      try checkpoint(.first), try checkpoint(.second),
      otherRoot: try container.decodeIfPresent(String.self, forKey: .otherRoot).map(hash),
      proof: try proof.map(hash))
  }
}
