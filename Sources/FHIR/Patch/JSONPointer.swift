import Primitives

/// A JSON Pointer (RFC 6901): the names and indexes that lead from the root to a value.
struct JSONPointer: Sendable {
  let tokens: [String]

  /// More steps than a document can be deep lead nowhere.
  private static let maximumTokens = 512

  /// Reads a pointer in its string form.
  ///
  /// - Throws: `malformed` where it is neither empty nor begins with a slash, or where a tilde is not
  ///   followed by 0 or 1 (section 3); `tooLarge` for too many steps.
  init(_ text: String) throws(PeerChartError) {
    guard !text.isEmpty else {
      tokens = []
      return
    }
    guard text.utf8.first == 0x2F else {
      throw PeerChartError(.malformed, "a JSON pointer is empty or begins with a slash")
    }
    let parts = text.utf8.dropFirst().split(separator: 0x2F, omittingEmptySubsequences: false)
    guard parts.count <= Self.maximumTokens else {
      throw PeerChartError(.tooLarge, "a JSON pointer has more steps than are allowed")
    }
    var tokens: [String] = []
    for part in parts {
      var token: [UInt8] = []
      var bytes = part.makeIterator()
      while let byte = bytes.next() {
        guard byte == 0x7E else {
          token.append(byte)
          continue
        }
        switch bytes.next() {
        case 0x30: token.append(0x7E)
        case 0x31: token.append(0x2F)
        default: throw PeerChartError(.malformed, "a tilde in a JSON pointer that is no escape")
        }
      }
      tokens.append(String(decoding: token, as: UTF8.self))
    }
    self.tokens = tokens
  }

  private init(tokens: [String]) { self.tokens = tokens }

  /// The pointer without its last step; nil at the root.
  var parent: JSONPointer? {
    tokens.isEmpty ? nil : JSONPointer(tokens: Array(tokens.dropLast()))
  }

  /// Whether this leads to something inside of what the other one leads to.
  func isInside(_ other: JSONPointer) -> Bool {
    tokens.count > other.tokens.count
      && zip(tokens, other.tokens).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
  }

  /// The value it leads to; nil where there is none.
  func value(in root: JSONValue) -> JSONValue? {
    var value = root
    for token in tokens {
      switch value.kind {
      case .object:
        guard let member = value[token] else { return nil }
        value = member
      case .array:
        guard let index = Self.index(token), let element = value[index] else { return nil }
        value = element
      case .string, .number, .bool, .null: return nil
      }
    }
    return value
  }

  /// An array index: digits without zeros in front (section 4).
  static func index(_ token: String) -> Int? {
    let digits = token.utf8
    guard !digits.isEmpty, digits.count <= 10, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      digits.count == 1 || digits.first != 0x30
    else { return nil }
    return Int(token)
  }
}
