public import Crypto
public import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The two public keys that make a node what it is, and its name: their hash.
public struct NodePublicKeys: Sendable {
  /// Ed25519, 32 bytes: what the node says.
  public let signing: Curve25519.Signing.PublicKey
  /// X-Wing (ML-KEM-768 with X25519), 1,216 bytes: what the node may read.
  public let sealing: XWingMLKEM768X25519.PublicKey
  /// SHA-256 over the canonical form of both (docs/format/identity.md, "The name of a node").
  public let node: NodeID

  /// Length of the signing key in bytes.
  public static let signingKeyLength = 32
  /// Length of the sealing key in bytes.
  public static let sealingKeyLength = 1216
  /// Length of a signature in bytes.
  public static let signatureLength = 64

  /// Reads both keys as raw bytes.
  ///
  /// - Throws: `malformed` for a wrong length, a key that is none, or a signing key of small order,
  ///   under which a signature would hold for any text.
  public init(signing: [UInt8], sealing: [UInt8]) throws {
    guard signing.count == Self.signingKeyLength, sealing.count == Self.sealingKeyLength,
      !SmallOrderPoints.contains(signing),
      let signingKey = try? Curve25519.Signing.PublicKey(rawRepresentation: signing),
      let sealingKey = try? XWingMLKEM768X25519.PublicKey(rawRepresentation: sealing)
    else { throw PeerChartError(.malformed, "a public key of a node is not valid") }
    var writer = ByteWriter()
    writer.append(raw: "peerchart-node-v1\n".utf8)
    writer.append(raw: signing)
    writer.append(raw: sealing)
    guard let node = NodeID(bytes: Array(SHA256.hash(data: writer.bytes))) else {
      throw PeerChartError(.malformed, "a public key of a node is not valid")
    }
    self.signing = signingKey
    self.sealing = sealingKey
    self.node = node
  }

  /// The signing key as raw bytes.
  public var signingBytes: [UInt8] { Array(signing.rawRepresentation) }
  /// The sealing key as raw bytes.
  public var sealingBytes: [UInt8] { Array(sealing.rawRepresentation) }

  /// Whether the node signed `message`.
  public func verifies(_ signature: [UInt8], for message: [UInt8]) -> Bool {
    signature.count == Self.signatureLength && signing.isValidSignature(signature, for: message)
  }
}

extension NodePublicKeys: Equatable {
  /// The name is a hash of both keys, so it decides.
  public static func == (a: Self, b: Self) -> Bool { a.node == b.node }
}

/// The encodings of the points of small order on edwards25519, the sign bit left out.
///
/// Ed25519 verification (RFC 8032) lets such a key through: its owner could sign nothing and
/// everything.
enum SmallOrderPoints {
  static func contains(_ key: [UInt8]) -> Bool {
    guard key.count == 32 else { return false }
    var unsigned = key
    unsigned[31] &= 0x7F
    return encodings.contains(unsigned)
  }

  /// y = 0, 1, the two of order 8, −1, and the ways to write 0 and 1 beyond the prime.
  private static let encodings: Set<[UInt8]> = Set(
    [
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ].compactMap { Hex.decode($0) })
}
