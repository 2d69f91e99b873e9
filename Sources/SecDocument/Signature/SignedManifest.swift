import Crypto
import Primitives

/// A manifest whose signatures verify. It stands on its own: kept beside the opened content, it
/// proves later who issued that content, without the `.sec` file and without its keys.
///
///     length(4) manifest  Ed25519 signature(64)  [ML-DSA-65 signature(3309)]
public struct SignedManifest: Sendable {
  /// A signature scheme.
  public enum Algorithm: String, Sendable {
    case ed25519 = "Ed25519"
    case mlDSA65 = "ML-DSA-65"
  }

  private static let ed25519Size = 64
  private static let mlDSA65Size = 3309

  /// The byte form.
  public let bytes: [UInt8]
  /// What was signed.
  public let manifest: SecManifest
  /// The name under which the document is logged, anchored and replaced.
  public let digest: DocumentDigest

  /// Which signatures were verified: all that the manifest demands.
  public var algorithms: [Algorithm] {
    manifest.postQuantumSigningKey == nil ? [.ed25519] : [.ed25519, .mlDSA65]
  }

  /// Parses and verifies. Throws `sec-manifest` and `sec-signature`.
  ///
  /// Not checked: that the signing key is the issuer's, and that a content fits; see
  /// `SecManifest.contentDigest`.
  public init(bytes: [UInt8]) throws {
    var reader = ByteReader(bytes)
    let encoded: [UInt8]
    do { encoded = try reader.readPrefixed(limit: SecFormat.signedManifestLimit) } catch {
      throw PeerChartError(.secManifest, "the signed manifest ends early", cause: error)
    }
    let manifest = try SecManifest(encoded: encoded)
    let hasSecond = manifest.postQuantumSigningKey != nil
    guard reader.remaining == Self.ed25519Size + (hasSecond ? Self.mlDSA65Size : 0) else {
      throw PeerChartError(.secSignature, "the signatures are not the ones the manifest demands")
    }
    let message = Self.message(encoded)
    let first = try reader.read(count: Self.ed25519Size)
    guard
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: manifest.signingKey),
      key.isValidSignature(first, for: message)
    else { throw PeerChartError(.secSignature, "the Ed25519 signature does not verify") }
    if let postQuantumKey = manifest.postQuantumSigningKey {
      let second = try reader.read(count: Self.mlDSA65Size)
      guard let key = try? MLDSA65.PublicKey(rawRepresentation: postQuantumKey),
        key.isValidSignature(second, for: message)
      else { throw PeerChartError(.secSignature, "the ML-DSA-65 signature does not verify") }
    }
    self.bytes = bytes
    self.manifest = manifest
    digest = DocumentDigest(signedMessage: message)
  }

  /// What is signed: a label that nothing else signed by a node starts with, then the manifest.
  static func message(_ encodedManifest: [UInt8]) -> [UInt8] {
    SecFormat.label("manifest") + encodedManifest
  }
}
