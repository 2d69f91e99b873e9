import CLibXML2
import Primitives

/// One run of libxml2's parser over one text.
final class XMLSession {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let limits: XMLLimits
  private let handler: any XMLHandler
  private var parser: xmlParserCtxtPtr?
  private var fault: PeerChartError?
  private var depth = 0
  private var elements = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>, limits: XMLLimits, handler: any XMLHandler) {
    self.bytes = bytes
    self.limits = limits
    self.handler = handler
  }

  /// Parses the whole text; returns what was wrong with it.
  func run() -> PeerChartError? {
    var callbacks = Self.callbacks
    xmlInitParser()
    // The session outlives the parser: both end in this function.
    let context = Unmanaged.passUnretained(self).toOpaque()
    guard let parser = xmlCreatePushParserCtxt(&callbacks, context, nil, 0, nil) else {
      return PeerChartError(.tooLarge, "no memory to read the XML text")
    }
    self.parser = parser
    defer {
      self.parser = nil
      xmlFreeParserCtxt(parser)
    }
    // HUGE lifts libxml2's own bounds on text and attributes, for which ours stand; entities, which
    // the bounds are about, cannot be declared because a document type ends the reading.
    // NOENT puts the five characters that XML itself names in place also inside of attributes.
    let options =
      XML_PARSE_NONET.rawValue | XML_PARSE_HUGE.rawValue | XML_PARSE_NOERROR.rawValue
      | XML_PARSE_NOWARNING.rawValue | XML_PARSE_NOENT.rawValue | XML_PARSE_IGNORE_ENC.rawValue
    xmlCtxtUseOptions(parser, Int32(truncatingIfNeeded: options))
    let length = Int32(truncatingIfNeeded: bytes.count)
    let code = bytes.withMemoryRebound(to: CChar.self) {
      xmlParseChunk(parser, $0.baseAddress, length, 1)
    }
    if fault == nil, code != 0 || parser.pointee.wellFormed == 0 || parser.pointee.nsWellFormed == 0
    {
      fault = syntaxError(parser)
    }
    return fault
  }

  /// libxml2's message may quote the text, so only the kind of error and its place are kept.
  private func syntaxError(_ parser: xmlParserCtxtPtr) -> PeerChartError {
    let error = parser.pointee.lastError
    let code = xmlParserErrors(UInt32(bitPattern: error.code))
    let reason =
      switch code {
      case XML_ERR_DOCUMENT_EMPTY, XML_ERR_DOCUMENT_END: "the XML text ends early"
      case XML_ERR_TAG_NAME_MISMATCH: "an end tag does not fit its start tag"
      case XML_ERR_UNDECLARED_ENTITY, XML_WAR_UNDECLARED_ENTITY:
        "an entity that XML does not know; FHIR has no document type to declare it in"
      case XML_ERR_INVALID_CHAR, XML_ERR_INVALID_CHARREF, XML_ERR_INVALID_ENCODING:
        "a character that XML does not allow, or bytes that are not UTF-8"
      case XML_ERR_ATTRIBUTE_REDEFINED: "an attribute stands twice in one element"
      case XML_NS_ERR_UNDEFINED_NAMESPACE: "a namespace prefix that is not declared"
      case XML_ERR_NO_MEMORY: "no memory to read the XML text"
      default: "the text is not well-formed XML"
      }
    return PeerChartError(
      .malformed, reason, place: place(line: Int(error.line), column: Int(error.int2)))
  }

  private func place(_ element: String? = nil, line: Int, column: Int) -> String {
    let path = [handler.path, element].compactMap { $0 }.filter { !$0.isEmpty }
      .joined(separator: ".")
    return (path.isEmpty ? "" : path + ", ") + "line \(max(line, 1)), column \(max(column, 1))"
  }

  /// Hands an event to the handler and stops the parser when it refuses.
  private func handle(_ body: (XMLSource) throws(XMLFault) -> Void) {
    guard let parser, fault == nil else { return }
    do throws(XMLFault) {
      try body(XMLSource(bytes: bytes, offset: max(0, xmlByteConsumed(parser))))
    } catch {
      let input = parser.pointee.input
      fault = PeerChartError(
        error.code, error.reason,
        place: place(
          error.element, line: Int(input?.pointee.line ?? 1), column: Int(input?.pointee.col ?? 1)))
      xmlStopParser(parser)
    }
  }

  private func start(_ element: () -> XMLStart) {
    depth += 1
    elements += 1
    handle { source throws(XMLFault) in
      guard depth <= limits.maximumDepth else {
        throw XMLFault(.tooLarge, "elements are nested deeper than is allowed")
      }
      guard elements <= limits.maximumElements else {
        throw XMLFault(.tooLarge, "the XML text has more elements than are allowed")
      }
      try handler.start(element(), at: source)
    }
  }

  private func end() {
    depth -= 1
    handle { source throws(XMLFault) in try handler.end(at: source) }
  }

  private func text(_ bytes: UnsafeBufferPointer<UInt8>) {
    handle { _ throws(XMLFault) in try handler.text(bytes) }
  }

  private func refuseDocumentType() {
    handle { _ throws(XMLFault) in
      throw XMLFault(.malformed, "a document type is not allowed, nor are entities")
    }
  }

  private static func session(_ context: UnsafeMutableRawPointer?) -> XMLSession? {
    context.map { Unmanaged<XMLSession>.fromOpaque($0).takeUnretainedValue() }
  }

  private static var callbacks: xmlSAXHandler {
    var sax = xmlSAXHandler()
    sax.initialized = UInt32(truncatingIfNeeded: XML_SAX2_MAGIC)
    sax.startElementNs = { context, name, prefix, uri, spaces, namespaces, count, _, attributes in
      XMLSession.session(context)?.start {
        XMLStart(
          name: name, prefix: prefix, uri: uri,
          namespaces: UnsafeBufferPointer(start: namespaces, count: Int(spaces) * 2),
          attributes: UnsafeBufferPointer(start: attributes, count: Int(count) * 5))
      }
    }
    sax.endElementNs = { context, _, _, _ in XMLSession.session(context)?.end() }
    sax.characters = { context, text, length in
      XMLSession.session(context)?.text(UnsafeBufferPointer(start: text, count: Int(length)))
    }
    sax.internalSubset = { context, _, _, _ in XMLSession.session(context)?.refuseDocumentType() }
    // Without this the parser would write its messages, which quote the text, to standard error.
    sax.serror = { _, _ in }
    return sax
  }
}

extension XMLStart {
  /// Takes libxml2's arrays: namespaces in pairs, attributes in fives whose value is a range.
  init(
    name: UnsafePointer<UInt8>?, prefix: UnsafePointer<UInt8>?, uri: UnsafePointer<UInt8>?,
    namespaces: UnsafeBufferPointer<UnsafePointer<UInt8>?>,
    attributes: UnsafeBufferPointer<UnsafePointer<UInt8>?>
  ) {
    self.name = name.map { String(cString: $0) } ?? ""
    self.prefix = prefix.map { String(cString: $0) }
    namespace = uri.map { String(cString: $0) }
    declared = stride(from: 0, to: namespaces.count, by: 2).map { index in
      namespaces[index].map { String(cString: $0) } ?? ""
    }
    self.attributes = stride(from: 0, to: attributes.count, by: 5).map { index in
      let value =
        if let start = attributes[index + 3], let end = attributes[index + 4], end > start {
          String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
        } else {
          ""
        }
      return Attribute(
        name: attributes[index].map { String(cString: $0) } ?? "",
        namespace: attributes[index + 2].map { String(cString: $0) },
        prefix: attributes[index + 1].map { String(cString: $0) }, value: value)
    }
  }
}
