/// The escapes of XML attributes.
enum XMLText {
  /// Appends `text` so that a parser's normalization of white space gives it back as it is; false
  /// where a character cannot stand in XML 1.0 at all (section 2.2).
  static func appendAttribute(_ text: String, to output: inout [UInt8]) -> Bool {
    for byte in text.utf8 {
      switch byte {
      case 0x26: output += "&amp;".utf8
      case 0x3C: output += "&lt;".utf8
      case 0x3E: output += "&gt;".utf8
      case 0x22: output += "&quot;".utf8
      case 0x09: output += "&#9;".utf8
      case 0x0A: output += "&#10;".utf8
      case 0x0D: output += "&#13;".utf8
      case 0..<0x20: return false
      default: output.append(byte)
      }
    }
    // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
    return !text.utf8.contains(0xEF)
      || !text.unicodeScalars.contains { $0.value == 0xFFFE || $0.value == 0xFFFF }
  }
}

extension JSONText {
  /// Whether a text is a number as JSON writes it (RFC 8259 section 6).
  static func isNumber(_ text: String) -> Bool {
    var bytes = text.utf8[...]
    func digits() -> Int {
      let count = bytes.prefix { (0x30...0x39).contains($0) }.count
      bytes = bytes.dropFirst(count)
      return count
    }
    if bytes.first == 0x2D { bytes = bytes.dropFirst() }
    if bytes.first == 0x30 {
      bytes = bytes.dropFirst()
    } else if digits() == 0 {
      return false
    }
    if bytes.first == 0x2E {
      bytes = bytes.dropFirst()
      if digits() == 0 { return false }
    }
    if bytes.first == 0x65 || bytes.first == 0x45 {
      bytes = bytes.dropFirst()
      if bytes.first == 0x2B || bytes.first == 0x2D { bytes = bytes.dropFirst() }
      if digits() == 0 { return false }
    }
    return bytes.isEmpty
  }
}
