public import Crypto
import Primitives

/// A witness's timestamped signature of a checkpoint (C2SP tlog-cosignature, type 0x04): at that time, this
/// was the largest tree of the log that the witness had seen, and it continues all that came before.
public struct Cosignature: Hashable, Sendable {
  /// Seconds since 1970; 1 to 2^63 − 1.
  public let timestamp: UInt64
  /// The Ed25519 signature over `message`, 64 bytes.
  public let signature: [UInt8]

  /// Reads what stands behind the key id of a signature line: eight bytes of time, then the signature. Nil
  /// for another length and a time out of range.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 8 + 64 else { return nil }
    let timestamp = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard (1...UInt64(Int64.max)).contains(timestamp) else { return nil }
    self.timestamp = timestamp
    signature = Array(bytes.dropFirst(8))
  }

  /// What a witness signs.
  ///
  /// - Parameter text: of the note: the whole of it, with its last newline.
  public static func message(for text: [UInt8], at timestamp: UInt64) -> [UInt8] {
    Array("cosignature/v1\ntime \(timestamp)\n".utf8) + text
  }
}

extension NoteSigner {
  /// Signs as a witness.
  ///
  /// The message begins otherwise than any checkpoint of a node's own log, so that one key may serve for both.
  ///
  /// - Parameter timestamp: seconds since 1970.
  /// - Throws: `invalid` when the name cannot name a key.
  public init(
    witness name: String, privateKey: Curve25519.Signing.PrivateKey, at timestamp: UInt64
  ) throws {
    let verifier = try CosignatureVerifier(name: name, publicKey: privateKey.publicKey)
    let timestamp = min(max(timestamp, 1), UInt64(Int64.max))
    self.init(verifier: verifier) { text in
      withUnsafeBytes(of: timestamp.bigEndian) { Array($0) }
        + Array(try privateKey.signature(for: Cosignature.message(for: text, at: timestamp)))
    }
  }
}
