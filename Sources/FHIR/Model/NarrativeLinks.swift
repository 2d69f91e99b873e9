/// Finds `<a href>` and `<img src>` in the XHTML of a narrative, by the bytes of its JSON string.
///
/// It reads no more of XHTML than start tags. A value that is written with escapes of JSON or XML is
/// passed over: it stays as it is, which is always safe.
struct NarrativeLinks {
  private let bytes: [UInt8]
  private let end: Int
  private var position: Int

  /// The links of a `div` and their byte ranges in the document.
  static func find(in div: JSONValue) -> [(text: String, range: Range<Int>)] {
    guard div.node.kind == .string else { return [] }
    var scanner = NarrativeLinks(div.storage.bytes, div.node.content)
    var found: [(text: String, range: Range<Int>)] = []
    while let attribute = scanner.nextTag() {
      while let (name, value) = scanner.nextAttribute() {
        let content = scanner.bytes[value]
        if name == attribute, !value.isEmpty, !content.contains(0x5C), !content.contains(0x26) {
          found.append((String(decoding: content, as: UTF8.self), value))
        }
      }
    }
    return found
  }

  /// A text as it stands between the quotes of an attribute.
  static func attributeValue(_ text: String) -> String {
    var output = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case "\"": output += "&quot;"
      case "'": output += "&#39;"
      default: output.unicodeScalars.append(character)
      }
    }
    return output
  }

  private init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  private func byte(_ index: Int) -> UInt8 { index < end ? bytes[index] : 0 }

  /// Moves behind the name of the next `<a` or `<img`; the attribute that links there.
  private mutating func nextTag() -> String? {
    while position < end {
      guard byte(position) == 0x3C else {
        position += 1
        continue
      }
      position += 1
      let name = scanName()
      guard skipSpace() else { continue }
      if name == "a" { return "href" }
      if name == "img" { return "src" }
    }
    return nil
  }

  private mutating func nextAttribute() -> (name: String, value: Range<Int>)? {
    _ = skipSpace()
    let name = scanName()
    _ = skipSpace()
    guard !name.isEmpty, byte(position) == 0x3D else { return nil }
    position += 1
    _ = skipSpace()
    // The quotation mark itself stands escaped in the JSON string.
    let isDouble = byte(position) == 0x5C && byte(position + 1) == 0x22
    guard isDouble || byte(position) == 0x27 else { return nil }
    position += isDouble ? 2 : 1
    let start = position
    while position < end {
      let isEscape = byte(position) == 0x5C
      if isDouble ? isEscape && byte(position + 1) == 0x22 : byte(position) == 0x27 {
        let value = start..<position
        position += isDouble ? 2 : 1
        return (name, value)
      }
      position += isEscape ? 2 : 1
    }
    return nil
  }

  private mutating func scanName() -> String {
    let start = position
    while true {
      switch byte(position) {
      case 0x2D, 0x30...0x3A, 0x41...0x5A, 0x5F, 0x61...0x7A: position += 1
      default: return String(decoding: bytes[start..<position], as: UTF8.self)
      }
    }
  }

  /// Whether there was any.
  private mutating func skipSpace() -> Bool {
    let start = position
    while true {
      switch (byte(position), byte(position + 1)) {
      case (0x20, _): position += 1
      case (0x5C, 0x6E), (0x5C, 0x72), (0x5C, 0x74): position += 2
      default: return position > start
      }
    }
  }
}
