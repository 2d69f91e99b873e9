import CZstd
import Primitives
import Synchronization

/// zstd with its contexts kept: making one costs more than compressing a small resource with it.
///
/// A pool instead of one per thread: a context is in use only for the length of one call, so there
/// are never more of them than calls at the same moment.
final class Compressor: Sendable {
  /// What a frame was made with.
  enum Method: Sendable {
    case plain
    case dictionary(BodyKind)
  }

  /// zstd's level; docs/format/sealed-record.md has the measured choice.
  private static let level: Int32 = 1

  private let kind: BodyKind
  private let contexts = Mutex<[CompressionContext]>([])
  /// By number, each made with the first small body.
  private let made = Mutex<[BodyDictionary?]>(.init(repeating: nil, count: BodyKind.allCases.count))

  /// - Parameter kind: what is compressed. What is decompressed may be of any.
  init(_ kind: BodyKind) { self.kind = kind }

  /// Lends the zstd frame of `plaintext` and how it was made, or nil when the frame would not be shorter.
  func compress<Result>(
    _ plaintext: UnsafeRawBufferPointer,
    _ body: ((frame: UnsafeRawBufferPointer, method: Method)?) throws -> Result
  ) throws -> Result {
    // zstd's frame costs 13 bytes or so; nothing shorter than this ever gains.
    guard plaintext.count > 32 else { return try body(nil) }
    let isSmall = plaintext.count <= BodyDictionary.largestPlaintext
    let dictionary = isSmall ? try dictionary(of: kind) : nil
    return try borrow { context in
      try context.compress(plaintext, level: Self.level, dictionary) { frame in
        try body(frame.map { ($0, isSmall ? .dictionary(kind) : .plain) })
      }
    }
  }

  private func dictionary(of kind: BodyKind) throws -> BodyDictionary {
    try made.withLock { made in
      let place = Int(kind.rawValue) - 1
      if let known = made[place] { return known }
      guard let new = BodyDictionary(kind, level: Self.level) else {
        throw PeerChartError(.storage, "there is no memory for compression")
      }
      made[place] = new
      return new
    }
  }

  /// The content of one zstd frame that states its size and is followed by nothing.
  ///
  /// - Throws: `integrity` for anything else, or when the size is beyond `limit` bytes.
  func decompress(_ frame: [UInt8], _ method: Method, limit: Int) throws -> [UInt8] {
    let kind: BodyKind? = if case .dictionary(let kind) = method { kind } else { nil }
    let dictionary = try kind.map(dictionary(of:))
    return try frame.withUnsafeBytes { frame in
      // An unknown or damaged size comes back as one of the two largest values, beyond any limit.
      let size = ZSTD_getFrameContentSize(frame.baseAddress, frame.count)
      guard size <= UInt64(limit),
        ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count) == frame.count,
        ZSTD_getDictID_fromFrame(frame.baseAddress, frame.count)
          == kind?.rawValue ?? 0
      else { throw RecordSealer.broken }
      let count = Int(size)
      return try borrow { context in
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
          guard
            context.decompress(frame, dictionary, into: UnsafeMutableRawBufferPointer(buffer))
              == count
          else { throw RecordSealer.broken }
          written = count
        }
      }
    }
  }

  private func borrow<Result>(_ body: (CompressionContext) throws -> Result) throws -> Result {
    let kept = contexts.withLock { $0.popLast() }
    guard let context = kept ?? CompressionContext() else {
      throw PeerChartError(.storage, "there is no memory for compression")
    }
    defer { contexts.withLock { if $0.count < 64 { $0.append(context) } } }
    return try body(context)
  }
}

/// One pair of zstd contexts and a scratch buffer, used by one call at a time.
private final class CompressionContext: @unchecked Sendable {
  // The pool hands a context to one caller at a time; that is what makes it safe to send.
  private let compression: OpaquePointer
  private let decompression: OpaquePointer
  private var scratch: [UInt8] = []

  /// Scratch beyond this many bytes is given back after use.
  private static let keptScratch = 1 << 20

  init?() {
    guard let compression = ZSTD_createCCtx() else { return nil }
    guard let decompression = ZSTD_createDCtx() else {
      ZSTD_freeCCtx(compression)
      return nil
    }
    self.compression = compression
    self.decompression = decompression
  }

  deinit {
    ZSTD_freeCCtx(compression)
    ZSTD_freeDCtx(decompression)
    scratch.wipe()
  }

  func compress<Result>(
    _ plaintext: UnsafeRawBufferPointer, level: Int32, _ dictionary: BodyDictionary?,
    _ body: (UnsafeRawBufferPointer?) throws -> Result
  ) rethrows -> Result {
    // One byte less than the plaintext: zstd stops as soon as it sees that it gains nothing.
    let room = plaintext.count - 1
    if scratch.count < room { scratch = [UInt8](repeating: 0, count: max(room, 16 << 10)) }
    defer { if scratch.count > Self.keptScratch { scratch = [] } }
    return try scratch.withUnsafeMutableBytes { scratch in
      let output = UnsafeMutableRawBufferPointer(rebasing: scratch[..<room])
      let result =
        dictionary?.compress(compression, plaintext, into: output)
        ?? ZSTD_compressCCtx(
          compression, output.baseAddress, room, plaintext.baseAddress, plaintext.count, level)
      guard ZSTD_isError(result) == 0 else { return try body(nil) }
      return try body(UnsafeRawBufferPointer(rebasing: scratch[..<result]))
    }
  }

  func decompress(
    _ frame: UnsafeRawBufferPointer, _ dictionary: BodyDictionary?,
    into output: UnsafeMutableRawBufferPointer
  ) -> Int? {
    let result =
      dictionary?.decompress(decompression, frame, into: output)
      ?? ZSTD_decompressDCtx(
        decompression, output.baseAddress, output.count, frame.baseAddress, frame.count)
    return ZSTD_isError(result) == 0 ? result : nil
  }
}
