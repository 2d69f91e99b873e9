import Crypto
import FuzzDriver
import Primitives
import SecDocument

/// `.sec` documents as they come from strangers; the first byte chooses what is read.
///
/// Seeds that reach far are the decoded files of Tests/Vectors/sec behind such a byte.
@main enum SecFuzz {
  /// The reader `x25519-alice` of Tests/Vectors/sec.
  private static let key = try? Curve25519.KeyAgreement.PrivateKey(
    rawRepresentation: Array(SHA256.hash(data: Array("peerchart sec test key alice".utf8))))

  static func main() {
    FuzzDriver.run { input in
      guard let choice = input.first, let key else { return }
      let bytes = Array(input.dropFirst())
      switch choice % 4 {
      case 0: openDocument(bytes, key)
      case 1:
        if let signed = try? SignedManifest(bytes: bytes) { precondition(signed.bytes == bytes) }
      default: changeProof(bytes)
      }
    }
  }

  /// What opens with a key also passes without one, and is of the same length.
  private static func openDocument(
    _ bytes: [UInt8], _ key: Curve25519.KeyAgreement.PrivateKey
  ) {
    guard let (content, document) = try? SecReader.open(bytes, with: [.x25519(key)]) else { return }
    let summary = try? SecFile.inspect(SecBytesSource(bytes))
    precondition(summary?.contentLength == UInt64(content.count))
    precondition(summary?.proof == document.proof)
  }

  /// A proof section goes and comes back to the bit.
  private static func changeProof(_ bytes: [UInt8]) {
    guard let summary = try? SecFile.inspect(SecBytesSource(bytes)) else { return }
    let bare = try? SecFile.replacingProof(of: bytes, by: nil)
    precondition(bare == Array(bytes.prefix(Int(summary.sealedLength))))
    let again = bare.flatMap { try? SecFile.replacingProof(of: $0, by: summary.proof) }
    precondition(again == bytes)
  }
}
