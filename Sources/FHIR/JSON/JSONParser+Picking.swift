extension JSONParser {
  /// Puts only those members of the outermost object on the tape whose names are wanted, each with all
  /// that is in it, and passes over the others.
  ///
  /// For texts that were parsed whole before they were stored: what is passed over is not checked again.
  mutating func pick(_ wanted: MemberNames) throws(JSONFault) {
    skipWhitespace()
    guard input[position] == 0x7B else { throw fault(.unexpectedByte) }
    tape.append(JSONNode(kind: .object, start: position, end: position, next: 0))
    position += 1
    skipWhitespace()
    var count: UInt32 = 0
    if input[position] != 0x7D {
      while true {
        if try pickMember(wanted) { count &+= 1 }
        skipWhitespace()
        guard input[position] == 0x2C else { break }
        position += 1
        skipWhitespace()
      }
    }
    guard input[position] == 0x7D else { throw fault(.unexpectedByte) }
    position += 1
    tape[0].close(end: position, next: tape.count, count: count)
  }

  /// Whether the member is among those that are wanted.
  private mutating func pickMember(_ wanted: MemberNames) throws(JSONFault) -> Bool {
    guard input[position] == 0x22 else { throw fault(.unexpectedByte) }
    let start = position
    let escaped = try scanString()
    // What an escaped name stands for is asked of the tape.
    let isWanted = escaped || wanted.contain(start + 1..<position - 1, of: input)
    if isWanted { try append(.name, from: start, escaped: escaped) }
    skipWhitespace()
    guard input[position] == 0x3A else { throw fault(.unexpectedByte) }
    position += 1
    skipWhitespace()
    if isWanted { try parseValue() } else { try skipValue() }
    return isWanted
  }

  private mutating func skipValue() throws(JSONFault) {
    var depth = 0
    repeat {
      switch input[position] {
      case 0x22:
        _ = try scanString()
        continue
      case 0x7B, 0x5B: depth += 1
      case 0x7D, 0x5D:
        // The end of what the value stands in.
        if depth == 0 { return }
        depth -= 1
      case 0x2C where depth == 0: return
      case 0 where position >= input.count: throw fault(.endsEarly)
      default: break
      }
      position += 1
    } while depth > 0 || !isAfterValue
  }

  private var isAfterValue: Bool {
    switch input[position] {
    case 0x2C, 0x7D, 0x5D: true
    default: position >= input.count
    }
  }
}

/// Names of members of an object, to pick these from a text.
public struct MemberNames: Sendable, Hashable {
  private var names: [[UInt8]] = []

  init(_ names: [String]) {
    for name in names { add(name) }
  }

  mutating func add(_ name: String) {
    guard !names.contains(where: { $0.elementsEqual(name.utf8) }) else { return }
    names.append(Array(name.utf8))
  }

  func contain(_ name: Range<Int>, of text: ByteView) -> Bool {
    for wanted in names where wanted.count == name.count {
      if wanted.withUnsafeBufferPointer({ text.holds($0, at: name) }) { return true }
    }
    return false
  }
}
