import Primitives

/// A document that was opened and of which everything inside the format holds.
public struct OpenedDocument: Sendable {
  /// Manifest and signatures; can be kept beside the content as evidence.
  public let signedManifest: SignedManifest
  /// The proof section, as it is: neither sealed nor signed, and for the caller to check.
  public let proof: [UInt8]?
  /// How the document is sealed.
  public let recipientKind: SecRecipientKind
  /// How many can open it.
  public let recipientCount: Int

  /// What was signed.
  public var manifest: SecManifest { signedManifest.manifest }
  /// The name under which the document is logged, anchored and replaced.
  public var digest: DocumentDigest { signedManifest.digest }
  /// Which signatures were verified.
  public var algorithms: [SignedManifest.Algorithm] { signedManifest.algorithms }
}

/// Opens `.sec` documents (docs/format/sec-v1.md).
public enum SecReader {
  /// Opens `source` in one pass, in constant memory and on all cores.
  ///
  /// Content reaches `sink` before signature, digest and end are checked. The caller keeps it out
  /// of everybody's sight (a temporary file, renamed later) until this returns, and throws it away
  /// when this throws. Blocks the calling thread until the document is read.
  ///
  /// Not checked, because it takes knowledge from outside: that the signing key belongs to the
  /// issuer, that the issuer is trusted, what the proof claims.
  ///
  /// Throws one of the `sec-` codes, and what source and sink throw.
  public static func open<Source: SecSource, Sink: SecSink>(
    _ source: Source, with identities: [SecIdentity], to sink: inout Sink
  ) throws -> OpenedDocument {
    var stream = StreamInput(source)
    let header = try SecHeader(from: &stream)
    let cipher = PayloadCipher(fileKey: try header.fileKey(for: identities), salt: header.salt)

    typealias Work = OpeningWork<Source, Sink>
    var input = Work.Input(stream: stream)
    var output = Work.Output(sink: sink)
    defer { sink = output.sink }
    try OrderedPipeline.run(
      Work(cipher: cipher), input: &input, output: &output, bufferSizes: Work.bufferSizes)

    let record = try RecordHeader(
      input.stream.read(exactly: SecFormat.recordHeaderSize), index: input.nextIndex)
    guard record.kind == .manifest else {
      throw PeerChartError(
        .secRecord, "content follows its last chunk", place: "record \(input.nextIndex)")
    }
    let sealed = try input.stream.read(exactly: record.sealedSize)
    let signed = try SignedManifest(
      bytes: Array(
        sealed.withUnsafeBytes { try cipher.open($0, as: .manifest, index: input.nextIndex) }))
    guard signed.manifest.headerDigest == header.digest else {
      throw PeerChartError(.secBinding, "the manifest was signed for other recipients")
    }
    guard signed.manifest.contentLength == output.written,
      signed.manifest.contentDigest == output.tree.root
    else { throw PeerChartError(.secContent, "the content is not what the manifest names") }
    return OpenedDocument(
      signedManifest: signed, proof: try ProofSection.read(from: &input.stream),
      recipientKind: header.kind, recipientCount: header.stanzas.count)
  }

  /// Opens a document in memory.
  public static func open(
    _ file: [UInt8], with identities: [SecIdentity]
  ) throws -> (content: [UInt8], document: OpenedDocument) {
    var sink = SecBytesSink()
    let document = try open(SecBytesSource(file), with: identities, to: &sink)
    return (sink.bytes, document)
  }
}
