import Crypto

/// What identifies a key in a signed note (C2SP signed-note).
public enum NoteKey {
  /// The longest key name that we write or read, in bytes of UTF-8.
  public static let maximumNameLength = 256

  /// The type byte of Ed25519 signatures over the note's text.
  public static let ed25519: UInt8 = 0x01

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
}
