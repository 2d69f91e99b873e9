import CZlib
import Primitives

/// One gzip stream (RFC 1952) on its way in or out, piece by piece.
final class GzipStream {
  enum Direction { case compress, expand }

  private static let pieceBytes = 64 << 10
  /// The fastest level: FHIR's JSON shrinks to a tenth already, and a read must not wait for more.
  private static let level: Int32 = 1

  private var stream = z_stream()
  private let direction: Direction
  /// Whether the stream's own end was seen; only an expanding one has it before it is finished.
  private(set) var hasEnded = false

  /// - Throws: `storage` when there is no memory.
  init(_ direction: Direction) throws(PeerChartError) {
    self.direction = direction
    let status =
      direction == .compress
      ? peerchart_deflate_init(&stream, Self.level) : peerchart_inflate_init(&stream)
    guard status == Z_OK else {
      throw PeerChartError(.storage, "there is no memory for a compressed stream")
    }
  }

  deinit {
    if direction == .compress { deflateEnd(&stream) } else { inflateEnd(&stream) }
  }

  /// What comes out for a piece that goes in.
  ///
  /// - Parameter limit: the most bytes that may come out.
  /// - Throws: `malformed` for what is no gzip stream, `too-large` beyond the limit.
  func process(
    _ input: UnsafeRawBufferPointer, isLast: Bool = false, limit: Int = .max
  ) throws(PeerChartError) -> [UInt8] {
    var output: [UInt8] = []
    // zlib reads what goes in and never writes to it.
    stream.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: Bytef.self))
    stream.avail_in = uInt(clamping: input.count)
    let flush = direction == .compress && isLast ? Z_FINISH : Z_NO_FLUSH
    var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
    repeat {
      guard !hasEnded else {
        guard stream.avail_in == 0 else {
          throw PeerChartError(.malformed, "bytes follow the compressed body", place: "body")
        }
        return output
      }
      var status = Z_OK
      let made = piece.withUnsafeMutableBufferPointer { piece in
        stream.next_out = piece.baseAddress
        stream.avail_out = uInt(piece.count)
        status = direction == .compress ? deflate(&stream, flush) : inflate(&stream, flush)
        return piece.count - Int(stream.avail_out)
      }
      guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
        throw PeerChartError(.malformed, "the compressed body is damaged", place: "body")
      }
      guard made <= limit - output.count else {
        throw PeerChartError(.tooLarge, "the body is too large once expanded", place: "body")
      }
      output += piece[..<made]
      hasEnded = status == Z_STREAM_END
      // A full piece may have left more behind.
    } while stream.avail_in > 0 || stream.avail_out == 0
    return output
  }
}
