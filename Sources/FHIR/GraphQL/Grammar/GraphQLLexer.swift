import Primitives

/// Splits a GraphQL document into tokens, one at a time (October 2021, 2.1).
struct GraphQLLexer {
  let bytes: [UInt8]
  var position = 0
  private var tokensLeft: Int

  init(_ bytes: [UInt8], limits: GraphQLLimits) {
    self.bytes = bytes
    tokensLeft = limits.tokens
  }

  /// The next token.
  ///
  /// - Throws: `malformed` for what is none; `too-large` beyond the bound.
  mutating func next() throws(GraphQLFault) -> GraphQLToken {
    skipIgnored()
    guard let byte = peek() else { return GraphQLToken(kind: .end, offset: position) }
    tokensLeft -= 1
    guard tokensLeft >= 0 else {
      throw fault(.tooLarge, "the document has more tokens than are allowed", at: position)
    }
    let start = position
    switch byte {
    case UInt8(ascii: "."):
      guard peek(1) == byte, peek(2) == byte else { throw unexpected(at: start) }
      position += 3
      return GraphQLToken(kind: .spread, offset: start)
    case UInt8(ascii: "\""):
      let text = try peek(1) == byte && peek(2) == byte ? blockString() : string()
      return GraphQLToken(kind: .string(text), offset: start)
    case _ where Self.isNameStart(byte):
      return GraphQLToken(kind: .name(name()), offset: start)
    case UInt8(ascii: "-"), 0x30...0x39:
      return GraphQLToken(kind: try number(), offset: start)
    case _ where "!$&():=@[]{|}".utf8.contains(byte):
      position += 1
      return GraphQLToken(kind: .punctuator(byte), offset: start)
    default: throw unexpected(at: start)
    }
  }

  func peek(_ ahead: Int = 0) -> UInt8? {
    let place = position + ahead
    return bytes.indices.contains(place) ? bytes[place] : nil
  }

  /// White space, line ends, commas, byte order marks and comments.
  private mutating func skipIgnored() {
    while let byte = peek() {
      switch byte {
      case 0x09, 0x0A, 0x0D, 0x20, UInt8(ascii: ","): position += 1
      case 0xEF where peek(1) == 0xBB && peek(2) == 0xBF: position += 3
      case UInt8(ascii: "#"):
        while let byte = peek(), byte != 0x0A, byte != 0x0D { position += 1 }
      default: return
      }
    }
  }

  private mutating func name() -> String {
    let start = position
    while let byte = peek(), Self.isNameStart(byte) || Self.isDigit(byte) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func number() throws(GraphQLFault) -> GraphQLToken.Kind {
    let start = position
    var isFloat = false
    if peek() == UInt8(ascii: "-") { position += 1 }
    if peek() == UInt8(ascii: "0") {
      position += 1
      if let byte = peek(), Self.isDigit(byte) { throw unexpected(at: position) }
    } else {
      try digits()
    }
    if peek() == UInt8(ascii: ".") {
      isFloat = true
      position += 1
      try digits()
    }
    if let byte = peek(), byte | 0x20 == UInt8(ascii: "e") {
      isFloat = true
      position += 1
      if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    // A number ends where nothing follows that could belong to it.
    if let byte = peek(), byte == UInt8(ascii: ".") || Self.isNameStart(byte) {
      throw unexpected(at: position)
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    return isFloat ? .float(text) : .integer(text)
  }

  private mutating func digits() throws(GraphQLFault) {
    guard let first = peek(), Self.isDigit(first) else { throw unexpected(at: position) }
    while let byte = peek(), Self.isDigit(byte) { position += 1 }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isNameStart(_ byte: UInt8) -> Bool {
    byte == 0x5F || (0x61...0x7A).contains(byte | 0x20)
  }

  // MARK: Faults

  func unexpected(at offset: Int) -> GraphQLFault {
    let what = offset < bytes.count ? "unexpected here" : "the document ends early"
    return fault(.malformed, "this is no GraphQL: \(what)", at: offset)
  }

  func fault(_ code: PeerChartError.Code, _ reason: String, at offset: Int) -> GraphQLFault {
    GraphQLSource(bytes).fault(PeerChartError(code, reason), at: offset)
  }
}

/// The text of a document, to tell lines by.
struct GraphQLSource: Sendable {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func fault(
    _ error: PeerChartError, at offset: Int, path: [GraphQLFault.Step]? = nil
  ) -> GraphQLFault {
    var line = 1
    var start = 0
    for (place, byte) in bytes.prefix(max(0, offset)).enumerated() {
      guard byte == 0x0A || byte == 0x0D else { continue }
      // CR LF is one end of a line.
      if byte == 0x0A, place > 0, bytes[place - 1] == 0x0D {
        start = place + 1
      } else {
        line += 1
        start = place + 1
      }
    }
    let end = min(max(start, offset), bytes.count)
    // Columns are counted in characters, of which only the first byte is no continuation.
    let column = bytes[min(start, end)..<end].count { $0 & 0xC0 != 0x80 } + 1
    return GraphQLFault(error, line: line, column: column, path: path)
  }
}
