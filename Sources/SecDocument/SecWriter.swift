import Crypto
public import Primitives

/// What sealing made.
public struct SealedDocument: Sendable {
  /// Manifest and signatures, as they lie sealed in the document.
  public let signedManifest: SignedManifest
  /// Length of the `.sec` document in bytes.
  public let byteCount: UInt64

  /// What was signed.
  public var manifest: SecManifest { signedManifest.manifest }
  /// The name under which the document is logged, anchored and replaced.
  public var digest: DocumentDigest { signedManifest.digest }
}

/// Makes `.sec` documents (docs/format/sec-v1.md).
public enum SecWriter {
  /// Seals `source` to `recipients` in one pass, in constant memory and on all cores.
  ///
  /// Blocks the calling thread until the content is read. Whatever a failed run has written is no
  /// document. A proof is added afterwards: append `SecFile.proofSection`, or use
  /// `SecFile.replaceProof`.
  ///
  /// Throws `sec-recipients`, `sec-passphrase-cost`, `sec-manifest`, `sec-too-large`, and what
  /// source and sink throw.
  public static func seal<Source: SecSource, Sink: SecSink>(
    _ source: Source, to sink: inout Sink, draft: SecDraft, recipients: [SecRecipient],
    signer: SecSigner, random: some RandomSource = SystemRandom()
  ) throws -> SealedDocument {
    let (header, fileKey) = try SecHeader.make(for: recipients, random: random)
    let manifest = { (id: [UInt8], length: UInt64, digest: [UInt8]) in
      SecManifest(
        documentID: id, issuer: signer.issuer,
        signingKey: Array(signer.key.publicKey.rawRepresentation),
        postQuantumSigningKey: signer.postQuantumKey.map { Array($0.publicKey.rawRepresentation) },
        subject: draft.subject, documentType: draft.documentType, mediaType: draft.mediaType,
        created: draft.created, contentLength: length, contentDigest: digest,
        predecessor: draft.predecessor, headerDigest: header.digest)
    }
    let documentID = random.bytes(16)
    // A draft that breaks the rules shows before anything is written.
    _ = try manifest(documentID, 0, header.digest).encoded()

    try header.bytes.withUnsafeBytes { try sink.write($0) }
    let cipher = PayloadCipher(fileKey: fileKey, salt: header.salt)
    typealias Work = SealingWork<Source, Sink>
    var input = Work.Input(stream: StreamInput(source))
    var output = Work.Output(sink: sink)
    defer { sink = output.sink }
    try OrderedPipeline.run(
      Work(cipher: cipher), input: &input, output: &output, bufferSizes: Work.bufferSizes)

    let length = input.stream.position
    let signed = try signer.sign(manifest(documentID, length, output.tree.root))
    var record = [UInt8](
      repeating: 0,
      count: SecFormat.recordHeaderSize + signed.bytes.count + SecFormat.tagSize)
    _ = try record.withUnsafeMutableBytes { record in
      try signed.bytes.withUnsafeBytes {
        try cipher.seal($0, as: .manifest, index: output.recordCount, into: record)
      }
    }
    try record.withUnsafeBytes { try output.sink.write($0) }
    return SealedDocument(
      signedManifest: signed,
      byteCount: UInt64(header.bytes.count) + output.written + UInt64(record.count))
  }

  /// Seals bytes in memory.
  public static func seal(
    _ content: [UInt8], draft: SecDraft, recipients: [SecRecipient], signer: SecSigner,
    random: some RandomSource = SystemRandom()
  ) throws -> (bytes: [UInt8], document: SealedDocument) {
    var sink = SecBytesSink()
    let document = try seal(
      SecBytesSource(content), to: &sink, draft: draft, recipients: recipients, signer: signer,
      random: random)
    return (sink.bytes, document)
  }
}
