/// A set of small numbers.
struct NumberSet: Hashable, Sendable {
  static let end = 64
  private var bits: UInt64 = 0

  var isEmpty: Bool { bits == 0 }

  /// - Parameter number: below `end`.
  mutating func insert(_ number: Int) { bits |= 1 << UInt64(number) }
  mutating func formUnion(_ other: Self) { bits |= other.bits }
  func contains(_ number: Int) -> Bool { bits & 1 << UInt64(number) != 0 }
}

/// Names of members of an object, to pick these from a text: at most `NumberSet.end`.
struct MemberNames: Sendable, Hashable {
  private var names: [[UInt8]] = []

  init() {}

  var count: Int { names.count }

  /// - Returns: its number; nil where there are too many.
  mutating func add(_ name: String) -> Int? {
    if let known = names.firstIndex(where: { $0.elementsEqual(name.utf8) }) { return known }
    guard names.count < NumberSet.end else { return nil }
    names.append(Array(name.utf8))
    return names.count - 1
  }

  /// The number of a name that stands in a text without its quotes.
  func number(of name: Range<Int>, in text: ByteView, isEscaped: Bool) -> Int? {
    if isEscaped {
      let spelled = JSONText.unescape(name.map { text[$0] })
      return names.firstIndex(of: spelled)
    }
    for (number, wanted) in names.enumerated() where wanted.count == name.count {
      if wanted.withUnsafeBufferPointer({ text.holds($0, at: name) }) { return number }
    }
    return nil
  }
}
