import Crypto
import Primitives

/// The name of a signed document: what logs, anchors and successors refer to.
///
/// SHA-256 over the message that the issuer signs (the label, then the manifest). It does not
/// cover the signatures, so signing the same manifest again makes no second document. It can be
/// published: the manifest holds a random id, so nobody can guess what lies behind a digest.
public struct DocumentDigest: Hashable, Sendable {
  /// Length in bytes.
  public static let byteCount = 32
  /// The digest itself.
  public let bytes: [UInt8]

  /// Returns nil unless there are exactly 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Parses the text form, 64 lower-case hexadecimal digits.
  public init?(_ text: some StringProtocol) {
    guard let bytes = Hex.decode(text) else { return nil }
    self.init(bytes: bytes)
  }

  init(signedMessage: [UInt8]) { bytes = Array(SHA256.hash(data: signedMessage)) }
}

extension DocumentDigest: CustomStringConvertible {
  public var description: String { Hex.encode(bytes) }
}
