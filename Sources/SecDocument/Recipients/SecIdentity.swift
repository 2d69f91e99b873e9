public import Crypto
public import Primitives

/// The private counterpart of a `SecRecipient`.
public enum SecIdentity: Sendable {
  /// The key that opens what was sealed to an X-Wing public key.
  case xwing(XWingMLKEM768X25519.PrivateKey)
  /// The key that opens what was sealed to an X25519 public key.
  case x25519(Curve25519.KeyAgreement.PrivateKey)
  /// A passphrase. Opening costs what the document says, at most 1 GiB of memory.
  case passphrase(Redacted<[UInt8]>)

  /// Which documents this identity can open.
  public var kind: SecRecipientKind {
    switch self {
    case .xwing: .xwing
    case .x25519: .x25519
    case .passphrase: .passphrase
    }
  }

  /// The file key, or nil when the stanza is for somebody else.
  func unwrap(_ stanza: [UInt8]) throws -> FileKey? {
    switch self {
    case .xwing(let key): HPKEStanza.unwrap(stanza, with: key)
    case .x25519(let key): HPKEStanza.unwrap(stanza, with: key)
    case .passphrase(let passphrase):
      try PassphraseStanza(bytes: stanza).unwrap(passphrase: passphrase)
    }
  }
}
