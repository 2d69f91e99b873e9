/// The white space that an object's text uses around its members, so that an inserted member looks
/// like those that were there.
struct MemberSpacing {
  /// Between the opening brace and the first name.
  let before: [UInt8]
  /// From the end of a name to the start of its value: the colon and what surrounds it.
  let colon: [UInt8]

  /// A member to be put behind another one.
  func member(_ name: String, _ value: [UInt8]) -> [UInt8] {
    [0x2C] + before + JSONText.literal(name) + colon + value
  }
}

extension JSONValue {
  /// More than this is no formatting that is worth repeating.
  private static let longestSpacing = 64

  var memberSpacing: MemberSpacing {
    let compact = MemberSpacing(before: [], colon: [0x3A])
    guard kind == .object, count > 0 else { return compact }
    let name = storage.tape[index + 1]
    let before = range.lowerBound + 1..<Int(name.start)
    let colon = Int(name.end)..<Int(storage.tape[index + 2].start)
    guard before.count <= Self.longestSpacing, colon.count <= Self.longestSpacing else {
      return compact
    }
    return MemberSpacing(
      before: Array(storage.bytes[before]), colon: Array(storage.bytes[colon]))
  }

  /// Where the last member's value ends; of an empty object the place behind its brace.
  var lastMemberEnd: Int {
    var end = range.lowerBound + 1
    var members = members.makeIterator()
    while let name = members.nextNameIndex() { end = Int(storage.tape[name + 1].end) }
    return end
  }

  /// Removes members with one of the commas beside each; the inverse of inserting them.
  func removeMembers(into edits: inout ByteEdits, where isRemoved: (String) -> Bool) {
    var previousEnd: Int?
    var leadingStart: Int?
    var iterator = members.makeIterator()
    while let index = iterator.nextNameIndex() {
      let name = storage.tape[index]
      let end = Int(storage.tape[index + 1].end)
      if isRemoved(storage.text(of: name)) {
        if let previousEnd {
          edits.remove(previousEnd..<end)
        } else if leadingStart == nil {
          leadingStart = Int(name.start)
        }
      } else if let start = leadingStart {
        edits.remove(start..<Int(name.start))
        leadingStart = nil
      }
      if leadingStart == nil { previousEnd = end }
    }
    // Nothing is left of the object.
    if leadingStart != nil { edits.remove(range.lowerBound + 1..<range.upperBound - 1) }
  }
}
