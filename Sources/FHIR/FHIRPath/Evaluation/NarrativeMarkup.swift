/// The rules for the XHTML of a narrative (FHIR R4 2.24.0.18.2, txt-1 and txt-2): one `div` with
/// content, well-formed, only elements and attributes of formatting, no scripts and no links to run.
///
/// One pass over the bytes with a stack of open elements; nothing is copied but their names.
enum NarrativeMarkup {
  private static let elements: Set<String> = [
    "a", "abbr", "acronym", "address", "b", "big", "blockquote", "br", "caption", "center", "cite",
    "code", "col", "colgroup", "dd", "dfn", "dir", "div", "dl", "dt", "em", "font", "h1", "h2",
    "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "map", "area", "menu", "ol", "p",
    "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "del", "bdo",
  ]
  private static let attributes: Set<String> = [
    "abbr", "accesskey", "align", "alt", "axis", "bgcolor", "border", "cellhalign", "cellpadding",
    "cellspacing", "cellvalign", "char", "charoff", "charset", "cite", "class", "colspan",
    "compact",
    "color", "coords", "dir", "face", "frame", "headers", "height", "href", "hreflang", "hspace",
    "id", "lang", "longdesc", "name", "nowrap", "rel", "rev", "rowspan", "rules", "scope", "shape",
    "size", "span", "src", "start", "style", "summary", "tabindex", "target", "title", "type",
    "usemap", "valign", "value", "vspace", "width", "xml:lang", "xml:space", "xmlns", "xmlns:xsi",
  ]
  private static let maximumDepth = 200

  static func isAllowed(_ text: String) -> Bool {
    var reader = Reader(Array(text.utf8))
    return reader.read()
  }

  private struct Reader {
    private let bytes: [UInt8]
    private var index = 0
    private var open: [String] = []
    /// Whether there is anything to be seen.
    private var hasContent = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func byte(_ offset: Int = 0) -> UInt8 {
      index + offset < bytes.count ? bytes[index + offset] : 0
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
      byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private mutating func skipSpace() { while Self.isSpace(byte()) { index += 1 } }

    mutating func read() -> Bool {
      skipSpace()
      var isDone = false
      while index < bytes.count {
        if byte() == 0x3C {
          guard !isDone, markup() else { return false }
          if open.isEmpty { isDone = true }
        } else if byte() == 0x26 {
          guard !open.isEmpty, entity() else { return false }
          hasContent = true
        } else {
          if !Self.isSpace(byte()) {
            guard !open.isEmpty else { return false }
            hasContent = true
          }
          index += 1
        }
      }
      return isDone && hasContent
    }

    private mutating func markup() -> Bool {
      if byte(1) == 0x21 { return comment() }
      if byte(1) == 0x2F {
        index += 2
        let name = name()
        skipSpace()
        guard byte() == 0x3E, open.popLast() == name else { return false }
        index += 1
        return true
      }
      index += 1
      let name = name()
      guard NarrativeMarkup.elements.contains(name), open.count < NarrativeMarkup.maximumDepth,
        !open.isEmpty || name == "div"
      else { return false }
      if name == "img" || name == "hr" { hasContent = true }
      return attributes(of: name)
    }

    private mutating func attributes(of element: String) -> Bool {
      while true {
        let hadSpace = Self.isSpace(byte())
        skipSpace()
        if byte() == 0x3E {
          index += 1
          open.append(element)
          return true
        }
        if byte() == 0x2F, byte(1) == 0x3E {
          index += 2
          return !open.isEmpty
        }
        guard hadSpace, attribute() else { return false }
      }
    }

    private mutating func attribute() -> Bool {
      let name = name()
      guard NarrativeMarkup.attributes.contains(name) else { return false }
      skipSpace()
      guard byte() == 0x3D else { return false }
      index += 1
      skipSpace()
      let quote = byte()
      guard quote == 0x22 || quote == 0x27 else { return false }
      index += 1
      let start = index
      while index < bytes.count, byte() != quote {
        if byte() == 0x3C { return false }
        if byte() == 0x26 {
          guard entity() else { return false }
        } else {
          index += 1
        }
      }
      guard byte() == quote else { return false }
      let value = bytes[start..<index]
      index += 1
      return (name != "href" && name != "src") || Self.isHarmless(value)
    }

    /// Whether a link leads to a place and runs nothing. White space and control characters before
    /// and inside a scheme are ignored by browsers, so they are here.
    private static func isHarmless(_ link: ArraySlice<UInt8>) -> Bool {
      // An entity in the scheme could hide it.
      let scheme = link.prefix { $0 != 0x3A && $0 != 0x2F && $0 != 0x3F && $0 != 0x23 }
      guard scheme.count < link.count, link[link.startIndex + scheme.count] == 0x3A else {
        return !scheme.contains(0x26) || link.count == scheme.count
      }
      let plain = scheme.filter { $0 > 0x20 }.map { $0 | 0x20 }
      let name = String(decoding: plain, as: UTF8.self)
      return name != "javascript" && name != "vbscript" && !plain.contains(0x26)
    }

    private mutating func name() -> String {
      let start = index
      while index < bytes.count, index - start < 32 {
        switch byte() {
        case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: index += 1
        default: return String(decoding: bytes[start..<index], as: UTF8.self)
        }
      }
      return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func comment() -> Bool {
      guard byte(2) == 0x2D, byte(3) == 0x2D else { return false }
      index += 4
      while index < bytes.count {
        if byte() == 0x2D, byte(1) == 0x2D {
          guard byte(2) == 0x3E else { return false }
          index += 3
          return true
        }
        index += 1
      }
      return false
    }

    private mutating func entity() -> Bool {
      var length = 1
      while length < 12, byte(length) != 0x3B {
        switch byte(length) {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x23: length += 1
        default: return false
        }
      }
      guard length > 1, byte(length) == 0x3B else { return false }
      index += length + 1
      return true
    }
  }
}
