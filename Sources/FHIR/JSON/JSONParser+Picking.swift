extension JSONParser {
  /// Finds those members of the outermost object whose names are wanted, in the order of the text, and passes
  /// over what is in them.
  ///
  /// For texts that were parsed whole before they were stored: what is passed over is not checked again.
  mutating func find(_ wanted: MemberNames) throws(JSONFault) -> PickedText.Object {
    skipWhitespace()
    let start = position
    guard input[position] == 0x7B else { throw fault(.unexpectedByte) }
    position += 1
    skipWhitespace()
    var members: [PickedText.Member] = []
    members.reserveCapacity(wanted.count)
    if input[position] != 0x7D {
      while true {
        if let member = try findMember(wanted) { members.append(member) }
        skipWhitespace()
        guard input[position] == 0x2C else { break }
        position += 1
        skipWhitespace()
      }
    }
    guard input[position] == 0x7D else { throw fault(.unexpectedByte) }
    return PickedText.Object(range: start..<position + 1, members: members)
  }

  /// The member that begins here, if it is among those that are wanted.
  private mutating func findMember(
    _ wanted: MemberNames
  ) throws(JSONFault) -> PickedText.Member? {
    guard input[position] == 0x22 else { throw fault(.unexpectedByte) }
    let start = position
    let isEscaped = try scanString()
    let name = start..<position
    let number = wanted.number(of: start + 1..<position - 1, in: input, isEscaped: isEscaped)
    skipWhitespace()
    guard input[position] == 0x3A else { throw fault(.unexpectedByte) }
    position += 1
    skipWhitespace()
    let value = position
    try skipValue()
    guard let number else { return nil }
    return PickedText.Member(
      number: number, name: name, value: value..<position, isEscaped: isEscaped)
  }

  /// Puts these members on the tape, each with all that is in it, as if the object had no others.
  mutating func take(_ object: PickedText.Object, _ numbers: NumberSet) throws(JSONFault) {
    tape.append(
      JSONNode(kind: .object, start: object.range.lowerBound, end: object.range.upperBound, next: 0)
    )
    var count: UInt32 = 0
    for member in object.members where numbers.contains(member.number) {
      position = member.name.upperBound
      try append(.name, from: member.name.lowerBound, escaped: member.isEscaped)
      position = member.value.lowerBound
      try parseValue()
      skipWhitespace()
      guard position == member.value.upperBound else { throw fault(.unexpectedByte) }
      count &+= 1
    }
    tape[0].close(end: object.range.upperBound, next: tape.count, count: count)
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
