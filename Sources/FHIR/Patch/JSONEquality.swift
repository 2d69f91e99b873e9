/// Equality of JSON values as RFC 6902 section 4.6 has it: strings by their characters, numbers by
/// their value, members in any order.
enum JSONEquality {
  static func equal(_ a: JSONValue, _ b: JSONValue) -> Bool {
    switch (a.kind, b.kind) {
    case (.object, .object):
      guard a.count == b.count else { return false }
      // Nearly always in the same order; a large object in another one must not take a square.
      if zip(a.members, b.members).allSatisfy({ $0.name.utf8.elementsEqual($1.name.utf8) }) {
        return zip(a.members, b.members).allSatisfy { equal($0.value, $1.value) }
      }
      let others = Dictionary(
        b.members.map { (Array($0.name.utf8), $0.value) }, uniquingKeysWith: { first, _ in first })
      return a.members.allSatisfy { member in
        others[Array(member.name.utf8)].map { equal(member.value, $0) } ?? false
      }
    case (.array, .array):
      return a.count == b.count && zip(a.elements, b.elements).allSatisfy { equal($0, $1) }
    case (.string, .string):
      if a.raw.elementsEqual(b.raw) { return true }
      guard a.node.isEscaped || b.node.isEscaped, let x = a.string, let y = b.string else {
        return false
      }
      return x.utf8.elementsEqual(y.utf8)
    case (.number, .number):
      if a.raw.elementsEqual(b.raw) { return true }
      guard let x = NumberParts(a.raw), let y = NumberParts(b.raw) else { return false }
      return x == y
    case (.bool, .bool), (.null, .null): return a.raw.elementsEqual(b.raw)
    default: return false
    }
  }

  /// A number literal in one form: `1.50`, `15e-1` and `1.5` are the same.
  private struct NumberParts: Equatable {
    var isNegative = false
    /// Without zeros at either end; empty for zero.
    var digits: [UInt8] = []
    /// The power of ten of the last digit.
    var exponent = 0

    /// Nil where the exponent is beyond all measure.
    init?(_ literal: some Collection<UInt8>) {
      var isFraction = false
      var rest = Array(literal)[...]
      if rest.first == 0x2D {
        isNegative = true
        rest.removeFirst()
      }
      while let byte = rest.popFirst() {
        switch byte {
        case 0x30...0x39:
          digits.append(byte)
          if isFraction { exponent -= 1 }
        case 0x2E: isFraction = true
        default:
          if rest.first == 0x2B { rest.removeFirst() }
          guard let power = Int(String(decoding: rest, as: UTF8.self)),
            power.magnitude < 1 << 40
          else { return nil }
          exponent += power
          rest = []
        }
      }
      while digits.last == 0x30 {
        digits.removeLast()
        exponent += 1
      }
      digits = Array(digits.drop { $0 == 0x30 })
      if digits.isEmpty {
        exponent = 0
        isNegative = false
      }
    }
  }
}
