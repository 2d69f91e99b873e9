import Exchange
import FHIR
import HTTPTypes
import Identity
import NIOCore

/// The head of a plain read as the parser of HTTP has read it once on a connection. What differs from it only in
/// the record that it names is the same request for another record, and is not parsed again.
struct PlainHead {
  let token: BearerToken
  /// Everything behind the target: the version of HTTP and all fields, byte for byte.
  private let rest: [UInt8]

  private static let opening = Array("GET /fhir/".utf8)
  private static let version = Array(" HTTP/1.1\r\n".utf8)
  private static let end = Array("\r\n\r\n".utf8)
  /// What is longer is left to the parser.
  private static let longest = 4 << 10

  /// - Parameters:
  ///   - bytes: one whole head and nothing else (`isOne`).
  ///   - request: what the parser made of these very bytes.
  init?(_ bytes: ByteBuffer, parsedAs request: HTTPRequest) {
    guard request.method == .get, let token = Self.token(request.headerFields),
      let target = request.path?.utf8, target.starts(with: "/fhir/".utf8)
    else { return nil }
    let behind = bytes.readableBytesView.dropFirst("GET ".utf8.count)
    let rest = behind.dropFirst(target.count)
    guard behind.starts(with: target), rest.starts(with: Self.version) else { return nil }
    self.token = token
    self.rest = Array(rest)
  }

  /// Whether bytes look like the head of one GET of a record, with nothing before or behind it.
  static func isOne(_ bytes: ByteBuffer) -> Bool {
    let bytes = bytes.readableBytesView
    guard bytes.count <= longest, bytes.starts(with: opening),
      bytes.suffix(end.count).elementsEqual(end)
    else { return false }
    let firstEnd = bytes.indices.first { bytes[$0] == end[0] && bytes[$0...].starts(with: end) }
    return firstEnd == bytes.endIndex - end.count
  }

  /// The record that is asked for; nil for whatever is not this head with `/fhir/Type/id` in it, written in the
  /// one way without escapes, query or anything behind it.
  func record(_ bytes: ByteBuffer) -> (type: String, id: String)? {
    bytes.withUnsafeReadableBytes { bytes in
      let length = bytes.count - rest.count
      guard length > Self.opening.count, bytes[length...].elementsEqual(rest),
        bytes[..<Self.opening.count].elementsEqual(Self.opening)
      else { return nil }
      let name = bytes[Self.opening.count..<length]
      guard let slash = name.firstIndex(of: UInt8(ascii: "/")) else { return nil }
      let type = String(decoding: name[..<slash], as: UTF8.self)
      let id = String(decoding: name[(slash + 1)...], as: UTF8.self)
      return ResourceType.isKnown(type) && Resource.isValidID(id) ? (type, id) : nil
    }
  }

  /// The bearer token of a request all of whose fields are known to change nothing.
  private static func token(_ fields: HTTPFields) -> BearerToken? {
    var token: BearerToken?
    for field in fields {
      switch field.name {
      case .authorization:
        guard token == nil, let credentials = BearerCredentials(header: field.value),
          !credentials.isOfProof, let known = BearerToken(credentials.token)
        else { return nil }
        token = known
      case .userAgent: continue
      case .accept:
        guard plainFormats.contains(field.value) else { return nil }
      case .acceptEncoding:
        guard !CompressedBody.isTaken(field.value) else { return nil }
      case .connection:
        guard field.value == "keep-alive" else { return nil }
      default: return nil
      }
    }
    return token
  }

  private static let plainFormats: Set<String> = [
    "*/*", "application/fhir+json", "application/json",
  ]
}
