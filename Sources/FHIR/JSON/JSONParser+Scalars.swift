extension JSONParser {
  /// Moves over a string, checking its escapes and its UTF-8; true when it holds a backslash.
  mutating func scanString() throws(JSONFault) -> Bool {
    var escaped = false
    position += 1
    while true {
      skipPlainText()
      switch input[position] {
      case 0x22:
        position += 1
        return escaped
      case 0x5C:
        escaped = true
        try scanEscape()
      case 0x80...:
        try scanMultiByte()
      default:
        throw fault(position >= input.count ? .endsEarly : .controlCharacter)
      }
    }
  }

  /// Moves over printable ASCII other than quote and backslash, eight bytes at a time.
  @inline(__always)
  private mutating func skipPlainText() {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    while let word = input.word(at: position) {
      let quote = word ^ (ones &* 0x22)
      let slash = word ^ (ones &* 0x5C)
      // The high bit marks a byte below 0x20, one that became zero, or one beyond ASCII. Only a
      // marked byte can borrow from those above it, so the lowest mark is right.
      let special =
        ((word &- (ones &* 0x20)) | (quote &- ones) | (slash &- ones) | word) & highs
      if special == 0 {
        position += 8
        continue
      }
      position += special.trailingZeroBitCount >> 3
      return
    }
    while true {
      let byte = input[position]
      guard byte >= 0x20, byte < 0x80, byte != 0x22, byte != 0x5C else { return }
      position += 1
    }
  }

  private mutating func scanEscape() throws(JSONFault) {
    switch input[position + 1] {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: position += 2
    case 0x75:
      let unit = try hexUnit(at: position + 2)
      if unit & 0xFC00 == 0xD800 {
        guard input[position + 6] == 0x5C, input[position + 7] == 0x75 else {
          throw fault(.loneSurrogate)
        }
        let low = try hexUnit(at: position + 8)
        guard low & 0xFC00 == 0xDC00 else { throw fault(.loneSurrogate) }
        position += 12
      } else {
        guard unit & 0xFC00 != 0xDC00 else { throw fault(.loneSurrogate) }
        position += 6
      }
    default: throw fault(position + 1 >= input.count ? .endsEarly : .invalidEscape)
    }
  }

  private func hexUnit(at index: Int) throws(JSONFault) -> UInt32 {
    var unit: UInt32 = 0
    for offset in 0..<4 {
      let byte = input[index + offset]
      switch byte {
      case 0x30...0x39: unit = unit << 4 | UInt32(byte - 0x30)
      case 0x41...0x46: unit = unit << 4 | UInt32(byte - 0x37)
      case 0x61...0x66: unit = unit << 4 | UInt32(byte - 0x57)
      default: throw fault(index + offset >= input.count ? .endsEarly : .invalidEscape)
      }
    }
    return unit
  }

  /// One character beyond ASCII, by the table of RFC 3629 section 4: no overlong form, no surrogate,
  /// nothing above U+10FFFF.
  private mutating func scanMultiByte() throws(JSONFault) {
    let first = input[position]
    let second = input[position + 1]
    let length: Int
    switch (first, second) {
    case (0xC2...0xDF, 0x80...0xBF): length = 2
    case (0xE0, 0xA0...0xBF), (0xE1...0xEC, 0x80...0xBF), (0xED, 0x80...0x9F),
      (0xEE...0xEF, 0x80...0xBF):
      length = 3
    case (0xF0, 0x90...0xBF), (0xF1...0xF3, 0x80...0xBF), (0xF4, 0x80...0x8F): length = 4
    default: throw fault(.invalidUTF8)
    }
    for offset in 2..<max(2, length) where input[position + offset] & 0xC0 != 0x80 {
      throw fault(.invalidUTF8)
    }
    position += length
  }

  /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
  mutating func scanNumber() throws(JSONFault) {
    if input[position] == 0x2D { position += 1 }
    if input[position] == 0x30 {
      position += 1
      guard !isDigit else { throw fault(.invalidNumber) }
    } else {
      try scanDigits()
    }
    if input[position] == 0x2E {
      position += 1
      try scanDigits()
    }
    if input[position] | 0x20 == 0x65 {
      position += 1
      if input[position] == 0x2B || input[position] == 0x2D { position += 1 }
      try scanDigits()
    }
  }

  private var isDigit: Bool { input[position] &- 0x30 < 10 }

  private mutating func scanDigits() throws(JSONFault) {
    guard isDigit else { throw fault(.invalidNumber) }
    repeat { position += 1 } while isDigit
  }
}
