package import Foundation

/// Plain JSON that is known to be well-formed, numbers as Foundation's decimals.
package indirect enum OracleJSON: Sendable {
  case object([String: OracleJSON])
  case array([OracleJSON])
  case string(String)
  case number(Decimal)
  case bool(Bool)
  case null

  package init(_ bytes: [UInt8]) {
    var reader = OracleJSONReader(rest: bytes[...])
    self = reader.value()
  }

  package subscript(_ name: String) -> OracleJSON? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  package var text: String? { if case .string(let text) = self { text } else { nil } }
  package var number: Decimal? { if case .number(let number) = self { number } else { nil } }
  package var isFalse: Bool { if case .bool(false) = self { true } else { false } }

  /// The elements of an array, a single value by itself, nothing for null.
  package var each: [OracleJSON] {
    switch self {
    case .array(let elements): elements.flatMap(\.each)
    case .null: []
    default: [self]
    }
  }
}

/// Reads JSON without looking for faults.
private struct OracleJSONReader {
  var rest: ArraySlice<UInt8>

  private mutating func next() -> UInt8 {
    while let byte = rest.first, " \n\r\t,:".utf8.contains(byte) { rest.removeFirst() }
    return rest.first ?? 0
  }

  mutating func value() -> OracleJSON {
    switch next() {
    case 0x7B:
      rest.removeFirst()
      var members: [String: OracleJSON] = [:]
      while next() != 0x7D, !rest.isEmpty {
        let name = text()
        members[name] = value()
      }
      rest = rest.dropFirst()
      return .object(members)
    case 0x5B:
      rest.removeFirst()
      var elements: [OracleJSON] = []
      while next() != 0x5D, !rest.isEmpty { elements.append(value()) }
      rest = rest.dropFirst()
      return .array(elements)
    case 0x22: return .string(text())
    default:
      let word = rest.prefix { !" \n\r\t,:]}".utf8.contains($0) }
      rest = rest.dropFirst(word.count)
      switch String(decoding: word, as: UTF8.self) {
      case "true": return .bool(true)
      case "false": return .bool(false)
      case let digits: return Decimal(string: digits).map(OracleJSON.number) ?? .null
      }
    }
  }

  /// A string; Foundation undoes its escapes.
  private mutating func text() -> String {
    var end = rest.startIndex + 1
    var isEscaped = false
    while end < rest.endIndex, rest[end] != 0x22 {
      if rest[end] == 0x5C {
        isEscaped = true
        end += 1
      }
      end += 1
    }
    let whole = rest[rest.startIndex...min(end, rest.endIndex - 1)]
    rest = rest[(end + 1)...]
    guard isEscaped else { return String(decoding: whole.dropFirst().dropLast(), as: UTF8.self) }
    let decoded = try? JSONSerialization.jsonObject(
      with: Data(whole), options: .fragmentsAllowed)
    return decoded as? String ?? ""
  }
}
