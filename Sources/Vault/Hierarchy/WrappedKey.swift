import Crypto
public import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A 256-bit key under AES-256-GCM of another key (docs/format/sealed-record.md, "Wrapped keys").
public struct WrappedKey: Sendable, Hashable {
  /// Length of the stored form in bytes.
  public static let byteCount = 65
  static let format: UInt8 = 1

  /// The generation of the key that wraps.
  public let wrappedBy: UInt32
  /// nonce ‖ ciphertext ‖ tag, 60 bytes.
  let box: [UInt8]

  /// The stored form: format ‖ generation of the wrapping key ‖ nonce ‖ ciphertext ‖ tag.
  public var encoded: [UInt8] {
    var bytes: [UInt8] = [Self.format]
    bytes.reserveCapacity(Self.byteCount)
    withUnsafeBytes(of: wrappedBy.bigEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: box)
    return bytes
  }

  /// Reads the stored form.
  ///
  /// - Throws: `integrity` for a wrong length, `unsupportedVersion` for a newer format.
  public init(encoded: [UInt8]) throws {
    guard encoded.count == Self.byteCount else { throw Self.broken }
    guard encoded[0] == Self.format else {
      throw PeerChartError(.unsupportedVersion, "a wrapped key is of a newer format")
    }
    wrappedBy = encoded[1..<5].reduce(0) { $0 << 8 | UInt32($1) }
    box = Array(encoded[5...])
  }

  /// Wraps `key` under `wrapping`.
  ///
  /// - Throws: `invalid` when `key` is not 256 bits long.
  public init(
    _ key: SecretBytes, under wrapping: SecretBytes, generation: UInt32, context: KeyContext,
    random: any RandomSource
  ) throws {
    guard key.count == 32, wrapping.count == 32 else {
      throw PeerChartError(.invalid, "only 256-bit keys are wrapped")
    }
    let nonce = random.bytes(RecordSealer.nonceLength)
    wrappedBy = generation
    do {
      let sealed = try key.withUnsafeBytes { key in
        try AES.GCM.seal(
          key, using: wrapping.symmetricKey, nonce: AES.GCM.Nonce(data: nonce),
          authenticating: Self.additionalData(context, wrappedBy: generation))
      }
      guard let combined = sealed.combined else { throw Self.broken }
      box = Array(combined)
    } catch {
      throw PeerChartError(.integrity, "a key cannot be wrapped", cause: error)
    }
  }

  /// Unwraps with the key that wrapped.
  ///
  /// - Throws: `integrity` when the key, the context or any bit is not the wrapped one.
  public func unwrap(with wrapping: SecretBytes, context: KeyContext) throws -> SecretBytes {
    do {
      var opened = try AES.GCM.open(
        AES.GCM.SealedBox(combined: box), using: wrapping.symmetricKey,
        authenticating: Self.additionalData(context, wrappedBy: wrappedBy))
      defer { opened.withUnsafeMutableBytes { wipeMemory($0) } }
      return opened.withUnsafeBytes { SecretBytes($0) }
    } catch {
      throw Self.broken
    }
  }

  /// Label ‖ format ‖ purpose ‖ slot ‖ generation ‖ wrapping generation: all of fixed width.
  private static func additionalData(_ context: KeyContext, wrappedBy: UInt32) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(raw: "peerchart wrapped key".utf8)
    writer.append(format)
    writer.append(context.purpose.rawValue)
    writer.append(context.slot)
    writer.append(context.generation)
    writer.append(wrappedBy)
    return writer.bytes
  }

  private static var broken: PeerChartError {
    PeerChartError(.integrity, "a wrapped key does not open: it was changed or belongs elsewhere")
  }
}
