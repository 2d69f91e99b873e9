import Exchange
import FHIR
import HTTPTypes
import Logging
import NIOCore

/// How plain reads are answered: with the very fields that `NodeResponder` gives, as the bytes of an HTTP/1.1
/// response (RFC 9112 section 4).
struct DirectReadAnswers: Sendable {
  let requestIDs: RequestIDs
  private let dates: DateField
  private let logger: Logger
  /// Status line and the fields that all of them have.
  private let opening: [UInt8]

  init(requestIDs: RequestIDs, dates: DateField, isTLS: Bool, logger: Logger) {
    self.requestIDs = requestIDs
    self.dates = dates
    self.logger = logger
    var fields = NodeResponder.usualFields(isTLS: isTLS)
    fields[.contentType] = MediaTypes.fhir
    fields[.vary] = NodeResponder.varying
    opening = Array(
      fields.reduce("HTTP/1.1 200 OK") { "\($0)\r\n\($1.name.rawName): \($1.value)" }.utf8)
  }

  func answer(
    _ resource: ReleasedResource, to read: PlainRead, since start: ContinuousClock.Instant
  ) -> ByteBuffer {
    if logger.logLevel <= .debug {
      NodeResponder.log(
        .get, .instance(resource.type, id: resource.id), status: 200, read.requestID,
        ContinuousClock.now - start, logger)
    }
    var answer = ByteBuffer()
    answer.reserveCapacity(opening.count + 256 + resource.json.count)
    answer.writeBytes(opening)
    answer.writeString("\r\nETag: ")
    answer.writeString(EntityTag.text(resource.version))
    answer.writeString("\r\nLast-Modified: ")
    answer.writeString(HTTPDate.text(resource.lastUpdated))
    answer.writeString("\r\nX-Request-Id: ")
    answer.writeString(read.requestID)
    answer.writeString("\r\nDate: ")
    answer.writeString(dates.text)
    answer.writeString("\r\nContent-Length: ")
    answer.writeString(String(resource.json.count))
    answer.writeString("\r\n\r\n")
    answer.writeBytes(resource.json)
    return answer
  }
}
