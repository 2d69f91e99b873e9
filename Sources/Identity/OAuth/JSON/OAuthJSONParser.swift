import Primitives

/// Reads JSON (RFC 8259) strictly: UTF-8 without a byte order mark, no name twice in an object, no
/// lone surrogates, nothing behind the value.
struct OAuthJSONParser {
  static let maximumDepth = 8
  static let maximumValues = 4096

  private let bytes: [UInt8]
  private var position = 0
  private var values = 0

  /// - Throws: `tooLarge` for more than `limit` bytes, 8 levels or 4,096 values, else `malformed`.
  static func parse(_ bytes: [UInt8], limit: Int) throws -> OAuthJSON {
    guard bytes.count <= limit else {
      throw PeerChartError(.tooLarge, "a JSON text is longer than \(limit) bytes")
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw PeerChartError(.malformed, "a JSON text is not UTF-8")
    }
    var parser = OAuthJSONParser(bytes: bytes)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.fault("something follows the value") }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func fault(_ reason: String) -> PeerChartError {
    PeerChartError(.malformed, reason, place: "byte \(position)")
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func expect(_ byte: UInt8) throws {
    guard next == byte else { throw fault("a JSON text has another character here") }
    position += 1
  }

  private mutating func value(depth: Int) throws -> OAuthJSON {
    guard depth <= Self.maximumDepth else {
      throw PeerChartError(.tooLarge, "a JSON text is nested too deep", place: "byte \(position)")
    }
    values += 1
    guard values <= Self.maximumValues else {
      throw PeerChartError(.tooLarge, "a JSON text has too many values")
    }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func literal(_ text: StaticString, _ value: OAuthJSON) throws -> OAuthJSON {
    let expected = text.withUTF8Buffer { Array($0) }
    guard bytes[position...].starts(with: expected) else { throw fault("not a JSON value") }
    position += expected.count
    return value
  }

  private mutating func object(depth: Int) throws -> OAuthJSON {
    try expect(UInt8(ascii: "{"))
    var members: [OAuthJSON.Member] = []
    var names: Set<[UInt8]> = []
    skipSpace()
    if next == UInt8(ascii: "}") {
      position += 1
      return .object([])
    }
    while true {
      skipSpace()
      let name = try string()
      guard names.insert(Array(name.utf8)).inserted else {
        throw fault("a name stands twice in an object")
      }
      skipSpace()
      try expect(UInt8(ascii: ":"))
      members.append(OAuthJSON.Member(name: name, value: try value(depth: depth + 1)))
      skipSpace()
      if next == UInt8(ascii: ",") {
        position += 1
      } else {
        try expect(UInt8(ascii: "}"))
        return .object(members)
      }
    }
  }

  private mutating func array(depth: Int) throws -> OAuthJSON {
    try expect(UInt8(ascii: "["))
    var elements: [OAuthJSON] = []
    skipSpace()
    if next == UInt8(ascii: "]") {
      position += 1
      return .array([])
    }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if next == UInt8(ascii: ",") {
        position += 1
      } else {
        try expect(UInt8(ascii: "]"))
        return .array(elements)
      }
    }
  }
}

extension OAuthJSONParser {
  private mutating func string() throws -> String {
    try expect(UInt8(ascii: "\""))
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20: throw fault("a control character in a JSON string")
      default: text.append(byte)
      }
    }
    throw fault("a JSON string has no end")
  }

  private mutating func escape() throws -> Character {
    guard let byte = next else { throw fault("a JSON string has no end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      return Character(Unicode.Scalar(byte))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return Character(try unicodeEscape())
    default: throw fault("not an escape of JSON")
    }
  }

  private mutating func unicodeEscape() throws -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard (0xD800..<0xDC00).contains(first) else { throw fault("a lone surrogate") }
    try expect(UInt8(ascii: "\\"))
    try expect(UInt8(ascii: "u"))
    let second = try hexadecimal()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw fault("a lone surrogate") }
    return scalar
  }

  private mutating func hexadecimal() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("not an escape of JSON")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  /// The literal of a number, as it stands, 32 characters at most.
  private mutating func number() throws -> String {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let whole = try digits()
    guard whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else {
      throw fault("a number with a leading zero")
    }
    if next == UInt8(ascii: ".") {
      position += 1
      _ = try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      _ = try digits()
    }
    guard position - start <= 32 else {
      throw PeerChartError(.tooLarge, "a number has too many digits", place: "byte \(start)")
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws -> Int {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    guard position > start else { throw fault("not a JSON value") }
    return position - start
  }
}
