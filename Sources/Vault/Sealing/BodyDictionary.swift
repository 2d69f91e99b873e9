import CZstd
import Primitives

/// What a body is, and so which dictionary it is compressed with. The raw value is that dictionary's number.
public enum BodyKind: UInt32, CaseIterable, Sendable {
  /// A resource: names, systems and shapes that FHIR resources have in common.
  case resource = 1
  /// An entry of the log: members and codes of events.
  case logEntry = 2
}

/// What small bodies of a kind are compressed with.
///
/// It is public and the same for every node and chart. So each body is still compressed by itself, and
/// its length tells nothing of another's. Its bytes are fixed for good: bodies are sealed with it. A
/// better one takes the next number and a format of its own.
final class BodyDictionary: Sendable {
  /// Beyond this many bytes a body finds more in itself than in the dictionary.
  static let largestPlaintext = 64 << 10

  // Made once and only read afterwards, which zstd allows on any number of threads.
  private nonisolated(unsafe) let compression: OpaquePointer
  private nonisolated(unsafe) let decompression: OpaquePointer

  /// - Returns: nil without memory, or where the embedded bytes are not what they were.
  init?(_ kind: BodyKind, level: Int32) {
    guard let bytes = Self.bytes(of: kind),
      let compression = ZSTD_createCDict(bytes, bytes.count, level)
    else { return nil }
    guard let decompression = ZSTD_createDDict(bytes, bytes.count) else {
      ZSTD_freeCDict(compression)
      return nil
    }
    self.compression = compression
    self.decompression = decompression
  }

  deinit {
    ZSTD_freeCDict(compression)
    ZSTD_freeDDict(decompression)
  }

  /// The dictionary itself; nil where the embedded text is damaged.
  private static func bytes(of kind: BodyKind) -> [UInt8]? {
    let text =
      switch kind {
      case .resource: resource
      case .logEntry: logEntry
      }
    guard let packed = Base64.decode(text) else { return nil }
    let size = ZSTD_getFrameContentSize(packed, packed.count)
    guard size <= 1 << 20 else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(size))
    let written = ZSTD_decompress(&bytes, bytes.count, packed, packed.count)
    guard written == bytes.count, ZSTD_getDictID_fromDict(bytes, bytes.count) == kind.rawValue
    else {
      return nil
    }
    return bytes
  }

  /// Returns zstd's result: a length, or an error.
  func compress(
    _ context: OpaquePointer, _ plaintext: UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer
  ) -> Int {
    ZSTD_compress_usingCDict(
      context, output.baseAddress, output.count, plaintext.baseAddress, plaintext.count,
      compression)
  }

  /// Returns zstd's result: a length, or an error.
  func decompress(
    _ context: OpaquePointer, _ frame: UnsafeRawBufferPointer,
    into output: UnsafeMutableRawBufferPointer
  ) -> Int {
    ZSTD_decompress_usingDDict(
      context, output.baseAddress, output.count, frame.baseAddress, frame.count, decompression)
  }
}
