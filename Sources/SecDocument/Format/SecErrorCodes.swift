public import Primitives

/// What can be wrong with a `.sec` document. The page docs/format/sec-v1.md lists which check
/// gives which code; the vectors in Tests/Vectors/sec name them.
extension PeerChartError.Code {
  /// It does not start like a `.sec` document.
  public static let secBadMagic = Self("sec-bad-magic")
  /// A `.sec` document of a version that this reader does not know.
  public static let secVersion = Self("sec-version")
  /// The header does not follow its grammar.
  public static let secHeader = Self("sec-header")
  /// The passphrase stanza asks for more (or less) work than a reader accepts.
  public static let secPassphraseCost = Self("sec-passphrase-cost")
  /// None of the given identities opens the document: it is for somebody else, or the passphrase
  /// is wrong.
  public static let secNoRecipient = Self("sec-no-recipient")
  /// The header was changed after sealing.
  public static let secHeaderMAC = Self("sec-header-mac")
  /// The document ends too early.
  public static let secTruncated = Self("sec-truncated")
  /// A record's frame does not follow the grammar, or records are out of order.
  public static let secRecord = Self("sec-record")
  /// A chunk was changed, moved, repeated or sealed under another key.
  public static let secChunk = Self("sec-chunk")
  /// The manifest does not follow its grammar.
  public static let secManifest = Self("sec-manifest")
  /// A signature does not verify.
  public static let secSignature = Self("sec-signature")
  /// The signed manifest belongs to another header: somebody sealed it again for other readers.
  public static let secBinding = Self("sec-binding")
  /// The content is not the one that the manifest names.
  public static let secContent = Self("sec-content")
  /// The proof section's frame is damaged.
  public static let secProof = Self("sec-proof")
  /// Bytes follow the end of the document.
  public static let secTrailing = Self("sec-trailing")
  /// Sealing: no recipients, too many, a bad key, or kinds that must not be mixed.
  public static let secRecipients = Self("sec-recipients")
  /// Sealing: the content is longer than the format allows.
  public static let secTooLarge = Self("sec-too-large")
}
