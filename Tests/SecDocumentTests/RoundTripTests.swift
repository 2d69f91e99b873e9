import Crypto
import Primitives
import SecDocument
import Testing

@Suite struct RoundTripTests {
  static let batch = 8 * 65_536
  static let sizes = [
    0, 1, 65_535, 65_536, 65_537, 131_072, batch - 1, batch, batch + 1, 2 * batch, 5_000_011,
  ]

  @Test(arguments: sizes)
  func everySizeComesBack(size: Int) throws {
    let content = SeededRandom(seed: UInt64(size)).bytes(size)
    let (file, sealed) = try SecWriter.seal(
      content, draft: TestKeys.draft(), recipients: [TestKeys.recipient(.xwing)],
      signer: TestKeys.signer())
    #expect(sealed.byteCount == UInt64(file.count))
    let (opened, document) = try SecReader.open(file, with: [TestKeys.identity(.xwing)])
    #expect(opened == content)
    #expect(document.digest == sealed.digest)
    #expect(document.manifest == sealed.manifest)
    #expect(document.manifest.contentLength == UInt64(size))
    #expect(document.manifest.contentDigest == naiveTreeHash(content))
    #expect(document.proof == nil)
    let summary = try SecFile.inspect(SecBytesSource(file))
    #expect(summary.contentLength == UInt64(size))
    #expect(summary.sealedLength == UInt64(file.count))
  }

  @Test(arguments: SecRecipientKind.allCases, [false, true])
  func everyKindAndSigner(kind: SecRecipientKind, postQuantum: Bool) throws {
    let content = Array("Discharge summary".utf8)
    let draft = try TestKeys.draft()
    let (file, sealed) = try SecWriter.seal(
      content, draft: draft, recipients: [TestKeys.recipient(kind)],
      signer: TestKeys.signer(postQuantum: postQuantum))
    let (opened, document) = try SecReader.open(file, with: [TestKeys.identity(kind)])
    #expect(opened == content)
    #expect(document.recipientKind == kind)
    #expect(document.recipientCount == 1)
    #expect(document.algorithms == (postQuantum ? [.ed25519, .mlDSA65] : [.ed25519]))
    let manifest = document.manifest
    #expect(manifest.issuer == (try TestKeys.issuer()))
    #expect(manifest.subject == draft.subject)
    #expect(manifest.documentType == draft.documentType)
    #expect(manifest.mediaType == draft.mediaType)
    #expect(manifest.created == draft.created)
    #expect(manifest.predecessor == draft.predecessor)
    let kept = try SignedManifest(bytes: document.signedManifest.bytes)
    #expect(kept.digest == sealed.digest)
    #expect(kept.manifest == manifest)
  }

  @Test func theForgeAndTheReaderAgree() throws {
    // A second writer made from the page: what it makes must open, or the negative tests that use
    // it would prove nothing.
    let forge = SecForge()
    let (content, document) = try SecReader.open(forge.file(), with: [TestKeys.identity(.x25519)])
    #expect(content == forge.content)
    #expect(document.manifest.subject == "Patient/made-up-1")
  }

  @Test func aDigestNamesWhatWasSigned() throws {
    let (_, sealed) = try SecWriter.seal(
      [1, 2, 3], draft: TestKeys.draft(), recipients: [TestKeys.recipient(.x25519)],
      signer: TestKeys.signer())
    let bytes = sealed.signedManifest.bytes
    let manifest = bytes[4..<bytes.count - 64]
    let expected = SHA256.hash(data: Array("peerchart.sec/v1 manifest\0".utf8) + manifest)
    #expect(sealed.digest.bytes == Array(expected))
  }

  @Test func twoDocumentsNeverShareAnything() throws {
    let files = try (0..<2).map { _ in
      try SecWriter.seal(
        [], draft: TestKeys.draft(), recipients: [TestKeys.recipient(.x25519)],
        signer: TestKeys.signer()
      ).document
    }
    #expect(files[0].manifest.documentID != files[1].manifest.documentID)
    #expect(files[0].manifest.headerDigest != files[1].manifest.headerDigest)
    #expect(files[0].digest != files[1].digest)
  }

  @Test func aManifestPrintsNoSubject() throws {
    let (_, sealed) = try SecWriter.seal(
      [], draft: TestKeys.draft(), recipients: [TestKeys.recipient(.x25519)],
      signer: TestKeys.signer())
    let printed = "\(sealed.manifest) \(String(reflecting: sealed.manifest))"
    #expect(!printed.contains("made-up"))
  }
}
