import Primitives

/// The `div` of a narrative as a text of its own.
enum Narrative {
  /// The XML of a narrative that JSON holds as a string, ready to stand inside of a resource; its
  /// namespace is added where it was forgotten.
  ///
  /// - Throws: `invalid` where it is no well-formed `div` of XHTML.
  static func xml(_ value: JSONValue) throws(PeerChartError) -> [UInt8] {
    let text = Array((value.string ?? "").utf8)
    // Behind a first tag no XML declaration can follow, and a document type ends the reading.
    guard let start = text.firstIndex(where: { !isSpace($0) }),
      text[start...].starts(with: "<div".utf8)
    else { throw PeerChartError(.invalid, "a narrative is one div of XHTML", place: value.pointer) }
    let check = NarrativeCheck()
    do {
      try XMLReader.read(text, limits: XMLLimits(), into: check)
    } catch {
      throw PeerChartError(
        .invalid, "the narrative is not well-formed XHTML", place: value.pointer, cause: error)
    }
    guard check.lacksNamespace else { return text }
    let insertion = start + "<div".utf8.count
    return Array(text[..<insertion]) + " xmlns=\"\(XMLStart.xhtml)\"".utf8 + text[insertion...]
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }
}

/// Checks the outermost element; the parser itself checks the rest.
private final class NarrativeCheck: XMLHandler {
  private(set) var lacksNamespace = false
  private var isInside = false

  let path = ""

  func start(_ element: XMLStart, at source: XMLSource) throws(XMLFault) {
    guard !isInside else { return }
    isInside = true
    lacksNamespace = element.namespace == nil
    guard element.name == "div", element.prefix == nil,
      element.namespace == nil || element.namespace == XMLStart.xhtml
    else { throw XMLFault(.invalid, "a narrative is one div of XHTML") }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) {}

  func end(at source: XMLSource) {}
}
