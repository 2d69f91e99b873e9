import Primitives

/// Follows the parser through the `div` of a narrative to find which bytes it is, and checks that they
/// can stand alone: whatever prefix they use they must declare.
struct NarrativeReading {
  private let start: Int
  private var depth = 1
  private var prefixes: Set<String> = ["xml"]

  /// The reading of the `div` that begins with this tag.
  init(_ element: XMLStart, at source: XMLSource) throws(XMLFault) {
    guard element.name == "div", element.namespace == XMLStart.xhtml else {
      throw XMLFault(.invalid, "a narrative is one div of XHTML")
    }
    guard element.prefix == nil, element.declared.contains("") else {
      throw XMLFault(.invalid, "the div of a narrative must declare XHTML as its namespace")
    }
    guard let start = source.tagStart else {
      throw XMLFault(.malformed, "the place of the narrative is not known")
    }
    self.start = start
    try note(element)
  }

  mutating func open(_ element: XMLStart) throws(XMLFault) {
    depth += 1
    try note(element)
  }

  /// The bytes of the whole `div` when it ends here.
  mutating func close(at source: XMLSource) throws(XMLFault) -> ArraySlice<UInt8>? {
    depth -= 1
    guard depth == 0 else { return nil }
    guard start < source.offset, source.offset <= source.bytes.count,
      source.bytes[source.offset - 1] == 0x3E,
      source.bytes[start...].starts(with: "<div".utf8)
    else { throw XMLFault(.malformed, "the place of the narrative is not known") }
    return ArraySlice(source.bytes[start..<source.offset])
  }

  private mutating func note(_ element: XMLStart) throws(XMLFault) {
    prefixes.formUnion(element.declared)
    let used = [element.prefix] + element.attributes.map(\.prefix)
    guard used.allSatisfy({ $0.map(prefixes.contains) ?? true }) else {
      throw XMLFault(.invalid, "a narrative must itself declare the prefixes that it uses")
    }
  }
}
