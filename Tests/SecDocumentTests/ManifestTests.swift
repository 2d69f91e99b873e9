import Crypto
import Primitives
import SecDocument
import Testing

@Suite struct ManifestTests {
  private func outcome(_ change: (inout SecForge) -> Void) throws -> String? {
    var forge = SecForge()
    change(&forge)
    let file = try forge.file()
    return code { try open(file, TestKeys.identity(.x25519)) }
  }

  private static let requiredTags: [UInt16] = [1, 2, 3, 9, 10]

  @Test(arguments: requiredTags)
  func requiredMembers(tag: UInt16) throws {
    #expect(try outcome { $0.set(tag, nil) } == "sec-manifest")
  }

  @Test func optionalMembers() throws {
    #expect(try outcome { $0.set(6, nil) } == nil)
    #expect(
      try outcome {
        $0.set(7, nil)
        $0.set(8, nil)
      } == nil)
    #expect(try outcome { $0.set(13, [UInt8](repeating: 1, count: 32)) } == nil)
  }

  private static let wrongValues: [(UInt16, [UInt8])] = [
    (1, [0, 2]), (1, [1]), (2, [1]), (3, [UInt8](repeating: 0, count: 31)), (4, []),
    (6, []), (6, [UInt8](repeating: 65, count: 1025)), (6, [0xFF]), (6, Array("a\nb".utf8)),
    (6, Array("a\u{1B}[2J".utf8)), (6, Array("a\u{9B}".utf8)), (6, [0xED, 0xA0, 0x80]),
    (7, Array("34133".utf8)), (7, Array("-9".utf8)), (7, Array("3413a-9".utf8)),
    (7, Array("34133--9".utf8)), (7, Array("12345678-9".utf8)), (8, []),
    (9, Array("text".utf8)), (9, Array("/plain".utf8)), (9, Array("text/".utf8)),
    (9, Array("text/plain\u{7F}".utf8)), (9, Array("text/plän".utf8)),
    (10, [UInt8](repeating: 0xFF, count: 8)), (10, [0, 0, 0xE6, 0x77, 0xD2, 0x1F, 0xDC, 0x00]),
    (11, [0, 1, 0, 0, 0, 0, 0, 1]), (11, [UInt8](repeating: 0xFF, count: 8)),
    (13, [1]), (14, [1]), (15, [1]), (0, [1]), (0xFFFF, []),
  ]

  @Test(arguments: wrongValues)
  func wrongValuesAreRefused(tag: UInt16, value: [UInt8]) throws {
    #expect(try outcome { $0.set(tag, value) } == "sec-manifest")
  }

  @Test func halfADocumentTypeIsRefused() throws {
    #expect(try outcome { $0.set(7, nil) } == "sec-manifest")
    #expect(try outcome { $0.set(8, nil) } == "sec-manifest")
  }

  @Test func thereIsOneByteForm() throws {
    // Members out of order, twice, cut short, with something behind them.
    #expect(
      try outcome { $0.manifestEdit = { Array($0.dropFirst(6) + $0.prefix(6)) } } == "sec-manifest")
    #expect(try outcome { $0.manifestEdit = { $0.prefix(6) + $0 } } == "sec-manifest")
    #expect(try outcome { $0.manifestEdit = { $0.dropLast() } } == "sec-manifest")
    #expect(try outcome { $0.manifestEdit = { $0 + [0] } } == "sec-manifest")
    #expect(try outcome { $0.manifestEdit = { _ in [] } } == "sec-manifest")
    #expect(try outcome { $0.signedEdit = { [0xFF] + $0.dropFirst() } } == "sec-manifest")
    #expect(try outcome { $0.signedEdit = { _ in [0, 0] } } == "sec-manifest")
  }

  @Test func signaturesMustVerify() throws {
    #expect(
      try outcome { $0.signedEdit = { $0.dropLast() + [$0[$0.count - 1] ^ 1] } } == "sec-signature")
    #expect(try outcome { $0.signedEdit = { $0.dropLast() } } == "sec-signature")
    #expect(try outcome { $0.signedEdit = { $0 + [0] } } == "sec-signature")
    // Another key than the one that signed, and a key that is no point of the curve.
    #expect(try outcome { $0.set(4, TestKeys.seed("other")) } == "sec-signature")
    #expect(
      try outcome { $0.set(4, [UInt8](repeating: 0xFF, count: 32)) } == "sec-signature")
  }

  @Test func bothSignaturesAreRequiredWhereBothAreNamed() throws {
    #expect(try outcome { $0.postQuantum = true } == nil)
    #expect(
      try outcome {
        $0.postQuantum = true
        $0.signedEdit = { $0.dropLast(3309) }
      } == "sec-signature")
    #expect(
      try outcome {
        $0.postQuantum = true
        $0.signedEdit = { $0.dropLast() + [$0[$0.count - 1] ^ 1] }
      } == "sec-signature")
    #expect(
      try outcome {
        $0.postQuantum = true
        $0.signedEdit = { bytes in
          var bytes = bytes
          bytes[bytes.count - 3309 - 1] ^= 0x10
          return bytes
        }
      } == "sec-signature")
    #expect(
      try outcome { $0.signedEdit = { $0 + [UInt8](repeating: 0, count: 3309) } }
        == "sec-signature")
  }

  @Test func theContentMustBeTheSignedOne() throws {
    #expect(try outcome { $0.contentLength = 21 } == "sec-content")
    #expect(
      try outcome { $0.contentDigest = [UInt8](repeating: 0, count: 32) } == "sec-content")
  }

  @Test func draftsThatBreakTheRulesWriteNothing() throws {
    let drafts: [(inout SecDraft) -> Void] = [
      { $0.mediaType = "" }, { $0.mediaType = "text" }, { $0.subject = "" },
      { $0.subject = "a\u{0}" }, { $0.subject = String(repeating: "a", count: 1025) },
      { $0.documentType = SecDocumentType(code: "x", display: "x") },
      { $0.documentType = SecDocumentType(code: "34133-9", display: "") },
      { $0.created = Instant(millisecondsSinceEpoch: -1) },
      { $0.mediaType = String(repeating: "a", count: 70_000) },
    ]
    for change in drafts {
      var draft = try TestKeys.draft()
      change(&draft)
      var sink = SecBytesSink()
      let failure = code {
        _ = try SecWriter.seal(
          SecBytesSource([1]), to: &sink, draft: draft, recipients: [TestKeys.recipient(.x25519)],
          signer: TestKeys.signer())
      }
      #expect(failure == "sec-manifest")
      #expect(sink.bytes.isEmpty)
    }
  }
}
