import Crypto
import Foundation
import Primitives

/// A second writer, straight from the page, that can also break its rules: each part can be changed
/// before the parts that vouch for it are computed.
struct SecForge {
  static let salt = TestKeys.seed("forge salt").prefix(16)
  static let fileKey = SymmetricKey(data: TestKeys.seed("forge file key"))

  var content = Array("Allergies: none known.".utf8)
  /// Tag and value of the manifest's members, in this order.
  var members: [(tag: UInt16, value: [UInt8])] = []
  /// Computed over the real content unless set.
  var contentLength: UInt64?
  var contentDigest: [UInt8]?
  var headerDigest: [UInt8]?
  /// Changes the encoded manifest before it is signed.
  var manifestEdit: ([UInt8]) -> [UInt8] = { $0 }
  /// Changes manifest and signatures before they are sealed.
  var signedEdit: ([UInt8]) -> [UInt8] = { $0 }
  var recipients = ["alice"]
  var postQuantum = false
  var tail: [UInt8] = []

  init() {
    var created = ByteWriter()
    created.append(1_772_357_400_000 as UInt64)
    members = [
      (1, [0, 1]), (2, Array(TestKeys.seed("forge id").prefix(16))), (3, TestKeys.seed("issuer")),
      (6, Array("Patient/made-up-1".utf8)), (7, Array("34133-9".utf8)),
      (8, Array("Summary of episode note".utf8)), (9, Array("text/plain".utf8)),
      (10, created.bytes),
    ]
  }

  mutating func set(_ tag: UInt16, _ value: [UInt8]?) {
    members.removeAll { $0.tag == tag }
    if let value { members.append((tag, value)) }
  }

  static func label(_ purpose: String) -> [UInt8] { Array("peerchart.sec/v1 \(purpose)\0".utf8) }

  static func derive(_ purpose: String, salt: some DataProtocol) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: fileKey, salt: salt, info: label(purpose), outputByteCount: 32)
  }

  /// Instead of stanzas made for `recipients`.
  var stanzas: [[UInt8]]?

  private func stanza(for name: String) throws -> [UInt8] {
    let suite = HPKE.Ciphersuite(
      kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_256)
    var sender = try HPKE.Sender(
      recipientKey: try TestKeys.x25519(name).publicKey, ciphersuite: suite,
      info: Data(Self.label("x25519")))
    let sealed = try Self.fileKey.withUnsafeBytes { try sender.seal(Data($0)) }
    return Array(sender.encapsulatedKey) + Array(sealed)
  }

  func header() throws -> [UInt8] {
    var writer = ByteWriter()
    writer.append(raw: [0x89, 0x53, 0x45, 0x43, 0x0D, 0x0A, 0x1A, 0x0A, 0, 1, 2])
    let stanzas = try stanzas ?? recipients.map(stanza)
    writer.append(UInt16(stanzas.count))
    for stanza in stanzas { writer.append(raw: stanza) }
    writer.append(raw: Self.salt)
    let key = Self.derive("header", salt: [UInt8]())
    writer.append(raw: HMAC<SHA256>.authenticationCode(for: writer.bytes, using: key))
    return writer.bytes
  }

  func record(_ kind: UInt8, _ index: UInt8, _ plaintext: [UInt8]) throws -> [UInt8] {
    let nonce = [UInt8](repeating: 0, count: 10) + [index, kind]
    let box = try AES.GCM.seal(
      plaintext, using: Self.derive("payload", salt: Self.salt), nonce: .init(data: nonce))
    let count = plaintext.count
    let frame = [kind, UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255)]
    return frame + Array(box.ciphertext) + Array(box.tag)
  }

  func manifest(header: [UInt8]) throws -> [UInt8] {
    var all = members
    let length = contentLength ?? UInt64(content.count)
    func add(_ tag: UInt16, _ value: [UInt8]) {
      if !all.contains(where: { $0.tag == tag }) { all.append((tag, value)) }
    }
    add(4, Array(try TestKeys.signingKey().publicKey.rawRepresentation))
    if postQuantum {
      add(5, Array(try TestKeys.postQuantumSigningKey().publicKey.rawRepresentation))
    }
    var writer = ByteWriter()
    writer.append(length)
    add(11, writer.bytes)
    add(12, contentDigest ?? naiveTreeHash(content))
    add(14, headerDigest ?? Array(SHA256.hash(data: header)))
    var output = ByteWriter()
    for (tag, value) in all.sorted(by: { $0.tag < $1.tag }) {
      output.append(tag)
      output.append(UInt16(value.count))
      output.append(raw: value)
    }
    return manifestEdit(output.bytes)
  }

  func signed(header: [UInt8]) throws -> [UInt8] {
    let manifest = try manifest(header: header)
    let message = Self.label("manifest") + manifest
    var writer = ByteWriter()
    writer.append(prefixed: manifest)
    writer.append(raw: try TestKeys.signingKey().signature(for: message))
    if postQuantum {
      writer.append(raw: try TestKeys.postQuantumSigningKey().signature(for: message))
    }
    return signedEdit(writer.bytes)
  }

  /// A document of one chunk.
  func file() throws -> [UInt8] {
    let header = try header()
    return try header + record(1, 0, content) + record(2, 1, signed(header: header)) + tail
  }

  static func proof(_ text: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(raw: Array("SECPROOF".utf8))
    writer.append(prefixed: text)
    return writer.bytes + Array(SHA256.hash(data: writer.bytes))
  }
}

/// RFC 6962 section 2.1, word for word.
func naiveTreeHash(_ content: [UInt8]) -> [UInt8] {
  func hash(_ leaves: ArraySlice<ArraySlice<UInt8>>) -> [UInt8] {
    if leaves.isEmpty { return Array(SHA256.hash(data: [UInt8]())) }
    if leaves.count == 1 { return Array(SHA256.hash(data: [0] + leaves[leaves.startIndex])) }
    var split = 1
    while split * 2 < leaves.count { split *= 2 }
    return Array(
      SHA256.hash(data: [1] + hash(leaves.prefix(split)) + hash(leaves.dropFirst(split))))
  }
  let leaves = stride(from: 0, to: content.count, by: 65_536).map {
    content[$0..<min($0 + 65_536, content.count)]
  }
  return hash(leaves[...])
}
