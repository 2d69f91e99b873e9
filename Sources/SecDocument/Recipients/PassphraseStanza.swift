import CArgon2
import Crypto
import Primitives

/// A file key sealed under a passphrase.
///
///     salt(16) memory in KiB(4) passes(4) lanes(1) ciphertext(32) tag(16)
///
/// AES-256-GCM with a zero nonce (the key is used once) and all before the ciphertext as
/// additional data.
struct PassphraseStanza {
  static let parameterSize = SecFormat.saltSize + 9
  static let size = parameterSize + SecFormat.wrappedKeySize
  static let passphraseLimit = 1024

  private let bytes: [UInt8]
  private let salt: [UInt8]
  let cost: PassphraseCost

  /// Throws `sec-passphrase-cost` when the parameters are out of bounds.
  init(bytes: [UInt8]) throws {
    var reader = ByteReader(bytes)
    salt = try reader.read(count: SecFormat.saltSize)
    cost = try PassphraseCost(
      memoryKiB: reader.read(), passes: reader.read(), lanes: reader.read())
    self.bytes = bytes
  }

  static func wrap(
    _ fileKey: FileKey, passphrase: Redacted<[UInt8]>, cost: PassphraseCost,
    random: some RandomSource
  ) throws -> [UInt8] {
    guard (1...passphraseLimit).contains(passphrase.exposed.count) else {
      throw PeerChartError(.secRecipients, "a passphrase has 1 to 1,024 bytes")
    }
    let salt = random.bytes(SecFormat.saltSize)
    var writer = ByteWriter()
    writer.append(raw: salt)
    writer.append(cost.memoryKiB)
    writer.append(cost.passes)
    writer.append(cost.lanes)
    let box = try fileKey.key.withUnsafeBytes {
      try AES.GCM.seal(
        $0, using: key(passphrase, salt: salt, cost: cost), nonce: zeroNonce(),
        authenticating: writer.bytes)
    }
    return writer.bytes + Array(box.ciphertext) + Array(box.tag)
  }

  /// The file key, or nil when the passphrase is not the right one.
  func unwrap(passphrase: Redacted<[UInt8]>) throws -> FileKey? {
    guard (1...Self.passphraseLimit).contains(passphrase.exposed.count) else { return nil }
    let key = try Self.key(passphrase, salt: salt, cost: cost)
    let box = try AES.GCM.SealedBox(
      nonce: Self.zeroNonce(),
      ciphertext: bytes[Self.parameterSize..<Self.parameterSize + SecFormat.fileKeySize],
      tag: bytes.suffix(SecFormat.tagSize))
    let opened = try? AES.GCM.open(
      box, using: key, authenticating: bytes.prefix(Self.parameterSize))
    return opened.flatMap { FileKey(bytes: $0) }
  }

  private static func zeroNonce() throws -> AES.GCM.Nonce {
    try AES.GCM.Nonce(data: [UInt8](repeating: 0, count: 12))
  }

  private static func key(
    _ passphrase: Redacted<[UInt8]>, salt: [UInt8], cost: PassphraseCost
  ) throws -> SymmetricKey {
    var output = [UInt8](repeating: 0, count: 32)
    let status = argon2id_hash_raw(
      cost.passes, cost.memoryKiB, UInt32(cost.lanes), passphrase.exposed, passphrase.exposed.count,
      salt, salt.count, &output, output.count)
    guard status == ARGON2_OK.rawValue else {
      throw PeerChartError(
        .notSupported, "the passphrase could not be hashed: too little memory or threads")
    }
    return SymmetricKey(data: output)
  }
}
