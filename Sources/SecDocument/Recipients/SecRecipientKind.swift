/// How the readers of a document hold its key. A document has readers of one kind only.
public enum SecRecipientKind: UInt8, Sendable, CaseIterable {
  /// HPKE with X-Wing (ML-KEM-768 and X25519): safe against a quantum computer.
  case xwing = 1
  /// HPKE with X25519 alone.
  case x25519 = 2
  /// A passphrase through Argon2id.
  case passphrase = 3

  /// How many stanzas a header may have. Who knows a passphrase could forge for all who know it,
  /// and each costs seconds to try, so it stands alone.
  var recipientLimit: Int { self == .passphrase ? 1 : SecFormat.recipientLimit }

  /// Bytes of one stanza.
  var stanzaSize: Int {
    switch self {
    case .xwing: 1120 + SecFormat.wrappedKeySize
    case .x25519: 32 + SecFormat.wrappedKeySize
    case .passphrase: PassphraseStanza.size
    }
  }
}
