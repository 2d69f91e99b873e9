import Crypto
import Foundation
import Primitives
import SecDocument
import Testing

extension VectorMaker {
  /// Faults that an edit of a good document makes. Offsets follow from the page's sizes.
  func editedVectors(_ good: [SecVectors.Good]) throws -> [SecVectors.Bad] {
    let base = try #require(good.first { $0.name == "x25519" })
    let file = try #require(Base64.decode(base.file))
    let end = file.count
    let sealed = Int(try SecFile.inspect(SecBytesSource(file)).sealedLength)
    let header = 13 + 80 + 48
    let content = Int(base.manifest.contentLength)
    let manifest = header + 4 + content + 16
    func set(_ at: Int, _ hex: String) -> SecVectors.Edit {
      .init(at: at, remove: hex.utf8.count / 2, insert: hex)
    }
    func flip(_ at: Int) -> SecVectors.Edit { set(at, Hex.encode([file[at] ^ 1])) }
    func cut(_ at: Int, of end: Int) -> SecVectors.Edit { .init(at: at, remove: end - at) }
    func bad(
      _ name: String, _ error: String, _ edits: SecVectors.Edit..., about: String,
      base: String = "x25519", identity: String = "x25519-alice"
    ) -> SecVectors.Bad {
      .init(name: name, about: about, identity: identity, error: error, base: base, edits: edits)
    }
    let record = 4 + 65_536 + 16
    let long = try #require(
      good.first { $0.name == "x25519-two-chunks" }.flatMap { Base64.decode($0.file)?.count })
    return [
      bad("magic", "sec-bad-magic", flip(0), about: "another first byte"),
      bad("magic-newline", "sec-bad-magic", .init(at: 4, remove: 1), about: "CR LF became LF"),
      bad("cut-magic", "sec-truncated", cut(7, of: end), about: "ends in the magic"),
      bad("version", "sec-version", set(8, "0002"), about: "version 2"),
      bad("kind-unknown", "sec-header", set(10, "04"), about: "recipient kind 4"),
      bad("kind-changed", "sec-truncated", set(10, "01"), about: "stanza of another kind"),
      bad("count-zero", "sec-header", set(11, "0000"), about: "no stanza"),
      bad("count-huge", "sec-header", set(11, "0401"), about: "1,025 stanzas"),
      bad("stanza-enc", "sec-no-recipient", flip(20), about: "a changed encapsulated key"),
      bad("stanza-key", "sec-no-recipient", flip(60), about: "a changed sealed file key"),
      bad("reader", "sec-no-recipient", about: "for somebody else", identity: "x25519-bob"),
      bad("reader-kind", "sec-no-recipient", about: "for another kind", identity: "passphrase"),
      bad("salt", "sec-header-mac", flip(93), about: "a changed salt"),
      bad("mac", "sec-header-mac", flip(header - 1), about: "a changed MAC"),
      bad(
        "stanza-dropped", "sec-header-mac", set(11, "0001"), .init(at: 13, remove: 80),
        about: "the other reader's stanza removed", base: "x25519-two-readers"),
      bad("cut-header", "sec-truncated", cut(header - 1, of: end), about: "ends in the header"),
      bad("cut-records", "sec-truncated", cut(header, of: end), about: "ends after the header"),
      bad("cut-content", "sec-truncated", cut(manifest - 1, of: end), about: "ends in the content"),
      bad("no-manifest", "sec-truncated", cut(manifest, of: end), about: "ends after the content"),
      bad("cut-manifest", "sec-truncated", cut(sealed - 1, of: end), about: "ends in the manifest"),
      bad("record-kind", "sec-record", set(header, "03"), about: "record kind 3"),
      bad("record-short", "sec-record", set(header, "00"), about: "a middle chunk that is short"),
      bad("record-long", "sec-record", set(header, "01010001"), about: "a chunk of 65,537 bytes"),
      bad(
        "record-length", "sec-chunk", set(header + 3, Hex.encode([UInt8(content - 1)])),
        about: "a length that is one short"),
      bad("content", "sec-chunk", flip(header + 5), about: "a changed byte of content"),
      bad("tag", "sec-chunk", flip(manifest - 1), about: "a changed tag"),
      bad("manifest", "sec-chunk", flip(sealed - 100), about: "a changed byte of the manifest"),
      bad(
        "last-repeated", "sec-record", .init(at: manifest, remove: 0, copy: [header, manifest]),
        about: "the last chunk twice"),
      bad(
        "manifest-first", "sec-record", .init(at: header, remove: manifest - header),
        about: "no content record"),
      bad(
        "chunk-repeated", "sec-chunk",
        .init(at: header, remove: 0, copy: [header, header + record]),
        about: "the first chunk twice", base: "x25519-two-chunks"),
      bad(
        "chunk-dropped", "sec-chunk", .init(at: header, remove: record),
        about: "the first chunk missing", base: "x25519-two-chunks"),
      bad(
        "last-dropped", "sec-record", .init(at: header + record, remove: 21),
        about: "the last chunk missing", base: "x25519-two-chunks"),
      bad(
        "last-empty", "sec-record",
        .init(at: header + record, remove: 5, insert: "01000000"),
        about: "an empty last chunk after a full one", base: "x25519-two-chunks"),
      bad(
        "cut-chunk", "sec-truncated", cut(header + 1000, of: long),
        about: "ends in a chunk", base: "x25519-two-chunks"),
      bad(
        "trailing-document", "sec-trailing",
        .init(at: sealed, remove: end - sealed, copy: [0, 13]),
        about: "another document follows"),
      bad(
        "trailing-byte", "sec-trailing", .init(at: end, remove: 0, insert: "0a"), about: "a newline"
      ),
      bad("proof-magic", "sec-trailing", flip(sealed), about: "another magic of the proof"),
      bad(
        "proof-length-zero", "sec-proof", set(sealed + 8, "00000000"), about: "a proof of length 0"),
      bad(
        "proof-length-huge", "sec-proof", set(sealed + 8, "00010001"),
        about: "65,537 bytes of proof"),
      bad(
        "proof-length", "sec-truncated", flip(sealed + 10), about: "a longer proof than there is"),
      bad("proof-text", "sec-proof", flip(sealed + 20), about: "a changed byte of the proof"),
      bad("proof-hash", "sec-proof", flip(end - 1), about: "a changed hash of the proof"),
      bad("proof-cut", "sec-truncated", cut(end - 1, of: end), about: "ends in the proof"),
      bad(
        "passphrase-wrong", "sec-no-recipient", about: "another passphrase", base: "passphrase",
        identity: "passphrase-wrong"),
      bad(
        "passphrase-memory", "sec-passphrase-cost", set(29, "00100001"),
        about: "more than 1 GiB", base: "passphrase", identity: "passphrase"),
      bad(
        "passphrase-passes", "sec-passphrase-cost", set(33, "0000000b"), about: "11 passes",
        base: "passphrase", identity: "passphrase"),
      bad(
        "passphrase-lanes", "sec-passphrase-cost", set(37, "00"), about: "no lane",
        base: "passphrase", identity: "passphrase"),
      bad(
        "passphrase-two", "sec-header", set(11, "0002"),
        .init(at: 13, remove: 0, copy: [13, 86]), about: "two stanzas", base: "passphrase",
        identity: "passphrase"),
      bad(
        "xwing-stanza", "sec-no-recipient", .init(at: 500, remove: 4, insert: "00000000"),
        about: "a changed encapsulation", base: "xwing", identity: "xwing-alice"),
    ]
  }

  /// Faults that only somebody with the keys can make: everything around them is right.
  func forgedVectors() throws -> [SecVectors.Bad] {
    func bad(
      _ name: String, _ error: String, about: String, _ change: (inout SecForge) throws -> Void
    ) throws -> SecVectors.Bad {
      var forge = SecForge()
      try change(&forge)
      return .init(
        name: name, about: about, identity: "x25519-alice", error: error,
        needs: forge.postQuantum ? ["ml-dsa-65"] : nil, file: Base64.encode(try forge.file()))
    }
    let zeros = [UInt8](repeating: 0, count: 32)
    return [
      try bad("zero-point", "sec-no-recipient", about: "an all-zero Diffie-Hellman result") {
        let alice = Array(try TestKeys.x25519("alice").publicKey.rawRepresentation)
        $0.stanzas = [
          try HandmadeHPKE.seal(
            SecForge.fileKey.withUnsafeBytes { Array($0) }, to: alice, encapsulated: zeros,
            sharedPoint: zeros)
        ]
      },
      try bad("member-unknown", "sec-manifest", about: "member 15") { $0.set(15, [1]) },
      try bad("member-missing", "sec-manifest", about: "no creation time") { $0.set(10, nil) },
      try bad("member-order", "sec-manifest", about: "version behind the others") {
        $0.manifestEdit = { Array($0.dropFirst(6) + $0.prefix(6)) }
      },
      try bad("member-twice", "sec-manifest", about: "two versions") {
        $0.manifestEdit = { $0.prefix(6) + $0 }
      },
      try bad("manifest-trailing", "sec-manifest", about: "a byte behind the last member") {
        $0.manifestEdit = { $0 + [0] }
      },
      try bad("manifest-version", "sec-manifest", about: "manifest version 2") {
        $0.set(1, [0, 2])
      },
      try bad("subject-empty", "sec-manifest", about: "an empty subject") { $0.set(6, []) },
      try bad("subject-control", "sec-manifest", about: "an escape character in the subject") {
        $0.set(6, Array("Patient/\u{1B}[2J".utf8))
      },
      try bad("subject-utf8", "sec-manifest", about: "a subject that is not UTF-8") {
        $0.set(6, [0xC3, 0x28])
      },
      try bad("type-code", "sec-manifest", about: "no LOINC code") {
        $0.set(7, Array("341339".utf8))
      },
      try bad("type-alone", "sec-manifest", about: "a code without display") { $0.set(8, nil) },
      try bad("media-type", "sec-manifest", about: "no slash") { $0.set(9, Array("text".utf8)) },
      try bad("created", "sec-manifest", about: "after the year 9999") {
        $0.set(10, [0, 0, 0xE6, 0x77, 0xD2, 0x1F, 0xDC, 0x00])
      },
      try bad("signature", "sec-signature", about: "a changed signature") {
        $0.signedEdit = { $0.dropLast() + [$0[$0.count - 1] ^ 1] }
      },
      try bad("signature-missing", "sec-signature", about: "no signature") {
        $0.signedEdit = { $0.dropLast(64) }
      },
      try bad("signature-extra", "sec-signature", about: "a byte behind the signature") {
        $0.signedEdit = { $0 + [0] }
      },
      try bad("signature-key", "sec-signature", about: "signed by another key") {
        $0.set(4, TestKeys.seed("other"))
      },
      try bad("ml-dsa-stripped", "sec-signature", about: "the demanded second signature is gone") {
        $0.postQuantum = true
        $0.signedEdit = { $0.dropLast(3309) }
      },
      try bad("ml-dsa", "sec-signature", about: "a changed second signature") {
        $0.postQuantum = true
        $0.signedEdit = { $0.dropLast() + [$0[$0.count - 1] ^ 1] }
      },
      try bad("rewrapped", "sec-binding", about: "signed for another header") {
        $0.headerDigest = zeros
      },
      try bad("length", "sec-content", about: "another content length") { $0.contentLength = 21 },
      try bad("digest", "sec-content", about: "another content digest") {
        $0.contentDigest = zeros
      },
      try bad("proof-utf8", "sec-proof", about: "a proof that is not UTF-8") {
        $0.tail = SecForge.proof([0xFF, 0xFE])
      },
    ]
  }
}
