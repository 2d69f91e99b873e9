import Crypto
public import Primitives
public import TransparencyLog

/// An audit event as it is logged: with a random salt, so that its hash in the log tells nothing to
/// those who would guess the event.
///
/// What is sealed and stored is `plaintext`; what the log's Merkle tree holds is `leafHash`. Whoever
/// is given salt and event can compute the leaf and check its inclusion (docs/format/audit-entry.md).
public struct AuditEntry: Equatable, Sendable {
  /// The bytes of a salt.
  public static let saltLength = 32

  public let salt: [UInt8]
  public let event: AuditEvent
  /// The canonical bytes of `event`.
  public let eventBytes: [UInt8]

  /// Salts an event. Throws `invalid` or `tooLarge` where the event breaks `AuditLimits`.
  public init(_ event: AuditEvent, random: some RandomSource) throws(PeerChartError) {
    self.event = event
    eventBytes = try event.canonicalBytes()
    salt = random.bytes(Self.saltLength)
  }

  /// Takes an opened entry apart; strict. Throws `malformed`, `tooLarge` or `unsupportedVersion`.
  public init(plaintext: [UInt8]) throws(PeerChartError) {
    guard plaintext.count > Self.saltLength else {
      throw PeerChartError(.malformed, "an audit entry ends early")
    }
    salt = Array(plaintext.prefix(Self.saltLength))
    eventBytes = Array(plaintext.dropFirst(Self.saltLength))
    event = try AuditEvent(canonicalBytes: eventBytes)
  }

  /// Salt ‖ event bytes.
  public var plaintext: [UInt8] { salt + eventBytes }

  /// The data of the log's leaf: SHA-256(domain ‖ salt ‖ event bytes).
  public var commitment: Hash { Self.commitment(toPlaintext: plaintext) }

  /// The hash in the log's Merkle tree: SHA-256(0x00 ‖ commitment).
  public var leafHash: Hash { Hash.leaf(commitment) }

  /// The commitment to salt ‖ event bytes, whatever the event bytes are.
  public static func commitment(toPlaintext plaintext: [UInt8]) -> Hash {
    var hasher = SHA256()
    hasher.update(data: domain)
    hasher.update(data: plaintext)
    return Hash(hasher.finalize())
  }

  /// Keeps commitments apart from every other use of SHA-256.
  private static let domain = Array("peerchart audit entry v1\n".utf8)
}
