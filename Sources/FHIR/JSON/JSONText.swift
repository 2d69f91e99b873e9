/// The escapes of JSON strings (RFC 8259 section 7).
enum JSONText {
  /// The bytes that the content of an already checked string literal (without quotes) stands for.
  static func unescape(_ content: some Collection<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(content.count)
    var high: UInt32?
    var iterator = content.makeIterator()
    while let byte = iterator.next() {
      guard byte == 0x5C else {
        output.append(byte)
        continue
      }
      switch iterator.next() {
      case 0x62: output.append(0x08)
      case 0x66: output.append(0x0C)
      case 0x6E: output.append(0x0A)
      case 0x72: output.append(0x0D)
      case 0x74: output.append(0x09)
      case 0x75:
        var unit: UInt32 = 0
        for _ in 0..<4 { unit = unit << 4 | hexValue(iterator.next() ?? 0) }
        if unit & 0xFC00 == 0xD800 {
          high = unit
        } else if let first = high {
          high = nil
          append(0x10000 + ((first & 0x3FF) << 10 | unit & 0x3FF), to: &output)
        } else {
          append(unit, to: &output)
        }
      case let other?: output.append(other)
      case nil: break
      }
    }
    return output
  }

  /// Appends `text` as a string literal with its quotes and as few escapes as JSON allows; RFC 8785
  /// section 3.2.2.2 asks for exactly these.
  static func appendLiteral(_ text: String, to output: inout [UInt8]) {
    output.append(0x22)
    if !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) {
      output.append(contentsOf: text.utf8)
      output.append(0x22)
      return
    }
    for byte in text.utf8 {
      switch byte {
      case 0x22: output += [0x5C, 0x22]
      case 0x5C: output += [0x5C, 0x5C]
      case 0x08: output += [0x5C, 0x62]
      case 0x09: output += [0x5C, 0x74]
      case 0x0A: output += [0x5C, 0x6E]
      case 0x0C: output += [0x5C, 0x66]
      case 0x0D: output += [0x5C, 0x72]
      case 0..<0x20: output += [0x5C, 0x75, 0x30, 0x30, hexDigit(byte >> 4), hexDigit(byte & 15)]
      default: output.append(byte)
      }
    }
    output.append(0x22)
  }

  /// `text` as a string literal.
  static func literal(_ text: String) -> [UInt8] {
    var output: [UInt8] = []
    appendLiteral(text, to: &output)
    return output
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

  private static func hexValue(_ digit: UInt8) -> UInt32 {
    switch digit {
    case 0x30...0x39: UInt32(digit - 0x30)
    case 0x41...0x46: UInt32(digit - 0x37)
    case 0x61...0x66: UInt32(digit - 0x57)
    default: 0
    }
  }

  private static func append(_ scalar: UInt32, to output: inout [UInt8]) {
    guard let scalar = Unicode.Scalar(scalar) else { return }
    output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }
}
