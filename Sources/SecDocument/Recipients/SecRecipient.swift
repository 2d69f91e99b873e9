public import Primitives

/// Somebody a document is sealed to.
public enum SecRecipient: Sendable {
  /// An X-Wing public key of 1,216 bytes. The default choice.
  case xwing(publicKey: [UInt8])
  /// An X25519 public key of 32 bytes, for readers without X-Wing.
  case x25519(publicKey: [UInt8])
  /// A passphrase of 1 to 1,024 bytes; text typed by a person should be UTF-8 in Unicode NFC.
  case passphrase(Redacted<[UInt8]>, cost: PassphraseCost = .standard)

  /// What the header calls this kind of reader.
  public var kind: SecRecipientKind {
    switch self {
    case .xwing: .xwing
    case .x25519: .x25519
    case .passphrase: .passphrase
    }
  }

  func wrap(_ fileKey: FileKey, random: some RandomSource) throws -> [UInt8] {
    switch self {
    case .xwing(let publicKey): try HPKEStanza.wrapXWing(fileKey, for: publicKey)
    case .x25519(let publicKey): try HPKEStanza.wrapX25519(fileKey, for: publicKey)
    case .passphrase(let passphrase, let cost):
      try PassphraseStanza.wrap(fileKey, passphrase: passphrase, cost: cost, random: random)
    }
  }
}

extension SecHeader {
  /// Seals a fresh file key to all recipients. Throws `sec-recipients`, `sec-passphrase-cost`.
  static func make(
    for recipients: [SecRecipient], random: some RandomSource
  ) throws -> (header: SecHeader, fileKey: FileKey) {
    guard let kind = recipients.first?.kind else {
      throw PeerChartError(.secRecipients, "a document needs at least one recipient")
    }
    guard recipients.allSatisfy({ $0.kind == kind }) else {
      throw PeerChartError(
        .secRecipients, "post-quantum, classical and passphrase recipients are never mixed")
    }
    guard recipients.count <= kind.recipientLimit else {
      throw PeerChartError(
        .secRecipients, "there are more than \(kind.recipientLimit) recipients of this kind")
    }
    let fileKey = FileKey(random: random)
    let stanzas = try recipients.map { try $0.wrap(fileKey, random: random) }
    let header = SecHeader(
      kind: kind, stanzas: stanzas, salt: random.bytes(SecFormat.saltSize), fileKey: fileKey)
    return (header, fileKey)
  }
}
