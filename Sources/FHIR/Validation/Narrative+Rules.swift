import Primitives

extension Narrative {
  /// What is to be said of a narrative as a whole.
  enum Finding { case isFine, isMalformed, isBeyondFHIR, isBlank }

  /// Looks at the text of a `div` (R4 2.4.0.1).
  static func findings(_ text: String) -> Finding {
    let reader = NarrativeRules()
    do {
      try XMLReader.read(Array(text.utf8), limits: XMLLimits(), into: reader)
    } catch {
      return .isMalformed
    }
    return reader.isBeyondFHIR ? .isBeyondFHIR : reader.hasContent ? .isFine : .isBlank
  }
}

/// Follows a narrative: elements from chapters 7 to 11 and 15 of HTML 4.0, links and images; nothing
/// that a browser would run.
private final class NarrativeRules: XMLHandler {
  private(set) var isBeyondFHIR = false
  private(set) var hasContent = false
  private var isInside = false

  let path = ""

  private static let elements: Set<String> = Set(
    """
    a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd del dfn div \
    dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins kbd li map ol p pre q s samp small span strike \
    strong sub sup table tbody td tfoot th thead tr tt u ul var
    """.split(separator: " ").map(String.init))

  func start(_ element: XMLStart, at source: XMLSource) throws(XMLFault) {
    if !isInside {
      isInside = true
      guard element.name == "div", element.namespace == XMLStart.xhtml else {
        throw XMLFault(.invalid, "a narrative is one div of XHTML")
      }
    }
    if element.namespace != XMLStart.xhtml || !Self.elements.contains(element.name) {
      isBeyondFHIR = true
    }
    if element.name == "img" { hasContent = true }
    for attribute in element.attributes {
      let name = attribute.name.lowercased()
      let target = attribute.value.lowercased().drop { $0.isWhitespace }
      let isScript = target.hasPrefix("javascript:") || target.hasPrefix("vbscript:")
      if name.hasPrefix("on") || ((name == "href" || name == "src") && isScript) {
        isBeyondFHIR = true
      }
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) {
    hasContent = hasContent || bytes.contains { $0 > 0x20 }
  }

  func end(at source: XMLSource) {}
}
