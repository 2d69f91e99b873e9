import Primitives

/// The small part of JSON that audit events use, in the one form of RFC 8785: sorted members, no
/// blanks, the fewest escapes, and no numbers but integers.
indirect enum AuditJSON: Equatable, Sendable {
  case object([String: AuditJSON])
  case array([AuditJSON])
  case string(String)
  case integer(Int)
  case bool(Bool)

  static func strings(_ texts: [String]) -> AuditJSON { .array(texts.map { .string($0) }) }

  static func strings(_ texts: [String: String]) -> AuditJSON {
    .object(texts.mapValues { .string($0) })
  }

  /// The canonical form. Member names are ASCII (`AuditEvent.validate`), so that the order of their
  /// bytes is the order of UTF-16 units that RFC 8785 asks for.
  var bytes: [UInt8] {
    var output: [UInt8] = []
    append(to: &output)
    return output
  }

  private func append(to output: inout [UInt8]) {
    switch self {
    case .object(let members):
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      output.append(UInt8(ascii: "{"))
      for (index, member) in sorted.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        Self.append(string: member.key, to: &output)
        output.append(UInt8(ascii: ":"))
        member.value.append(to: &output)
      }
      output.append(UInt8(ascii: "}"))
    case .array(let elements):
      output.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        element.append(to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .string(let text): Self.append(string: text, to: &output)
    case .integer(let value): output += String(value).utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    }
  }

  private static func append(string text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
      case 0x08: output += "\\b".utf8
      case 0x09: output += "\\t".utf8
      case 0x0A: output += "\\n".utf8
      case 0x0C: output += "\\f".utf8
      case 0x0D: output += "\\r".utf8
      case ..<0x20: output += "\\u00\(Hex.encode([byte]))".utf8
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
