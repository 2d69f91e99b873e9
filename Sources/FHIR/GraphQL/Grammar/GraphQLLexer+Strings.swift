import Primitives

extension GraphQLLexer {
  /// `"…"` with escapes (October 2021, 2.9.4; `\u{…}` as in the drafts since).
  mutating func string() throws(GraphQLFault) -> String {
    position += 1
    var output: [UInt8] = []
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: output, as: UTF8.self)
      case 0x0A, 0x0D: throw unexpected(at: position)
      case UInt8(ascii: "\\"): try escape(into: &output)
      default:
        output.append(byte)
        position += 1
      }
    }
    throw unexpected(at: position)
  }

  private mutating func escape(into output: inout [UInt8]) throws(GraphQLFault) {
    let start = position
    let plain: [UInt8: UInt8] = [
      0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D,
      0x74: 0x09,
    ]
    guard let kind = peek(1) else { throw unexpected(at: bytes.count) }
    position += 2
    if let byte = plain[kind] {
      output.append(byte)
      return
    }
    guard kind == UInt8(ascii: "u") else { throw unexpected(at: start) }
    guard let scalar = peek() == UInt8(ascii: "{") ? bracedScalar() : pairedScalar() else {
      throw fault(.malformed, "this is no GraphQL: an escape that means no character", at: start)
    }
    output += Array(String(Character(scalar)).utf8)
  }

  /// `{1F600}`
  private mutating func bracedScalar() -> Unicode.Scalar? {
    position += 1
    var value: UInt32 = 0
    var count = 0
    while let byte = peek(), byte != UInt8(ascii: "}") {
      guard let digit = Self.hexDigit(byte), value <= 0x10FFFF else { return nil }
      value = value << 4 | digit
      count += 1
      position += 1
    }
    guard count > 0, peek() != nil else { return nil }
    position += 1
    return Unicode.Scalar(value)
  }

  /// Four digits, or two times four for what lies beyond.
  private mutating func pairedScalar() -> Unicode.Scalar? {
    guard let first = fourDigits() else { return nil }
    guard first & 0xFC00 == 0xD800 else { return Unicode.Scalar(first) }
    guard peek() == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "u") else { return nil }
    position += 2
    guard let second = fourDigits(), second & 0xFC00 == 0xDC00 else { return nil }
    return Unicode.Scalar(0x10000 + ((first & 0x3FF) << 10 | second & 0x3FF))
  }

  private mutating func fourDigits() -> UInt32? {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Self.hexDigit(byte) else { return nil }
      value = value << 4 | digit
      position += 1
    }
    return value
  }

  private static func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte - 0x30)
    case 0x41...0x46: UInt32(byte - 0x37)
    case 0x61...0x66: UInt32(byte - 0x57)
    default: nil
    }
  }

  /// `"""…"""`, without the indentation that all lines share.
  mutating func blockString() throws(GraphQLFault) -> String {
    position += 3
    let quote = UInt8(ascii: "\"")
    var lines: [[UInt8]] = [[]]
    var line: [UInt8] = []
    while let byte = peek() {
      switch byte {
      case quote where peek(1) == quote && peek(2) == quote:
        position += 3
        lines[lines.count - 1] = line
        return Self.withoutIndentation(lines)
      case UInt8(ascii: "\\") where peek(1) == quote && peek(2) == quote && peek(3) == quote:
        line += [quote, quote, quote]
        position += 4
      case 0x0A, 0x0D:
        position += byte == 0x0D && peek(1) == 0x0A ? 2 : 1
        lines[lines.count - 1] = line
        lines.append([])
        line = []
      default:
        line.append(byte)
        position += 1
      }
    }
    throw unexpected(at: position)
  }

  /// BlockStringValue of the specification (2.9.4).
  private static func withoutIndentation(_ lines: [[UInt8]]) -> String {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    let indentation = lines.dropFirst().compactMap { line in
      line.firstIndex { !isSpace($0) }
    }.min()
    var output = lines
    if let indentation {
      for index in output.indices.dropFirst() {
        output[index] = Array(output[index].dropFirst(indentation))
      }
    }
    let isBlank = { (line: [UInt8]) in line.allSatisfy(isSpace) }
    guard let first = output.firstIndex(where: { !isBlank($0) }),
      let last = output.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(decoding: Array(output[first...last].joined(separator: [0x0A])), as: UTF8.self)
  }
}
