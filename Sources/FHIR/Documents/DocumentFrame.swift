public import Primitives

/// What a document is given from outside, so that the same records give the same bytes.
public struct DocumentFrame: Sendable {
  /// A UUID in lower case: the id of the Bundle, and with `urn:uuid:` its identifier.
  public let id: String
  /// The FHIR base under which the records are known, without a slash at its end.
  public let base: String
  /// When the document is made.
  public let date: Instant

  /// A frame of a document.
  public init(id: String, base: String, date: Instant) {
    self.id = id
    self.base = base
    self.date = date
  }

  /// `fullUrl` of a record.
  func fullURL(_ target: ReferenceTarget) -> String { "\(base)/\(target.type)/\(target.id)" }

  /// The id of something that is made for the document and is no record: a UUID of version 8
  /// (RFC 9562) that follows from the id of the document and a name.
  func madeID(_ name: String) -> String {
    var high = Self.hash("\(id)/\(name)/1")
    var low = Self.hash("\(id)/\(name)/2")
    high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x8000
    low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    let digits = Array((Self.digits(high) + Self.digits(low)).utf8)
    return [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
      .map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
  }

  private static func digits(_ value: UInt64) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.utf8.count) + text
  }

  /// FNV-1a. Nothing rests on it but that names within one document differ.
  private static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
