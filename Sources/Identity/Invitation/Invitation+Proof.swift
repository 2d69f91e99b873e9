import Crypto
public import Primitives

extension Invitation {
  /// By what the guest names the invitation, and the host finds it, without showing the secret:
  /// 16 bytes of SHA-256.
  public var identifier: [UInt8] {
    let input = Array("peerchart-invitation-id-v1\n".utf8) + secret.exposed
    return Array(SHA256.hash(data: input).prefix(16))
  }

  /// What shows that `guest` holds the invitation: HMAC-SHA-256 under its secret over both names and
  /// the connection at hand. A proof seen by somebody else is of no use to them.
  ///
  /// - Parameter binding: what ties the proof to the exchange, such as a digest of the guest's
  ///   statement or the TLS exporter.
  public func proof(guest: NodeID, binding: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(raw: "peerchart-pairing-v1\n".utf8)
    writer.append(raw: node.bytes)
    writer.append(raw: guest.bytes)
    writer.append(prefixed: binding)
    let key = SymmetricKey(data: secret.exposed)
    return Array(HMAC<SHA256>.authenticationCode(for: writer.bytes, using: key))
  }

  /// Whether `proof` is the guest's, compared in constant time. The host also asks whether the
  /// invitation has ended or was used.
  public func accepts(_ proof: [UInt8], guest: NodeID, binding: [UInt8]) -> Bool {
    constantTimeEqual(proof, self.proof(guest: guest, binding: binding))
  }
}
