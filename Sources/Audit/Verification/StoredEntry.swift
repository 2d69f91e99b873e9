public import Primitives
public import TransparencyLog

/// A row of the audit table, as the verifier wants it.
public struct StoredEntry: Sendable {
  /// The place in the log: 0 for the first leaf.
  public var index: UInt64
  /// The leaf hash as stored; nil where the column does not hold 32 bytes.
  public var leafHash: Hash?
  /// The opened entry (`AuditEntry.plaintext`), or why it would not open.
  public var plaintext: Result<[UInt8], PeerChartError>

  public init(index: UInt64, leafHash: Hash?, plaintext: Result<[UInt8], PeerChartError>) {
    self.index = index
    self.leafHash = leafHash
    self.plaintext = plaintext
  }
}

/// A row of the checkpoint table.
public struct StoredCheckpoint: Sendable {
  /// The size by which the row is found.
  public var size: UInt64
  /// The signed note.
  public var note: [UInt8]

  public init(size: UInt64, note: [UInt8]) {
    self.size = size
    self.note = note
  }
}
