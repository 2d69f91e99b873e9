/// One entry of the tape: a value, or the name of a member, by its place in the text.
///
/// Nodes stand in the order of the text. A member's name comes right before its value; the children
/// of a container follow it. `next` skips a whole subtree.
struct JSONNode: BitwiseCopyable, Sendable {
  /// The raw kinds of `JSONValue.Kind` and the names of members.
  enum Kind: UInt32 {
    case object, array, string, number, bool, null, name
  }

  static let maximumCount: UInt32 = 1 << 27
  private static let kindMask: UInt32 = 7
  private static let escapedFlag: UInt32 = 8
  private static let countShift: UInt32 = 4

  /// The first byte; of strings and names the opening quote.
  let start: UInt32
  /// One past the last byte.
  var end: UInt32
  /// The tape index behind this node and all below it; 0 while a container is still open.
  var next: UInt32
  private var info: UInt32

  init(kind: Kind, start: Int, end: Int, next: Int, escaped: Bool = false) {
    self.start = UInt32(truncatingIfNeeded: start)
    self.end = UInt32(truncatingIfNeeded: end)
    self.next = UInt32(truncatingIfNeeded: next)
    info = kind.rawValue | (escaped ? Self.escapedFlag : 0)
  }

  var kind: Kind { Kind(rawValue: info & Self.kindMask) ?? .null }

  /// Whether a string or name holds a backslash, so that its text is not its bytes.
  var isEscaped: Bool { info & Self.escapedFlag != 0 }

  /// How many members or elements a closed container has.
  var count: Int { Int(info >> Self.countShift) }

  var range: Range<Int> { Int(start)..<Int(end) }

  /// The bytes between the quotes of a string or name.
  var content: Range<Int> { Int(start) + 1..<max(Int(start) + 1, Int(end) - 1) }

  mutating func close(end: Int, next: Int, count: UInt32) {
    self.end = UInt32(truncatingIfNeeded: end)
    self.next = UInt32(truncatingIfNeeded: next)
    info |= count << Self.countShift
  }
}
