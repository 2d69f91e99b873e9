public import Crypto
public import Primitives

/// The keys with which a node signs documents.
public struct SecSigner: Sendable {
  /// The node that issues.
  public let issuer: NodeID
  let key: Curve25519.Signing.PrivateKey
  let postQuantumKey: MLDSA65.PrivateKey?

  /// With a post-quantum key, documents carry both signatures and readers require both.
  public init(
    issuer: NodeID, key: Curve25519.Signing.PrivateKey, postQuantumKey: MLDSA65.PrivateKey? = nil
  ) {
    self.issuer = issuer
    self.key = key
    self.postQuantumKey = postQuantumKey
  }

  /// Signs a manifest that names this signer's keys.
  func sign(_ manifest: SecManifest) throws -> SignedManifest {
    let encoded = try manifest.encoded()
    let message = SignedManifest.message(encoded)
    var writer = ByteWriter()
    writer.append(prefixed: encoded)
    writer.append(raw: try key.signature(for: message))
    if let postQuantumKey { writer.append(raw: try postQuantumKey.signature(for: message)) }
    return try SignedManifest(bytes: writer.bytes)
  }
}
