import Crypto
import FoundationEssentials
import Primitives

/// The random 256-bit key of one document; everything else is derived from it.
struct FileKey: Sendable {
  let key: SymmetricKey

  init(random: some RandomSource) {
    key = SymmetricKey(data: random.bytes(SecFormat.fileKeySize))
  }

  /// Returns nil unless there are exactly 32 bytes.
  init?(bytes: some ContiguousBytes) {
    key = SymmetricKey(data: bytes)
    guard key.bitCount == SecFormat.fileKeySize * 8 else { return nil }
  }

  /// The key of the header's MAC.
  var headerKey: SymmetricKey { derive("header", salt: []) }

  /// The key of the records.
  func payloadKey(salt: [UInt8]) -> SymmetricKey { derive("payload", salt: salt) }

  private func derive(_ purpose: String, salt: [UInt8]) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: key, salt: salt, info: SecFormat.label(purpose), outputByteCount: 32)
  }
}
