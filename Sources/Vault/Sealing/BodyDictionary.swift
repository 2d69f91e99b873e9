import CZstd
import Primitives

/// What small bodies are compressed with: names, systems and shapes that FHIR resources have in common.
///
/// It is public and the same for every node and chart. So each body is still compressed by itself, and
/// its length tells nothing of another's. Its bytes are fixed for good: bodies are sealed with it. A
/// better one takes the next number and a format of its own.
final class BodyDictionary: Sendable {
  /// Beyond this many bytes a body finds more in itself than in the dictionary.
  static let largestPlaintext = 64 << 10
  /// Its number, in the dictionary and in each frame made with it.
  static let number: UInt32 = 1

  // Made once and only read afterwards, which zstd allows on any number of threads.
  private nonisolated(unsafe) let compression: OpaquePointer
  private nonisolated(unsafe) let decompression: OpaquePointer

  /// - Returns: nil without memory, or where the embedded bytes are not what they were.
  init?(level: Int32) {
    guard let bytes = Self.bytes, let compression = ZSTD_createCDict(bytes, bytes.count, level)
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
  static let bytes: [UInt8]? = {
    guard let packed = Base64.decode(first) else { return nil }
    let size = ZSTD_getFrameContentSize(packed, packed.count)
    guard size <= 1 << 20 else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(size))
    let written = ZSTD_decompress(&bytes, bytes.count, packed, packed.count)
    guard written == bytes.count, ZSTD_getDictID_fromDict(bytes, bytes.count) == number else {
      return nil
    }
    return bytes
  }()

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
