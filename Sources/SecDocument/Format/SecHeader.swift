import Crypto
import Primitives

/// The header: everything before the first record. There is one byte form for each header.
///
///     magic(8) version(2) kind(1) count(2) stanza × count  salt(16) mac(32)
///
/// One kind byte serves all stanzas, so a file that mixes post-quantum and classical recipients
/// cannot be written down.
struct SecHeader: Sendable {
  let kind: SecRecipientKind
  let stanzas: [[UInt8]]
  let salt: [UInt8]
  /// The whole header, its MAC included.
  let bytes: [UInt8]

  /// Builds a header and binds it to `fileKey`.
  init(kind: SecRecipientKind, stanzas: [[UInt8]], salt: [UInt8], fileKey: FileKey) {
    var writer = ByteWriter()
    writer.append(raw: SecFormat.magic)
    writer.append(SecFormat.version)
    writer.append(kind.rawValue)
    writer.append(UInt16(truncatingIfNeeded: stanzas.count))
    for stanza in stanzas { writer.append(raw: stanza) }
    writer.append(raw: salt)
    let mac = HMAC<SHA256>.authenticationCode(for: writer.bytes, using: fileKey.headerKey)
    writer.append(raw: mac)
    self.kind = kind
    self.stanzas = stanzas
    self.salt = salt
    bytes = writer.bytes
  }

  /// Reads a header without checking its MAC.
  ///
  /// Throws `sec-bad-magic`, `sec-version`, `sec-header`, `sec-passphrase-cost`, `sec-truncated`.
  init<Source>(from input: inout StreamInput<Source>) throws {
    let magic = try input.read(upTo: SecFormat.magic.count)
    guard SecFormat.magic.starts(with: magic) else {
      throw PeerChartError(.secBadMagic, "this is not a .sec document", place: "byte 0")
    }
    guard magic.count == SecFormat.magic.count else { throw input.truncated() }
    let rest = try input.read(exactly: SecFormat.prefixSize - magic.count)
    var reader = ByteReader(rest)
    guard try reader.read(UInt16.self) == SecFormat.version else {
      throw PeerChartError(.secVersion, "the document has an unknown version", place: "byte 8")
    }
    guard let kind = SecRecipientKind(rawValue: try reader.read()) else {
      throw PeerChartError(.secHeader, "the recipient kind is unknown", place: "byte 10")
    }
    let count = Int(try reader.read(UInt16.self))
    guard (1...kind.recipientLimit).contains(count) else {
      throw PeerChartError(.secHeader, "the recipient count is out of range", place: "byte 11")
    }
    let body = try input.read(exactly: count * kind.stanzaSize)
    let stanzas = stride(from: 0, to: body.count, by: kind.stanzaSize).map {
      Array(body[$0..<$0 + kind.stanzaSize])
    }
    if kind == .passphrase {
      for stanza in stanzas { _ = try PassphraseStanza(bytes: stanza) }
    }
    let end = try input.read(exactly: SecFormat.saltSize + SecFormat.macSize)
    self.kind = kind
    self.stanzas = stanzas
    salt = Array(end.prefix(SecFormat.saltSize))
    bytes = magic + rest + body + end
  }

  /// Finds the file key and checks the MAC over every header byte before it.
  ///
  /// Throws `sec-no-recipient` and `sec-header-mac`.
  func fileKey(for identities: [SecIdentity]) throws -> FileKey {
    for identity in identities where identity.kind == kind {
      for stanza in stanzas {
        guard let fileKey = try identity.unwrap(stanza) else { continue }
        guard
          HMAC<SHA256>.isValidAuthenticationCode(
            bytes.suffix(SecFormat.macSize), authenticating: bytes.dropLast(SecFormat.macSize),
            using: fileKey.headerKey)
        else { throw PeerChartError(.secHeaderMAC, "the header was changed after sealing") }
        return fileKey
      }
    }
    throw PeerChartError(.secNoRecipient, "none of the given keys opens this document")
  }

  /// What the manifest names to bind its signature to these recipients and this file key.
  var digest: [UInt8] { Array(SHA256.hash(data: bytes)) }
}
