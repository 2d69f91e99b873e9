import Primitives

/// Cuts the text of an expression into tokens (FHIRPath 2.0, 3 "Lexical elements").
struct PathLexer {
  private let bytes: [UInt8]
  private var index = 0
  /// How many characters stand before the byte at `countedTo`.
  private var counted = 0
  private var countedTo = 0
  /// The token that is next.
  private(set) var token: PathToken = .end
  /// The number of its first character.
  private(set) var position = 1

  init(_ text: String) throws(PeerChartError) {
    bytes = Array(text.utf8)
    try advance()
  }

  /// The number of the character at a byte, from 1.
  private mutating func character(at offset: Int) -> Int {
    while countedTo < offset, countedTo < bytes.count {
      if bytes[countedTo] & 0xC0 != 0x80 { counted += 1 }
      countedTo += 1
    }
    return counted + 1
  }

  private func byte(_ offset: Int = 0) -> UInt8 {
    let place = index + offset
    return place < bytes.count ? bytes[place] : 0
  }

  private var isAtEnd: Bool { index >= bytes.count }

  func fault(_ reason: String) -> PeerChartError {
    PeerChartError(.malformed, reason, place: "character \(position)")
  }

  /// Goes on to the next token.
  mutating func advance() throws(PeerChartError) {
    try skipSpace()
    position = character(at: index)
    guard !isAtEnd else {
      token = .end
      return
    }
    switch byte() {
    case 0x41...0x5A, 0x61...0x7A, 0x5F: token = .identifier(word())
    case 0x60: token = .delimited(try quoted(0x60))
    case 0x27: token = .string(try quoted(0x27))
    case 0x22: token = .string(try quoted(0x22))
    case 0x30...0x39: token = .number(number())
    case 0x40:
      index += 1
      token = .temporal(temporal())
    case 0x25:
      index += 1
      switch byte() {
      case 0x60: token = .variable(try quoted(0x60))
      case 0x27: token = .variable(try quoted(0x27))
      case 0x22: token = .variable(try quoted(0x22))
      default: token = .variable(try name())
      }
    case 0x24:
      index += 1
      token = .special(try name())
    default: token = try symbol()
    }
  }

  private mutating func skipSpace() throws(PeerChartError) {
    while !isAtEnd {
      switch (byte(), byte(1)) {
      case (0x20, _), (0x09, _), (0x0A, _), (0x0D, _): index += 1
      case (0x2F, 0x2F):
        while !isAtEnd, byte() != 0x0A { index += 1 }
      case (0x2F, 0x2A):
        position = character(at: index)
        index += 2
        while !isAtEnd, !(byte() == 0x2A && byte(1) == 0x2F) { index += 1 }
        guard !isAtEnd else { throw fault("a comment without an end") }
        index += 2
      default: return
      }
    }
  }

  private mutating func word() -> String {
    let start = index
    while !isAtEnd {
      switch byte() {
      case 0x41...0x5A, 0x61...0x7A, 0x5F, 0x30...0x39: index += 1
      default: return String(decoding: bytes[start..<index], as: UTF8.self)
      }
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func name() throws(PeerChartError) -> String {
    let name = word()
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else {
      throw fault("a name is missing here")
    }
    return name
  }

  private mutating func number() -> String {
    let start = index
    while (0x30...0x39).contains(byte()) { index += 1 }
    if byte() == 0x2E, (0x30...0x39).contains(byte(1)) {
      index += 1
      while (0x30...0x39).contains(byte()) { index += 1 }
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func temporal() -> String {
    let start = index
    while !isAtEnd {
      switch byte() {
      case 0x30...0x39, 0x2D, 0x3A, 0x54, 0x5A, 0x2B: index += 1
      // A point may also be the beginning of a call: `@2015.is(Date)`.
      case 0x2E where (0x30...0x39).contains(byte(1)): index += 1
      default: return String(decoding: bytes[start..<index], as: UTF8.self)
      }
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func symbol() throws(PeerChartError) -> PathToken {
    let pair = String(decoding: [byte(), byte(1)], as: UTF8.self)
    switch pair {
    case "<=", ">=", "!=", "!~":
      index += 2
      return .symbol(pair)
    default: break
    }
    switch byte() {
    case UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "("),
      UInt8(ascii: ")"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ","),
      UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"),
      UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "="), UInt8(ascii: "~"),
      UInt8(ascii: "<"), UInt8(ascii: ">"):
      index += 1
      return .symbol(String(decoding: [bytes[index - 1]], as: UTF8.self))
    default: throw fault("a character that FHIRPath does not allow here")
    }
  }

  /// The text between two quotes, its escapes resolved.
  private mutating func quoted(_ quote: UInt8) throws(PeerChartError) -> String {
    index += 1
    var text: [UInt8] = []
    while !isAtEnd {
      let next = byte()
      index += 1
      if next == quote { return String(decoding: text, as: UTF8.self) }
      guard next == 0x5C else {
        text.append(next)
        continue
      }
      let escaped = byte()
      index += 1
      switch escaped {
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "u"): try appendUnicode(to: &text)
      case 0: throw fault("a quote is missing at the end")
      // Quotes, slashes and, as published expressions have it, anything else stand for themselves.
      default: text.append(escaped)
      }
    }
    throw fault("a quote is missing at the end")
  }

  /// Four hexadecimal digits; the two halves of a pair come one behind the other.
  private mutating func appendUnicode(to text: inout [UInt8]) throws(PeerChartError) {
    var unit = try hexadecimal()
    if (0xD800..<0xDC00).contains(unit), byte() == 0x5C, byte(1) == UInt8(ascii: "u") {
      index += 2
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw fault("half of a surrogate pair") }
      unit = 0x10000 + ((unit & 0x3FF) << 10 | low & 0x3FF)
    }
    guard let scalar = Unicode.Scalar(unit) else { throw fault("half of a surrogate pair") }
    text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  private mutating func hexadecimal() throws(PeerChartError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(byte())).hexDigitValue else {
        throw fault("four hexadecimal digits are missing here")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }
}
