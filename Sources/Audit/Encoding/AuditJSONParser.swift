import Primitives

/// Parses canonical JSON. Lenient in nothing that matters, and whoever decodes an event encodes it
/// again and compares: a form that slips through here is still refused there.
struct AuditJSONParser {
  private static let maximumDepth = 8

  private let input: [UInt8]
  private var position = 0

  static func parse(_ input: [UInt8]) throws(PeerChartError) -> AuditJSON {
    guard input.count <= AuditLimits.eventBytes else {
      throw PeerChartError(.tooLarge, "an event is longer than \(AuditLimits.eventBytes) bytes")
    }
    var parser = AuditJSONParser(input: input)
    let value = try parser.value(depth: 0)
    guard parser.position == input.count else { throw parser.malformed("bytes follow the end") }
    return value
  }

  private init(input: [UInt8]) { self.input = input }

  private func malformed(_ reason: String) -> PeerChartError {
    PeerChartError(.malformed, reason, place: "byte \(position)")
  }

  private var peek: UInt8? { position < input.count ? input[position] : nil }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard let byte = peek, byte == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(PeerChartError) -> AuditJSON {
    guard depth < Self.maximumDepth else { throw malformed("nested too deeply") }
    switch peek {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    default: return .integer(try integer())
    }
  }

  private mutating func object(depth: Int) throws(PeerChartError) -> AuditJSON {
    var members: [String: AuditJSON] = [:]
    position += 1
    if skip("}") { return .object(members) }
    repeat {
      let name = try string()
      guard skip(":") else { throw malformed("a colon is missing") }
      guard members.updateValue(try value(depth: depth + 1), forKey: name) == nil else {
        throw malformed("a member occurs twice")
      }
    } while skip(",")
    guard skip("}") else { throw malformed("an object does not end") }
    return .object(members)
  }

  private mutating func array(depth: Int) throws(PeerChartError) -> AuditJSON {
    var elements: [AuditJSON] = []
    position += 1
    if skip("]") { return .array(elements) }
    repeat { elements.append(try value(depth: depth + 1)) } while skip(",")
    guard skip("]") else { throw malformed("an array does not end") }
    return .array(elements)
  }

  private mutating func integer() throws(PeerChartError) -> Int {
    let start = position
    _ = skip("-")
    while let byte = peek, (0x30...0x39).contains(byte) { position += 1 }
    let text = String(decoding: input[start..<position], as: UTF8.self)
    guard let value = Int(text), String(value) == text else {
      throw malformed("not a value, or not an integer in its one form")
    }
    return value
  }

  private mutating func string() throws(PeerChartError) -> String {
    guard skip("\"") else { throw malformed("a string is missing") }
    var bytes: [UInt8] = []
    var start = position
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        bytes += input[start..<position]
        position += 1
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw malformed("a string is not UTF-8")
        }
        return text
      case UInt8(ascii: "\\"):
        bytes += input[start..<position]
        position += 1
        bytes.append(try escaped())
        start = position
      case ..<0x20: throw malformed("a control character in a string")
      default: position += 1
      }
    }
    throw malformed("a string does not end")
  }

  /// Every escape of the canonical form stands for one byte below 0x80.
  private mutating func escaped() throws(PeerChartError) -> UInt8 {
    guard let byte = peek else { throw malformed("a string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "f"): return 0x0C
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "u"):
      let digits = input[position...].prefix(4)
      guard digits.count == 4, digits.starts(with: "00".utf8),
        let value = Hex.decode(String(decoding: digits.suffix(2), as: UTF8.self))?.first,
        value < 0x20
      else { throw malformed("an escape that is not canonical") }
      position += 4
      return value
    default: throw malformed("no such escape")
    }
  }
}
