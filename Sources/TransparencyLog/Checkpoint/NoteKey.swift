import Crypto
import Primitives

/// What identifies a key in a signed note (C2SP signed-note).
public enum NoteKey {
  /// The longest key name that we write or read, in bytes of UTF-8.
  public static let maximumNameLength = 256

  /// The type byte of Ed25519 signatures over the note's text.
  public static let ed25519: UInt8 = 0x01
  /// The type byte of timestamped Ed25519 cosignatures (C2SP tlog-cosignature).
  public static let cosignature: UInt8 = 0x04

  /// Whether a text can name a key: not empty, no Unicode space, no plus, no control character.
  public static func isValid(name: some StringProtocol) -> Bool {
    (1...maximumNameLength).contains(name.utf8.count)
      && name.unicodeScalars.allSatisfy {
        !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20
      }
  }

  /// The key id: the first four bytes, big-endian, of SHA-256(name ‖ 0x0A ‖ type ‖ public key).
  public static func id(name: String, type: UInt8, publicKey: [UInt8]) -> UInt32 {
    let digest = SHA256.hash(data: Array(name.utf8) + [0x0A, type] + publicKey)
    return digest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The text form of a verifier key: `name+key id in hex+base64(type ‖ public key)`.
  static func text(name: String, type: UInt8, publicKey: [UInt8]) -> String {
    let id = withUnsafeBytes(of: id(name: name, type: type, publicKey: publicKey).bigEndian) {
      Array($0)
    }
    return "\(name)+\(Hex.encode(id))+\(Base64.encode([type] + publicKey))"
  }

  /// Reads that form; nil unless writing it again gives the same bytes.
  static func parse(
    _ text: some StringProtocol, type: UInt8
  ) -> (name: String, publicKey: Curve25519.Signing.PublicKey)? {
    let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, text.utf8.count <= 512, isValid(name: parts[0]),
      let bytes = Base64.decode(parts[2]), bytes.first == type,
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes.dropFirst()),
      Self.text(name: String(parts[0]), type: type, publicKey: Array(bytes.dropFirst()))
        .utf8.elementsEqual(text.utf8)
    else { return nil }
    return (String(parts[0]), key)
  }
}
