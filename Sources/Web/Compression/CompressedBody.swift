import FHIR
import HTTPTypes
import Hummingbird
import NIOCore

/// Compresses answers for callers who take gzip (RFC 9110 section 8.4.1).
///
/// What is compressed is encrypted afterwards, and its length shows. A length tells secrets where somebody
/// can mix guesses with them in one answer; here a bearer token or a pinned certificate asks, no cookie, so
/// nobody can make another's client ask for guesses.
enum CompressedBody {
  /// Below this many bytes a frame costs more than it saves.
  private static let smallest = 1400

  static func isTaken(_ acceptEncoding: String?) -> Bool {
    guard let acceptEncoding else { return false }
    return acceptEncoding.lowercased().split(separator: ",").contains { part in
      let sides = part.split(separator: ";").map { $0.trimmingSpaces() }
      guard let name = sides.first, name == "gzip" || name == "*" else { return false }
      return !sides.dropFirst().contains { side in
        side.hasPrefix("q=") && side.dropFirst(2).allSatisfy { $0 == "0" || $0 == "." }
      }
    }
  }

  static func compress(_ response: Response) -> Response {
    guard response.body.contentLength.map({ $0 >= smallest }) ?? true else { return response }
    var response = response
    let body = response.body
    response.headers[.contentEncoding] = "gzip"
    response.headers[.contentLength] = nil
    response.body = ResponseBody { writer in
      try await body.write(try Writer(into: writer))
    }
    return response
  }

  private struct Writer: ResponseBodyWriter {
    private var parent: any ResponseBodyWriter
    private let stream: GzipStream

    init(into parent: any ResponseBodyWriter) throws {
      self.parent = parent
      stream = try GzipStream(.compress)
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
      let bytes = try buffer.withUnsafeReadableBytes { try stream.process($0) }
      if !bytes.isEmpty { try await parent.write(ByteBuffer(bytes: bytes)) }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
      let rest = try stream.process(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
      try await parent.write(ByteBuffer(bytes: rest))
      try await parent.finish(trailingHeaders)
    }
  }
}
