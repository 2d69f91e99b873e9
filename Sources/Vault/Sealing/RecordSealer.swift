import Crypto
public import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Compresses and seals bodies: zstd, then AES-256-GCM (docs/format/sealed-record.md).
///
/// Safe to share between threads. Nothing it throws names the content.
public final class RecordSealer: Sendable {
  /// The largest plaintext, in bytes.
  public static let maximumPlaintext = 256 << 20
  /// Bytes that a seal adds when compression gains nothing: header, nonce and tag.
  public static let overhead = headerLength + nonceLength + tagLength

  static let headerLength = 5
  static let nonceLength = 12
  static let tagLength = 16

  /// The first byte of a sealed body.
  enum Format: UInt8 {
    case stored = 1
    case zstd = 2
    /// zstd with dictionary 1.
    case zstdResource = 3
    /// zstd with dictionary 2.
    case zstdLogEntry = 4

    init(_ method: Compressor.Method) {
      self =
        switch method {
        case .plain: .zstd
        case .dictionary(.resource): .zstdResource
        case .dictionary(.logEntry): .zstdLogEntry
        }
    }

    /// How the content was compressed; nil where it was not.
    var method: Compressor.Method? {
      switch self {
      case .stored: nil
      case .zstd: .plain
      case .zstdResource: .dictionary(.resource)
      case .zstdLogEntry: .dictionary(.logEntry)
      }
    }
  }

  private let random: any RandomSource
  private let compressor: Compressor

  /// - Parameters:
  ///   - random: where the 96-bit nonces come from.
  ///   - kind: what is sealed. Whatever was sealed is opened.
  public init(random: any RandomSource, of kind: BodyKind = .resource) {
    self.random = random
    compressor = Compressor(kind)
  }

  /// Seals `plaintext` for the place that `context` names.
  ///
  /// - Returns: format ‖ key generation ‖ nonce ‖ ciphertext ‖ tag.
  /// - Throws: `tooLarge` beyond `maximumPlaintext`.
  public func seal(
    _ plaintext: [UInt8], key: DataKey, context: SealContext
  ) throws -> [UInt8] {
    guard plaintext.count <= Self.maximumPlaintext else {
      throw PeerChartError(.tooLarge, "a body is larger than 256 MiB")
    }
    return try plaintext.withUnsafeBytes { plain in
      try compressor.compress(plain) { compressed in
        if let compressed {
          return try encrypt(
            compressed.frame, format: Format(compressed.method), key: key, context: context)
        }
        return try encrypt(plain, format: .stored, key: key, context: context)
      }
    }
  }

  /// Opens what `seal` made for the same place.
  ///
  /// - Throws: `integrity` when the bytes, the key or the place are not the sealed ones;
  ///   `unsupportedVersion` for a format byte of a newer program.
  public func open(
    _ sealed: [UInt8], key: DataKey, context: SealContext
  ) throws -> [UInt8] {
    try sealed.withUnsafeBytes { try open($0, key: key, context: context) }
  }

  /// Opens a sealed body where it lies (a column of a database row), without copying it first.
  ///
  /// - Throws: as above.
  public func open(
    _ sealed: UnsafeRawBufferPointer, key: DataKey, context: SealContext
  ) throws -> [UInt8] {
    guard try Self.keyGeneration(of: sealed) == key.generation else { throw Self.broken }
    let header = UnsafeRawBufferPointer(rebasing: sealed[..<Self.headerLength])
    guard let format = Format(rawValue: header[0]) else {
      throw PeerChartError(.unsupportedVersion, "a sealed body is of a newer format")
    }
    let opened = try decrypt(
      UnsafeRawBufferPointer(rebasing: sealed[Self.headerLength...]), key: key,
      authenticating: context.additionalData(header: header))
    guard let method = format.method else { return opened }
    return try compressor.decompress(opened, method, limit: Self.maximumPlaintext)
  }

  /// Which generation of the data key a sealed body needs. Not authenticated until it is opened.
  ///
  /// - Throws: `integrity` when there are too few bytes to be a sealed body.
  public static func keyGeneration(of sealed: [UInt8]) throws -> UInt32 {
    try sealed.withUnsafeBytes { try keyGeneration(of: $0) }
  }

  /// As above, for bytes that lie elsewhere.
  public static func keyGeneration(of sealed: UnsafeRawBufferPointer) throws -> UInt32 {
    guard sealed.count >= overhead else { throw broken }
    return UInt32(bigEndian: sealed.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
  }

  static var broken: PeerChartError {
    PeerChartError(.integrity, "a sealed body does not open: it was changed or belongs elsewhere")
  }
}

extension RecordSealer {
  private func encrypt(
    _ message: UnsafeRawBufferPointer, format: Format, key: DataKey, context: SealContext
  ) throws -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(Self.overhead + message.count)
    output.append(format.rawValue)
    withUnsafeBytes(of: key.generation.bigEndian) { output.append(contentsOf: $0) }
    let additional = try output.withUnsafeBytes { try context.additionalData(header: $0) }
    if let prepared = key.prepared {
      let nonce = random.bytes(Self.nonceLength)
      output += nonce
      guard prepared.seal(message, nonce: nonce, authenticating: additional, to: &output) else {
        throw PeerChartError(.integrity, "a body cannot be sealed")
      }
      return output
    }
    do {
      let box = try AES.GCM.seal(
        message, using: key.key, nonce: AES.GCM.Nonce(data: random.bytes(Self.nonceLength)),
        authenticating: additional)
      guard let combined = box.combined else { throw Self.broken }
      combined.withUnsafeBytes { output.append(contentsOf: $0) }
      return output
    } catch {
      throw PeerChartError(.integrity, "a body cannot be sealed", cause: error)
    }
  }

  private func decrypt(
    _ box: UnsafeRawBufferPointer, key: DataKey, authenticating additional: [UInt8]
  ) throws -> [UInt8] {
    if let prepared = key.prepared {
      guard let opened = prepared.open(box, authenticating: additional) else { throw Self.broken }
      return opened
    }
    do {
      let opened = try AES.GCM.open(
        AES.GCM.SealedBox(combined: box), using: key.key, authenticating: additional)
      return opened.withUnsafeBytes { Array($0) }
    } catch {
      throw Self.broken
    }
  }
}
