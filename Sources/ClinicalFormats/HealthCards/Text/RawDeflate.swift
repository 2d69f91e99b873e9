import CZlib
import Primitives

/// DEFLATE without a frame (RFC 1951): what `zip: DEF` of JOSE means (RFC 7516 section 4.1.3).
enum RawDeflate {
  private static let pieceBytes = 16 << 10
  /// A card has to fit into a picture: the smallest counts.
  private static let level: Int32 = 9

  /// - Throws: `storage` when there is no memory.
  static func compress(_ bytes: [UInt8]) throws(PeerChartError) -> [UInt8] {
    var stream = z_stream()
    guard peerchart_raw_deflate_init(&stream, level) == Z_OK else { throw noMemory }
    defer { deflateEnd(&stream) }
    var output: [UInt8] = []
    let status = run(&stream, bytes, into: &output, limit: .max) { deflate(&$0, Z_FINISH) }
    guard status == Z_STREAM_END else { throw noMemory }
    return output
  }

  /// - Parameter limit: the most bytes that may come out.
  /// - Throws: `malformed` for what is no such stream, or is followed by something; `tooLarge`.
  static func expand(_ bytes: [UInt8], limit: Int) throws(PeerChartError) -> [UInt8] {
    var stream = z_stream()
    guard peerchart_raw_inflate_init(&stream) == Z_OK else { throw noMemory }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    let status = run(&stream, bytes, into: &output, limit: limit) { inflate(&$0, Z_NO_FLUSH) }
    guard output.count <= limit else {
      throw PeerChartError(.tooLarge, "it is larger than \(limit) bytes once expanded")
    }
    guard status == Z_STREAM_END, stream.avail_in == 0 else {
      throw PeerChartError(.malformed, "it is not compressed with raw DEFLATE")
    }
    return output
  }

  /// Steps until the stream ends, fails, stands still, or has put out more than the limit.
  private static func run(
    _ stream: inout z_stream, _ input: [UInt8], into output: inout [UInt8], limit: Int,
    _ step: (inout z_stream) -> Int32
  ) -> Int32 {
    var piece = [UInt8](repeating: 0, count: pieceBytes)
    return input.withUnsafeBufferPointer { input in
      // zlib reads what goes in and never writes to it.
      stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      stream.avail_in = uInt(clamping: input.count)
      var status = Z_OK
      while status == Z_OK, output.count <= limit {
        let made = piece.withUnsafeMutableBufferPointer { piece in
          stream.next_out = piece.baseAddress
          stream.avail_out = uInt(piece.count)
          status = step(&stream)
          return piece.count - Int(stream.avail_out)
        }
        output += piece[..<made]
        // With room left and nothing made there is nothing more to come.
        if status == Z_OK, made < pieceBytes, stream.avail_in == 0 { break }
      }
      stream.next_in = nil
      return status
    }
  }

  private static let noMemory = PeerChartError(
    .storage, "there is no memory for a compressed stream")
}
