import Crypto
import FoundationEssentials
import Primitives

/// A file key sealed by HPKE (RFC 9180, base mode, one message): `enc ‖ ciphertext ‖ tag`.
///
/// Nothing in it names the reader: who only holds the file does not learn for whom it is.
enum HPKEStanza {
  private static let xwing = HPKE.Ciphersuite.XWingMLKEM768X25519_SHA256_AES_GCM_256
  private static let x25519 = HPKE.Ciphersuite(
    kem: .Curve25519_HKDF_SHA256, kdf: .HKDF_SHA256, aead: .AES_GCM_256)
  private static let xwingInfo = Data(SecFormat.label("xwing"))
  private static let x25519Info = Data(SecFormat.label("x25519"))

  static func wrapXWing(_ fileKey: FileKey, for publicKey: [UInt8]) throws -> [UInt8] {
    try reportingBadKey {
      let key = try XWingMLKEM768X25519.PublicKey(rawRepresentation: publicKey)
      var sender = try HPKE.Sender(recipientKey: key, ciphersuite: xwing, info: xwingInfo)
      return try wrap(fileKey, with: &sender)
    }
  }

  static func wrapX25519(_ fileKey: FileKey, for publicKey: [UInt8]) throws -> [UInt8] {
    try reportingBadKey {
      let key = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKey)
      guard try contributes(key, to: Curve25519.KeyAgreement.PrivateKey()) else {
        throw PeerChartError(.secRecipients, "the public key is a point of small order")
      }
      var sender = try HPKE.Sender(recipientKey: key, ciphersuite: x25519, info: x25519Info)
      return try wrap(fileKey, with: &sender)
    }
  }

  static func unwrap(_ stanza: [UInt8], with key: XWingMLKEM768X25519.PrivateKey) -> FileKey? {
    var recipient = try? HPKE.Recipient(
      privateKey: key, ciphersuite: xwing, info: xwingInfo, encapsulatedKey: encapsulated(stanza))
    return unwrap(stanza, with: &recipient)
  }

  static func unwrap(_ stanza: [UInt8], with key: Curve25519.KeyAgreement.PrivateKey) -> FileKey? {
    let encapsulated = encapsulated(stanza)
    var recipient = try? HPKE.Recipient(
      privateKey: key, ciphersuite: x25519, info: x25519Info, encapsulatedKey: encapsulated)
    guard let fileKey = unwrap(stanza, with: &recipient),
      let ephemeral = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: encapsulated),
      (try? contributes(ephemeral, to: key)) == true
    else { return nil }
    return fileKey
  }

  /// RFC 9180 section 7.1.4: an all-zero shared secret is refused, since everybody knows it. The
  /// library leaves this check to its callers.
  private static func contributes(
    _ publicKey: Curve25519.KeyAgreement.PublicKey, to key: Curve25519.KeyAgreement.PrivateKey
  ) throws -> Bool {
    try key.sharedSecretFromKeyAgreement(with: publicKey).withUnsafeBytes { secret in
      !constantTimeEqual(secret, [UInt8](repeating: 0, count: secret.count))
    }
  }

  private static func encapsulated(_ stanza: [UInt8]) -> Data {
    Data(stanza.dropLast(SecFormat.wrappedKeySize))
  }

  private static func wrap(_ fileKey: FileKey, with sender: inout HPKE.Sender) throws -> [UInt8] {
    let wrapped = try fileKey.key.withUnsafeBytes { try sender.seal(Data($0)) }
    return Array(sender.encapsulatedKey) + Array(wrapped)
  }

  private static func unwrap(_ stanza: [UInt8], with recipient: inout HPKE.Recipient?) -> FileKey? {
    (try? recipient?.open(stanza.suffix(SecFormat.wrappedKeySize))).flatMap { FileKey(bytes: $0) }
  }

  private static func reportingBadKey(_ body: () throws -> [UInt8]) throws -> [UInt8] {
    do { return try body() } catch {
      throw PeerChartError(.secRecipients, "a recipient's public key is unusable", cause: error)
    }
  }
}
