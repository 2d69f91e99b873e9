import Crypto
import Primitives
import SecDocument
import Testing

/// "Any changed, missing, moved or added byte is refused."
@Suite struct TamperTests {
  private static let proof = Array("c2sp.org/tlog-proof@v1\nindex 3\n\nmade up\n".utf8)

  /// About 4 kB, with everything a document can have.
  private func document(_ kind: SecRecipientKind) throws -> [UInt8] {
    let content = SeededRandom(seed: 4).bytes(kind == .xwing ? 1700 : 2900)
    let file = try SecWriter.seal(
      content, draft: TestKeys.draft(),
      recipients: [TestKeys.recipient(kind, "bob"), TestKeys.recipient(kind)].suffix(
        kind == .x25519 ? 2 : 1), signer: TestKeys.signer()
    ).bytes
    return try SecFile.replacingProof(of: file, by: Self.proof)
  }

  @Test(arguments: [SecRecipientKind.xwing, .x25519])
  func everyFlippedByteIsRefused(kind: SecRecipientKind) throws {
    let file = try document(kind)
    let identity = try TestKeys.identity(kind)
    try open(file, identity)
    var survivors: [Int] = []
    for index in file.indices {
      var copy = file
      copy[index] ^= UInt8(1 << (index % 8))
      if code({ try open(copy, identity) }) == nil { survivors.append(index) }
    }
    #expect(survivors.isEmpty)
  }

  @Test func everyFlippedBitOfHeaderAndFramesIsRefused() throws {
    let file = try document(.x25519)
    let identity = try TestKeys.identity(.x25519)
    for index in Array(0..<240) + Array(file.count - 90..<file.count) {
      for bit in 0..<8 {
        var copy = file
        copy[index] ^= UInt8(1 << bit)
        #expect(code { try open(copy, identity) } != nil, "byte \(index) bit \(bit)")
      }
    }
  }

  @Test func everyFlippedByteOfAPassphraseStanzaIsRefused() throws {
    let file = try document(.passphrase)
    for index in 13..<86 {
      var copy = file
      // The low bit of each, so that no memory parameter grows beyond a few megabytes.
      copy[index] ^= 1
      #expect(code { try open(copy, TestKeys.identity(.passphrase)) } != nil, "byte \(index)")
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let file = try document(.x25519)
    let identity = try TestKeys.identity(.x25519)
    let sealedLength = Int(try SecFile.inspect(SecBytesSource(file)).sealedLength)
    for length in 0..<file.count {
      let part = Array(file.prefix(length))
      let outcome = code { try open(part, identity) }
      // Without its proof section a document is whole: that section is made to be removed.
      #expect(outcome == (length == sealedLength ? nil : "sec-truncated"), "length \(length)")
      #expect(code { _ = try SecFile.inspect(SecBytesSource(part)) } == outcome)
    }
  }

  @Test func everyAddedByteIsRefused() throws {
    let file = try document(.x25519)
    let bare = try SecFile.replacingProof(of: file, by: nil)
    let identity = try TestKeys.identity(.x25519)
    for byte in [0, 10, 83, 255] as [UInt8] {
      #expect(code { try open(file + [byte], identity) } == "sec-trailing")
      #expect(code { try open(bare + [byte], identity) } != nil)
    }
    #expect(code { try open(file + file, identity) } == "sec-trailing")
    #expect(code { try open(bare + file, identity) } == "sec-trailing")
  }

  @Test func movedRecordsAreRefused() throws {
    let content = SeededRandom(seed: 5).bytes(3 * 65_536 + 100)
    let file = try SecWriter.seal(
      content, draft: TestKeys.draft(), recipients: [TestKeys.recipient(.x25519)],
      signer: TestKeys.signer()
    ).bytes
    let identity = try TestKeys.identity(.x25519)
    let header = 13 + 80 + 48
    let record = 4 + 65_536 + 16
    func chunk(_ index: Int) -> ArraySlice<UInt8> {
      file[header + index * record..<header + (index + 1) * record]
    }
    let head = file[..<header]
    let tail = file[(header + 3 * record)...]
    let last = tail.prefix(4 + 100 + 16)
    let manifest = tail.dropFirst(last.count)
    let (a, b, c) = (chunk(0), chunk(1), chunk(2))
    func joined(_ parts: ArraySlice<UInt8>...) -> [UInt8] { Array(parts.joined()) }
    try open(joined(head, a, b, c, last, manifest), identity)
    let moved: [(String, [UInt8], String)] = [
      ("swapped", joined(head, b, a, c, tail), "sec-chunk"),
      ("repeated", joined(head, a, a, b, c, tail), "sec-chunk"),
      ("dropped", joined(head, a, c, tail), "sec-chunk"),
      ("all dropped", joined(head, tail), "sec-chunk"),
      ("last dropped", joined(head, a, b, c, manifest), "sec-record"),
      ("last repeated", joined(head, a, b, c, last, tail), "sec-record"),
      ("last moved", joined(head, last, a, b, c, manifest), "sec-chunk"),
      ("manifest first", joined(head, manifest, a, b, c, last), "sec-record"),
      ("manifest repeated", joined(file[...], manifest), "sec-trailing"),
      ("manifest dropped", joined(head, a, b, c, last), "sec-truncated"),
    ]
    for (name, bytes, expected) in moved {
      #expect(code { try open(bytes, identity) } == expected, "\(name)")
    }
  }

  @Test func recordsOfAnotherDocumentAreRefused() throws {
    let files = try (0..<2).map { _ in
      try SecWriter.seal(
        [1, 2, 3], draft: TestKeys.draft(), recipients: [TestKeys.recipient(.x25519)],
        signer: TestKeys.signer()
      ).bytes
    }
    let spliced = Array(files[0].prefix(141) + files[1].dropFirst(141))
    #expect(code { try open(spliced, TestKeys.identity(.x25519)) } == "sec-chunk")
  }

  @Test func sealedAgainForSomebodyElseIsNoticed() throws {
    // Bob holds the file key and puts Alice's records under a header for Carol.
    var forge = SecForge()
    let original = try forge.header()
    let signed = try forge.signed(header: original)
    forge.recipients = ["carol"]
    let header = try forge.header()
    let file = try header + forge.record(1, 0, forge.content) + forge.record(2, 1, signed)
    #expect(code { try open(file, TestKeys.identity(.x25519, "carol")) } == "sec-binding")
  }
}
