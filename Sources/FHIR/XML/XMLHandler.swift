import Primitives

/// What an XML text is read into: told of its elements in the order of the text.
protocol XMLHandler: AnyObject {
  /// Where in the resource the reading is, for errors.
  var path: String { get }

  func start(_ element: XMLStart, at source: XMLSource) throws(XMLFault)
  /// Character data; in several pieces where the parser likes.
  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(XMLFault)
  func end(at source: XMLSource) throws(XMLFault)
}

/// What is wrong with an XML text. Never quotes it.
struct XMLFault: Error {
  let code: PeerChartError.Code
  let reason: String
  /// The element below the handler's path that the fault is about; shown only where it cannot be
  /// anything but the name of an element.
  let element: String?

  init(_ code: PeerChartError.Code, _ reason: String, at element: String? = nil) {
    self.code = code
    self.reason = reason
    self.element = element.map { JSONPath.label(forName: Array($0.utf8)) }
  }
}

/// The start of an element.
struct XMLStart {
  struct Attribute {
    let name: String
    let namespace: String?
    let prefix: String?
    let value: String
  }

  static let fhir = "http://hl7.org/fhir"
  static let xhtml = "http://www.w3.org/1999/xhtml"
  static let schemaInstance = "http://www.w3.org/2001/XMLSchema-instance"

  let name: String
  let prefix: String?
  let namespace: String?
  /// The prefixes that the element itself declares, an empty text for the default namespace.
  let declared: [String]
  let attributes: [Attribute]
}

/// Where the parser stands in the bytes.
struct XMLSource {
  let bytes: UnsafeBufferPointer<UInt8>
  /// Of a start tag the place before its `>` or `/>`, of an end tag the place behind it.
  let offset: Int

  /// Where the tag begins that ends at `offset`: no attribute can hold a `<`.
  var tagStart: Int? {
    guard offset <= bytes.count else { return nil }
    return bytes[..<offset].lastIndex(of: 0x3C)
  }
}
