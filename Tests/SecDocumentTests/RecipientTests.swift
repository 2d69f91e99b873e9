import Crypto
import Foundation
import Primitives
import SecDocument
import Testing

@Suite struct RecipientTests {
  private func seal(_ recipients: [SecRecipient]) throws -> [UInt8] {
    try SecWriter.seal(
      [7], draft: TestKeys.draft(), recipients: recipients, signer: TestKeys.signer()
    ).bytes
  }

  @Test(arguments: [SecRecipientKind.xwing, .x25519])
  func eachOfSeveralReadersOpens(kind: SecRecipientKind) throws {
    let names = ["alice", "bob", "carol"]
    let file = try seal(names.map { try TestKeys.recipient(kind, $0) })
    for name in names {
      let (content, document) = try SecReader.open(file, with: [TestKeys.identity(kind, name)])
      #expect(content == [7])
      #expect(document.recipientCount == 3)
    }
    #expect(code { try open(file, TestKeys.identity(kind, "mallory")) } == "sec-no-recipient")
  }

  @Test func theRightOneOfManyIdentitiesIsFound() throws {
    let file = try seal([TestKeys.recipient(.x25519, "bob")])
    let identities: [SecIdentity] = [
      try TestKeys.identity(.xwing), .passphrase(Redacted([1])),
      try TestKeys.identity(.x25519, "alice"), try TestKeys.identity(.x25519, "bob"),
    ]
    #expect(try SecReader.open(file, with: identities).content == [7])
    #expect(code { _ = try SecReader.open(file, with: []) } == "sec-no-recipient")
  }

  @Test func kindsAreNeverMixed() throws {
    for first in SecRecipientKind.allCases {
      for second in SecRecipientKind.allCases where first != second {
        let recipients = [try TestKeys.recipient(first), try TestKeys.recipient(second)]
        #expect(code { _ = try seal(recipients) } == "sec-recipients")
      }
    }
  }

  @Test func aPassphraseStandsAlone() throws {
    let recipient = try TestKeys.recipient(.passphrase)
    #expect(code { _ = try seal([recipient, recipient]) } == "sec-recipients")
  }

  @Test func countsAreBounded() throws {
    #expect(code { _ = try seal([]) } == "sec-recipients")
    let recipient = try TestKeys.recipient(.x25519)
    #expect(
      code { _ = try seal(Array(repeating: recipient, count: 1025)) } == "sec-recipients")
    let others = try Array(repeating: TestKeys.recipient(.x25519, "bob"), count: 1023)
    let file = try seal(others + [recipient])
    #expect(try SecReader.open(file, with: [TestKeys.identity(.x25519)]).content == [7])
  }

  @Test func uselessPublicKeysAreRefused() throws {
    let useless: [SecRecipient] = [
      .x25519(publicKey: []), .x25519(publicKey: [UInt8](repeating: 0, count: 32)),
      .x25519(publicKey: [UInt8](repeating: 1, count: 31)),
      .xwing(publicKey: [UInt8](repeating: 0xFF, count: 1216)),
      .xwing(publicKey: [UInt8](repeating: 0, count: 1215)),
      .passphrase(Redacted([])), .passphrase(Redacted([UInt8](repeating: 65, count: 1025))),
    ]
    for recipient in useless {
      #expect(code { _ = try seal([recipient]) } == "sec-recipients", "\(recipient.kind)")
    }
  }

  @Test func aKnownSharedSecretDoesNotOpen() throws {
    // Anybody can write these stanzas, since the Diffie-Hellman result is all zero for each key.
    let alice = Array(try TestKeys.x25519("alice").publicKey.rawRepresentation)
    var forge = SecForge()
    forge.stanzas = [
      try HandmadeHPKE.seal(
        SecForge.fileKey.withUnsafeBytes { Array($0) }, to: alice,
        encapsulated: [UInt8](repeating: 0, count: 32),
        sharedPoint: [UInt8](repeating: 0, count: 32))
    ]
    let file = try forge.file()
    #expect(code { try open(file, TestKeys.identity(.x25519)) } == "sec-no-recipient")
    // The same by an honest ephemeral key opens, so it was not the hand-made HPKE that failed.
    let ephemeral = try TestKeys.x25519("ephemeral")
    let shared = try ephemeral.sharedSecretFromKeyAgreement(
      with: TestKeys.x25519("alice").publicKey)
    forge.stanzas = [
      try HandmadeHPKE.seal(
        SecForge.fileKey.withUnsafeBytes { Array($0) }, to: alice,
        encapsulated: Array(ephemeral.publicKey.rawRepresentation),
        sharedPoint: shared.withUnsafeBytes { Array($0) })
    ]
    try open(forge.file(), TestKeys.identity(.x25519))
  }

  @Test func aWrongPassphraseDoesNotOpen() throws {
    let file = try seal([TestKeys.recipient(.passphrase)])
    for wrong in [[], [UInt8](repeating: 65, count: 1025), Array("correct horse".utf8)] {
      #expect(code { try open(file, .passphrase(Redacted(wrong))) } == "sec-no-recipient")
    }
  }

  @Test(
    arguments: [
      (8191, 1, 1), (1_048_577, 1, 1), (8192, 0, 1), (8192, 11, 1), (8192, 1, 0), (8192, 1, 9),
    ] as [(UInt32, UInt32, UInt8)])
  func passphraseCostIsBounded(memory: UInt32, passes: UInt32, lanes: UInt8) throws {
    let failure = code { _ = try PassphraseCost(memoryKiB: memory, passes: passes, lanes: lanes) }
    #expect(failure == "sec-passphrase-cost")
    // A reader refuses the same in a file, before it spends the memory.
    var writer = ByteWriter()
    writer.append(memory)
    writer.append(passes)
    writer.append(lanes)
    var file = try seal([TestKeys.recipient(.passphrase)])
    file.replaceSubrange(29..<38, with: writer.bytes)
    #expect(code { try open(file, TestKeys.identity(.passphrase)) } == "sec-passphrase-cost")
    #expect(code { _ = try SecFile.inspect(SecBytesSource(file)) } == "sec-passphrase-cost")
  }
}
