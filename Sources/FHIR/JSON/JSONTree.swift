/// JSON to be written: a small tree whose numbers are literals and which can embed JSON as bytes.
public indirect enum JSONTree: Sendable {
  /// Members in the order in which they are written. Names are not checked for duplicates.
  case object([(String, JSONTree)])
  case array([JSONTree])
  case string(String)
  /// A number literal, written as it stands.
  case number(String)
  case bool(Bool)
  case null
  /// JSON text that is embedded as it stands.
  case raw([UInt8])

  /// The tree as compact JSON in UTF-8.
  public func serialized() -> [UInt8] {
    var output: [UInt8] = []
    write(to: &output)
    return output
  }

  private func write(to output: inout [UInt8]) {
    switch self {
    case .object(let members):
      output.append(0x7B)
      for (position, member) in members.enumerated() {
        if position > 0 { output.append(0x2C) }
        JSONText.appendLiteral(member.0, to: &output)
        output.append(0x3A)
        member.1.write(to: &output)
      }
      output.append(0x7D)
    case .array(let elements):
      output.append(0x5B)
      for (position, element) in elements.enumerated() {
        if position > 0 { output.append(0x2C) }
        element.write(to: &output)
      }
      output.append(0x5D)
    case .string(let text): JSONText.appendLiteral(text, to: &output)
    case .number(let literal): output += literal.utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    case .null: output += "null".utf8
    case .raw(let bytes): output += bytes
    }
  }
}

extension JSONTree {
  /// A copy of a parsed value, with its number literals and the order of its members.
  public init(_ value: JSONValue) {
    switch value.kind {
    case .object: self = .object(value.members.map { ($0.name, JSONTree($0.value)) })
    case .array: self = .array(value.elements.map { JSONTree($0) })
    case .string: self = .string(value.string ?? "")
    case .number: self = .number(value.numberLiteral ?? "0")
    case .bool: self = .bool(value.bool ?? false)
    case .null: self = .null
    }
  }
}

extension JSONTree: Equatable {
  /// Equal as texts: number literals digit by digit, members in their order, strings by scalars.
  public static func == (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.object(let x), .object(let y)):
      x.count == y.count
        && zip(x, y).allSatisfy { $0.0.utf8.elementsEqual($1.0.utf8) && $0.1 == $1.1 }
    case (.array(let x), .array(let y)): x == y
    case (.string(let x), .string(let y)): x.utf8.elementsEqual(y.utf8)
    case (.number(let x), .number(let y)): x == y
    case (.bool(let x), .bool(let y)): x == y
    case (.null, .null): true
    case (.raw(let x), .raw(let y)): x == y
    default: false
    }
  }
}

extension JSONTree: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .number(String(value)) }
  public init(arrayLiteral elements: JSONTree...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONTree)...) { self = .object(elements) }
}
