import Crypto
public import Primitives

/// Nonces for DPoP proofs (RFC 9449 section 8) that nobody has to remember: a keyed hash of the minute,
/// the same on every instance of the node.
public struct DPoPNonces: Sendable {
  /// How long a nonce is handed out, in seconds; it is good for as long again.
  public static let period: Int64 = 120

  private let key: SymmetricKey

  /// - Parameter key: 32 random bytes that the instances share.
  public init(key: Redacted<[UInt8]>) { self.key = SymmetricKey(data: key.exposed) }

  /// The nonce to send.
  public func current(at now: Instant) -> String { nonce(now.epochSeconds / Self.period) }

  /// The nonces that a proof may carry now.
  public func accepted(at now: Instant) -> [String] {
    let slot = now.epochSeconds / Self.period
    return [nonce(slot), nonce(slot &- 1)]
  }

  private func nonce(_ slot: Int64) -> String {
    var writer = ByteWriter()
    writer.append(prefixed: "peerchart-dpop-nonce-v1")
    writer.append(slot)
    let code = HMAC<SHA256>.authenticationCode(for: writer.bytes, using: key)
    return Base64URL.encode(Array(code).prefix(16))
  }
}
