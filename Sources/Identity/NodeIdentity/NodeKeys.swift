public import Crypto
public import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A node's private keys: signing and sealing, and the P-256 pair that TLS wants.
public struct NodeKeys: Sendable {
  /// Ed25519: signs statements, messages, documents, checkpoints.
  public let signing: Curve25519.Signing.PrivateKey
  /// X-Wing: opens what was sealed to the node.
  public let sealing: XWingMLKEM768X25519.PrivateKey
  /// P-256: the local authority, which signs the certificates of the node's own keys and nothing else.
  public let authority: P256.Signing.PrivateKey
  /// P-256: the TLS certificate's key; it stays when the certificate is renewed.
  public let leaf: P256.Signing.PrivateKey
  /// The public halves and the node's name.
  public let publicKeys: NodePublicKeys

  /// The node's name.
  public var node: NodeID { publicKeys.node }

  /// Makes the keys of a new node.
  ///
  /// - Throws: `invalid` when `random` gives nothing that a key can be made of.
  public init(random: any RandomSource) throws {
    try self.init(
      signing: random.bytes(32), sealing: random.bytes(32),
      authority: Self.scalar(random), leaf: Self.scalar(random))
  }

  init(
    signing: [UInt8], sealing: [UInt8], authority: [UInt8], leaf: [UInt8]
  ) throws {
    do {
      self.signing = try Curve25519.Signing.PrivateKey(rawRepresentation: signing)
      self.sealing = try XWingMLKEM768X25519.PrivateKey(
        seedRepresentation: sealing, publicKey: nil)
      self.authority = try P256.Signing.PrivateKey(rawRepresentation: authority)
      self.leaf = try P256.Signing.PrivateKey(rawRepresentation: leaf)
    } catch {
      // The cause is left out: it was thrown while handling private keys.
      throw PeerChartError(.malformed, "a private key of the node is not valid")
    }
    publicKeys = try NodePublicKeys(
      signing: Array(self.signing.publicKey.rawRepresentation),
      sealing: Array(self.sealing.publicKey.rawRepresentation))
  }

  /// A P-256 scalar in range: a random one is out of range once in 2³².
  private static func scalar(_ random: any RandomSource) throws -> [UInt8] {
    for _ in 0..<16 {
      let bytes = random.bytes(32)
      if (try? P256.Signing.PrivateKey(rawRepresentation: bytes)) != nil { return bytes }
    }
    throw PeerChartError(.invalid, "the random source gives no usable private key")
  }

  /// Signs with the node's Ed25519 key.
  ///
  /// - Returns: 64 bytes (RFC 8032).
  public func sign(_ message: [UInt8]) throws -> [UInt8] {
    Array(try signing.signature(for: message))
  }

  /// The TLS key as PKCS #8 in PEM, for the TLS library.
  public var leafKeyPEM: Redacted<String> { Redacted(leaf.pemRepresentation) }
}

extension NodeKeys: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The node's name, never a key.
  public var description: String { "keys of \(node.fingerprint)" }
  /// The node's name, never a key.
  public var debugDescription: String { description }
  /// A mirror without children, so that `dump` shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
