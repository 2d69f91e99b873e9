import Crypto
import Foundation
import Primitives
import SecDocument
import Testing

/// Makes the files of Tests/Vectors/sec from the keys of the tests.
struct VectorMaker {
  private let random = SeededRandom(seed: 1)

  func write(to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    func save(_ value: some Encodable, as name: String) throws {
      try (encoder.encode(value) + Data([10])).write(to: folder.appending(path: name))
    }
    let good = try goodVectors()
    try save(
      SecVectors.Keys(
        about:
          "Private keys of made-up readers: x25519 in hex, X-Wing as seed, passphrase as text.",
        identities: try identities()), as: "keys.json")
    try save(
      SecVectors.List(
        about: "Documents that open with the named identity; docs/format/sec-v1.md.", vectors: good),
      as: "good.json")
    try save(
      SecVectors.List(
        about:
          "Documents that a reader refuses with `error`. Either `file`, or the file of the good "
          + "vector `base` after `edits` in order: at `at`, `remove` bytes go and `insert` (hex) or "
          + "the base's bytes from copy[0] up to copy[1] come.",
        vectors: try editedVectors(good) + forgedVectors()), as: "bad.json")
  }

  private func identities() throws -> [String: SecVectors.Keys.Identity] {
    var all = [
      "passphrase": SecVectors.Keys.Identity(kind: "passphrase", text: TestKeys.passphraseText)
    ]
    for name in ["alice", "bob", "carol"] {
      all["x25519-\(name)"] = .init(kind: "x25519", secret: Hex.encode(TestKeys.seed(name)))
    }
    for name in ["alice", "bob"] {
      all["xwing-\(name)"] = .init(kind: "xwing", secret: Hex.encode(TestKeys.seed(name)))
    }
    all["passphrase-wrong"] = .init(kind: "passphrase", text: "wrong")
    return all
  }

  private func goodVectors() throws -> [SecVectors.Good] {
    let note = Array("{\"resourceType\":\"Observation\",\"status\":\"final\"}".utf8)
    let proof = Array("c2sp.org/tlog-proof@v1\nindex 0\n\nmade up, not a real log\n".utf8)
    var plain = try TestKeys.draft()
    plain.subject = nil
    plain.documentType = nil
    plain.predecessor = nil
    plain.mediaType = "application/vnd.peerchart.message+json"
    return [
      try make("x25519", "every member, with a proof", note, .x25519, proof: proof),
      try make("x25519-minimal", "only the required members", note, .x25519, draft: plain),
      try make("x25519-empty", "no content", [], .x25519),
      try make(
        "x25519-two-readers", "the second of two", note, .x25519, readers: ["bob", "alice"]),
      try make(
        "x25519-two-chunks", "one full chunk and one byte", random.bytes(65_537), .x25519),
      try make(
        "x25519-two-signatures", "Ed25519 and ML-DSA-65", note, .x25519, postQuantum: true),
      try make("passphrase", "Argon2id with the cheapest parameters", note, .passphrase),
      try make("passphrase-proof", "a passphrase and a proof", note, .passphrase, proof: proof),
      try make("xwing", "every member, with a proof", note, .xwing, proof: proof),
      try make("xwing-two-readers", "the second of two", note, .xwing, readers: ["bob", "alice"]),
      try make("xwing-two-signatures", "post-quantum throughout", note, .xwing, postQuantum: true),
    ]
  }

  private func make(
    _ name: String, _ about: String, _ content: [UInt8], _ kind: SecRecipientKind,
    draft: SecDraft? = nil, readers: [String] = ["alice"], postQuantum: Bool = false,
    proof: [UInt8]? = nil
  ) throws -> SecVectors.Good {
    let sealed = try SecWriter.seal(
      content, draft: draft ?? TestKeys.draft(),
      recipients: readers.map { try TestKeys.recipient(kind, $0) },
      signer: TestKeys.signer(postQuantum: postQuantum), random: random
    ).bytes
    let file = try proof.map { try SecFile.replacingProof(of: sealed, by: $0) } ?? sealed
    let identity = try TestKeys.identity(kind)
    let document = try SecReader.open(file, with: [identity]).document
    return SecVectors.Good(
      name: name, about: about,
      identity: kind == .passphrase ? "passphrase" : "\(kind)-alice",
      needs: postQuantum ? ["ml-dsa-65"] : nil, manifest: .init(document),
      contentSHA256: Hex.encode(Array(SHA256.hash(data: content))), file: Base64.encode(file))
  }
}
