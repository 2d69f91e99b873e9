/// The proof that a leaf stands at `index` in the tree of `size` leaves (RFC 6962 section 2.1.1).
public struct InclusionProof: Hashable, Sendable {
  public let index: UInt64
  public let size: UInt64
  /// The sibling hashes, from the leaf's up to the root's child. At most 64.
  public let path: [Hash]

  public init(index: UInt64, size: UInt64, path: [Hash]) {
    self.index = index
    self.size = size
    self.path = path
  }

  /// Whether the proof leads from this leaf hash to this root (RFC 9162 section 2.1.3.2).
  /// Takes at most 64 hashes' time, however long the path; never traps.
  public func verifies(leafHash: Hash, root: Hash) -> Bool {
    Subtree(start: 0, end: size)?.includes(leafHash, at: index, path: path, root: root) ?? false
  }
}
