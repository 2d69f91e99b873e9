/// A query value in which a backslash protects `,`, `|`, `$` and itself (R4 3.1.1.3.5).
struct EscapedText {
  private let bytes: ArraySlice<UInt8>

  init(_ text: String) { bytes = Array(text.utf8)[...] }

  private init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  var count: Int { bytes.count }

  /// The parts between separators that no backslash protects; always at least one.
  func split(at separator: Unicode.Scalar, maximum: Int = .max) -> [EscapedText] {
    var parts: [EscapedText] = []
    var start = bytes.startIndex
    var isProtected = false
    for index in bytes.indices {
      if isProtected {
        isProtected = false
      } else if bytes[index] == 0x5C {
        isProtected = true
      } else if UInt32(bytes[index]) == separator.value, parts.count < maximum {
        parts.append(EscapedText(bytes[start..<index]))
        start = index + 1
      }
    }
    parts.append(EscapedText(bytes[start...]))
    return parts
  }

  /// The text that is meant. A backslash before anything else stands for itself.
  var unescaped: String {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var isProtected = false
    for byte in bytes {
      let isSpecial = byte == 0x5C || byte == 0x2C || byte == 0x7C || byte == 0x24
      if isProtected {
        if !isSpecial { output.append(0x5C) }
        output.append(byte)
        isProtected = false
      } else if byte == 0x5C {
        isProtected = true
      } else {
        output.append(byte)
      }
    }
    if isProtected { output.append(0x5C) }
    return String(decoding: output, as: UTF8.self)
  }
}
