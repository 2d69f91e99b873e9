public import Primitives

/// The self-contained proof that an entry is in a log: index, inclusion path and signed checkpoint in
/// one text (C2SP tlog-proof).
public struct LogProof: Hashable, Sendable {
  /// The first line of the text form.
  static let header = "c2sp.org/tlog-proof@v1"
  /// The largest proof that we read, in bytes.
  public static let maximumLength = SignedNote.maximumLength + (128 << 10)
  /// The most bytes of extra data that we read: a salt of 32 bytes and the largest audit event.
  public static let maximumExtra = 32 + (64 << 10)

  /// Data of the application that no signature covers; nil where there is none. Never empty.
  public let extra: [UInt8]?
  public let index: UInt64
  /// The sibling hashes from the leaf's up to the root's child; at most 63.
  public let path: [Hash]
  public let checkpoint: SignedCheckpoint

  /// Puts a proof together. Throws `invalid` when it was made for another size than the
  /// checkpoint's.
  public init(
    _ inclusion: InclusionProof, checkpoint: SignedCheckpoint, extra: [UInt8]? = nil
  ) throws(PeerChartError) {
    guard inclusion.size == checkpoint.checkpoint.size, inclusion.path.count <= 63,
      extra.map({ (1...Self.maximumExtra).contains($0.count) }) ?? true
    else { throw PeerChartError(.invalid, "the proof does not belong to the checkpoint") }
    self.init(
      extra: extra, index: inclusion.index, path: inclusion.path, checkpoint: checkpoint)
  }

  init(extra: [UInt8]?, index: UInt64, path: [Hash], checkpoint: SignedCheckpoint) {
    self.extra = extra
    self.index = index
    self.path = path
    self.checkpoint = checkpoint
  }

  /// The inclusion proof in the checkpoint's tree.
  public var inclusion: InclusionProof {
    InclusionProof(index: index, size: checkpoint.checkpoint.size, path: path)
  }

  /// Checks that the log `logKey` signed a tree in which this leaf hash stands at `index`. Lines of
  /// unknown keys and `extra` are passed over. Throws `integrity`.
  public func verify(leafHash: Hash, logKey: any NoteVerifier) throws(PeerChartError) {
    try checkpoint.verify(by: logKey)
    try requireInclusion(of: leafHash)
  }

  private func requireInclusion(of leafHash: Hash) throws(PeerChartError) {
    guard inclusion.verifies(leafHash: leafHash, root: checkpoint.checkpoint.root) else {
      throw PeerChartError(.integrity, "the entry is not in the tree at this place")
    }
  }

  /// As `verify`, but there must be nothing in the proof that is not covered: no `extra`, and every
  /// signature line by the log or one of `witnesses`. No byte of the text form can differ unnoticed.
  public func verifyStrictly(
    leafHash: Hash, logKey: any NoteVerifier, witnesses: [any NoteVerifier] = []
  ) throws(PeerChartError) {
    guard extra == nil else {
      throw PeerChartError(.integrity, "the proof carries data that nothing covers")
    }
    try checkpoint.verifyStrictly(by: logKey, witnesses: witnesses)
    try requireInclusion(of: leafHash)
  }
}
