import HTTPTypes
import Hummingbird
import NIOCore

/// Responses of the shapes that the routes give.
enum Answer {
  /// A body of this size or less goes out in one piece; a larger one follows the client's pace.
  private static let pieceBytes = 64 << 10

  static func json(
    _ body: [UInt8], type: String = MediaTypes.json, status: HTTPResponse.Status = .ok,
    fields: HTTPFields = [:]
  ) -> Response {
    segments([body], type: type, status: status, fields: fields)
  }

  static func segments(
    _ segments: [[UInt8]], type: String, status: HTTPResponse.Status = .ok,
    fields: HTTPFields = [:]
  ) -> Response {
    var fields = fields
    fields[.contentType] = type
    let count = segments.reduce(0) { $0 + $1.count }
    guard count > pieceBytes else {
      var buffer = ByteBuffer()
      buffer.reserveCapacity(count)
      for segment in segments { buffer.writeBytes(segment) }
      return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: buffer))
    }
    return Response(
      status: status, headers: fields,
      body: ResponseBody(contentLength: count) { writer in
        var buffer = ByteBuffer()
        for segment in segments {
          var rest = segment[...]
          while !rest.isEmpty {
            let piece = rest.prefix(pieceBytes - buffer.readableBytes)
            buffer.writeBytes(piece)
            rest = rest.dropFirst(piece.count)
            guard buffer.readableBytes == pieceBytes else { continue }
            try await writer.write(buffer)
            buffer = ByteBuffer()
          }
        }
        if buffer.readableBytes > 0 { try await writer.write(buffer) }
        try await writer.finish(nil)
      })
  }

  static func empty(_ status: HTTPResponse.Status, fields: HTTPFields = [:]) -> Response {
    Response(status: status, headers: fields)
  }
}
