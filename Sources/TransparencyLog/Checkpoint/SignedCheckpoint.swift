public import Primitives

/// A checkpoint with its signatures, as it is stored and sent.
public struct SignedCheckpoint: Hashable, Sendable {
  public let checkpoint: Checkpoint
  public let note: SignedNote

  /// Signs a checkpoint. The log's own key, whose name is the origin, comes first.
  public init(_ checkpoint: Checkpoint, signedBy signers: [NoteSigner]) throws {
    self.checkpoint = checkpoint
    note = try SignedNote(text: checkpoint.text, signedBy: signers)
  }

  /// Parses strictly; checks no signature. Throws `malformed` or `tooLarge`.
  public init(parsing bytes: some Collection<UInt8>) throws(PeerChartError) {
    note = try SignedNote(parsing: bytes)
    checkpoint = try Checkpoint(parsing: note.text)
  }

  init(_ checkpoint: Checkpoint, note: SignedNote) {
    self.checkpoint = checkpoint
    self.note = note
  }

  public var bytes: [UInt8] { note.bytes }

  /// The checkpoint with the lines of one key only. That key's are not checked.
  public func only(_ key: any NoteVerifier) -> SignedCheckpoint {
    SignedCheckpoint(checkpoint, note: note.only(key))
  }

  /// The checkpoint with more signature lines, as witnesses add them.
  public func adding(_ lines: [NoteSignature]) -> SignedCheckpoint {
    SignedCheckpoint(checkpoint, note: note.adding(lines))
  }

  /// Checks that the log itself signed: the key's name is the origin, and its line verifies. Lines
  /// of other keys are passed over. Throws `integrity`.
  public func verify(by logKey: any NoteVerifier) throws(PeerChartError) {
    try requireOrigin(of: logKey)
    try note.verify(by: [logKey])
  }

  /// Checks that the log signed and that every other line is a valid signature by one of
  /// `witnesses`: no byte of the checkpoint can differ. Throws `integrity`.
  public func verifyStrictly(
    by logKey: any NoteVerifier, witnesses: [any NoteVerifier] = []
  ) throws(PeerChartError) {
    try requireOrigin(of: logKey)
    guard note.signatures.contains(where: { $0.isFrom(logKey) }) else {
      throw PeerChartError(.integrity, "the log has not signed the checkpoint")
    }
    try note.verifyStrictly(by: [logKey] + witnesses)
  }

  private func requireOrigin(of logKey: any NoteVerifier) throws(PeerChartError) {
    guard checkpoint.origin.utf8.elementsEqual(logKey.name.utf8) else {
      throw PeerChartError(.integrity, "the checkpoint is of another log")
    }
  }
}
