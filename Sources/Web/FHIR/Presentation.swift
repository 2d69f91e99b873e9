import FHIR
import HTTPTypes
import Hummingbird
import NIOCore
import Primitives

/// How the caller wants an answer to look: its format, and whether it is laid out for people.
struct Presentation: Sendable {
  var format: WireFormat = .json
  var isPretty = false

  /// JSON as it is kept: nothing is left to do.
  var isPlain: Bool { format == .json && !isPretty }

  /// The answer in that form, if it is a resource in JSON.
  ///
  /// - Throws: `not-acceptable` for a resource that XML cannot hold.
  func apply(to response: Response) async throws -> Response {
    guard !isPlain, response.headers[.contentType] == MediaTypes.fhir else { return response }
    let collected = CollectedBody()
    try await response.body.write(collected)
    let json = collected.bytes
    var response = response
    let body: [UInt8]
    switch format {
    case .json: body = JSONLayout.indented(json)
    case .xml:
      do {
        let document = try JSONDocument(parsing: json, limits: JSONLimits(maximumBytes: json.count))
        body = try FHIRXML.xml(from: document.root, indented: isPretty)
      } catch {
        throw PeerChartError(
          .notAcceptable, "this cannot be written as XML; ask for JSON", place: error.place)
      }
      response.headers[.contentType] = MediaTypes.fhirXML
    }
    response.headers[.contentLength] = nil
    response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: body))
    return response
  }
}

/// Takes in what would have gone out.
private final class CollectedBody: ResponseBodyWriter {
  private(set) var bytes: [UInt8] = []

  func write(_ buffer: ByteBuffer) async throws {
    buffer.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
  }

  func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
