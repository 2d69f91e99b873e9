import Primitives

/// A text of an object that was parsed whole before, and where the wanted ones of its members stand in it.
struct PickedText: Sendable {
  /// Where an object stands, and those of its members that are wanted, in the order of the text.
  struct Object {
    let range: Range<Int>
    let members: [Member]
  }

  /// A member's place in the text: its name with the quotes, its value up to what follows it.
  struct Member {
    /// Which of the wanted names it bears.
    let number: Int
    let name: Range<Int>
    let value: Range<Int>
    let isEscaped: Bool
  }

  let bytes: [UInt8]
  private let object: Object

  /// - Throws: `malformed` where the text cannot be such an object.
  init(_ bytes: [UInt8], _ wanted: MemberNames) throws(PeerChartError) {
    self.bytes = bytes
    object = try Self.parse(bytes, nodes: 0) { parser throws(JSONFault) in
      try parser.find(wanted)
    }
  }

  /// Whether another text has the same members of these numbers, byte for byte and in the same order.
  func isSame(as other: PickedText, _ numbers: NumberSet) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      other.bytes.withUnsafeBufferPointer { others in
        let text = ByteView(bytes)
        var place = 0
        for member in object.members where numbers.contains(member.number) {
          while place < other.object.members.count,
            !numbers.contains(other.object.members[place].number)
          {
            place += 1
          }
          guard place < other.object.members.count else { return false }
          let same = other.object.members[place]
          place += 1
          guard member.number == same.number,
            text.holds(UnsafeBufferPointer(rebasing: others[same.value]), at: member.value)
          else { return false }
        }
        return !other.object.members[place...].contains { numbers.contains($0.number) }
      }
    }
  }

  /// The tape of the object as if it had only the members of these numbers.
  ///
  /// - Throws: `malformed` where the text cannot be such an object.
  func tape(_ numbers: NumberSet) throws(PeerChartError) -> ContiguousArray<JSONNode> {
    let length = object.members.reduce(0) {
      numbers.contains($1.number) ? $0 + $1.value.count : $0
    }
    return try Self.parse(bytes, nodes: length / 24 + 8) { parser throws(JSONFault) in
      try parser.take(object, numbers)
      return parser.tape
    }
  }

  private static func parse<Result>(
    _ bytes: [UInt8], nodes: Int, _ body: (inout JSONParser) throws(JSONFault) -> Result
  ) throws(PeerChartError) -> Result {
    try bytes.withUnsafeBufferPointer { buffer throws(PeerChartError) in
      var parser = JSONParser(ByteView(buffer), limits: JSONLimits().clamped, nodes: nodes)
      do throws(JSONFault) {
        return try body(&parser)
      } catch {
        throw PeerChartError(error.code, error.text, place: "byte \(error.offset)")
      }
    }
  }
}
