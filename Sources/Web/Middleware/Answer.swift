import FHIR
import HTTPTypes
import Hummingbird
import NIOCore

/// Responses of the shapes that the routes give.
enum Answer {
  /// A body of this size or less goes out in one piece; a larger one follows the client's pace.
  private static let pieceBytes = 64 << 10
  /// Beyond this many bytes of resources, a Bundle is not put together before it is sent.
  private static let wholeBundleBytes = 1 << 20

  static func json(
    _ body: [UInt8], type: String = MediaTypes.json, status: HTTPResponse.Status = .ok,
    fields: HTTPFields = [:]
  ) -> Response {
    var fields = fields
    fields[.contentType] = type
    guard body.count > pieceBytes else {
      return Response(
        status: status, headers: fields,
        body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
    return Response(
      status: status, headers: fields,
      body: ResponseBody(contentLength: body.count) { writer in
        var pieces = Pieces()
        try await pieces.write(body, to: &writer)
        try await pieces.finish(&writer)
        try await writer.finish(nil)
      })
  }

  /// A Bundle, of which one entry at a time is made once it is long.
  static func bundle<Item: Sendable>(
    _ bundle: BundleWriter, _ items: [Item], size: (Item) -> Int,
    entry: @escaping @Sendable (inout BundleWriter, Item) -> [UInt8]
  ) -> Response {
    guard items.reduce(0, { $0 + size($1) }) > wholeBundleBytes else {
      var bundle = bundle
      var body = bundle.opening
      for item in items { body += entry(&bundle, item) }
      return json(body + bundle.closing, type: MediaTypes.fhir)
    }
    return Response(
      status: .ok, headers: [.contentType: MediaTypes.fhir],
      body: ResponseBody { writer in
        var bundle = bundle
        var pieces = Pieces()
        try await pieces.write(bundle.opening, to: &writer)
        for item in items { try await pieces.write(entry(&bundle, item), to: &writer) }
        try await pieces.write(bundle.closing, to: &writer)
        try await pieces.finish(&writer)
        try await writer.finish(nil)
      })
  }

  static func empty(_ status: HTTPResponse.Status, fields: HTTPFields = [:]) -> Response {
    Response(status: status, headers: fields)
  }

  /// Writes a part of a body, in pieces, each when the client has room for it.
  static func write(_ bytes: [UInt8], to writer: inout any ResponseBodyWriter) async throws {
    var pieces = Pieces()
    try await pieces.write(bytes, to: &writer)
    try await pieces.finish(&writer)
  }

  /// Writes bytes in pieces of one size, each when the client has room for it.
  private struct Pieces {
    private var buffer = ByteBuffer()

    mutating func write(_ bytes: [UInt8], to writer: inout any ResponseBodyWriter) async throws {
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(pieceBytes - buffer.readableBytes)
        buffer.writeBytes(piece)
        rest = rest.dropFirst(piece.count)
        guard buffer.readableBytes == pieceBytes else { continue }
        try await writer.write(buffer)
        buffer = ByteBuffer()
      }
    }

    mutating func finish(_ writer: inout any ResponseBodyWriter) async throws {
      if buffer.readableBytes > 0 { try await writer.write(buffer) }
    }
  }
}
