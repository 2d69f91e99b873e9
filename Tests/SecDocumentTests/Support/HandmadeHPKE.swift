import Crypto
import Foundation
import Primitives

/// HPKE (RFC 9180, X25519, base mode) from its primitives, so that a test chooses the point.
enum HandmadeHPKE {
  static func seal(
    _ plaintext: [UInt8], to publicKey: [UInt8], encapsulated: [UInt8], sharedPoint: [UInt8]
  ) throws -> [UInt8] {
    let kem = Array("KEM".utf8) + [0x00, 0x20]
    let suite = Array("HPKE".utf8) + [0x00, 0x20, 0x00, 0x01, 0x00, 0x02]
    let sharedSecret = expand(
      kem, extract(kem, [], "eae_prk", sharedPoint), "shared_secret", encapsulated + publicKey, 32)
    let context =
      [0] + extract(suite, [], "psk_id_hash", [])
      + extract(suite, [], "info_hash", SecForge.label("x25519"))
    let secret = extract(suite, sharedSecret, "secret", [])
    let box = try AES.GCM.seal(
      plaintext, using: SymmetricKey(data: expand(suite, secret, "key", context, 32)),
      nonce: .init(data: expand(suite, secret, "base_nonce", context, 12)))
    return encapsulated + Array(box.ciphertext) + Array(box.tag)
  }

  private static func extract(
    _ suite: [UInt8], _ salt: [UInt8], _ label: String, _ input: [UInt8]
  ) -> [UInt8] {
    let labeled = Array("HPKE-v1".utf8) + suite + Array(label.utf8) + input
    return Array(
      HKDF<SHA256>.extract(inputKeyMaterial: SymmetricKey(data: labeled), salt: salt))
  }

  private static func expand(
    _ suite: [UInt8], _ key: [UInt8], _ label: String, _ info: [UInt8], _ length: UInt16
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(length)
    writer.append(raw: Array("HPKE-v1".utf8) + suite + Array(label.utf8) + info)
    return HKDF<SHA256>.expand(
      pseudoRandomKey: key, info: writer.bytes, outputByteCount: Int(length)
    ).withUnsafeBytes { Array($0) }
  }
}
