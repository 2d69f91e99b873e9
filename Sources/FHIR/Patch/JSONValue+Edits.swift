/// Edits of containers that leave the bytes of everything else alone and look like what is there.
extension JSONValue {
  /// More than this between two elements is no formatting that is worth repeating.
  private static let longestSpacing = 64

  /// Puts a member behind the last one of an object.
  func append(_ name: String, _ value: [UInt8], to edits: inout ByteEdits) {
    if count == 0 {
      edits.insert(JSONText.literal(name) + [0x3A] + value, at: range.lowerBound + 1)
    } else {
      edits.insert(memberSpacing.member(name, value), at: lastMemberEnd)
    }
  }

  /// Takes a member away with a comma beside it.
  func removeMember(_ name: String, from edits: inout ByteEdits) {
    removeMembers(into: &edits) { $0 == name }
  }

  /// Puts an element into an array, before the one at `position` or behind the last.
  func insert(_ value: [UInt8], at position: Int, into edits: inout ByteEdits) {
    if let element = self[position] {
      edits.insert(value + [0x2C] + spacing(before: position), at: element.range.lowerBound)
    } else if count > 0, let last = self[count - 1] {
      edits.insert([0x2C] + spacing(before: count - 1) + value, at: last.range.upperBound)
    } else {
      edits.insert(value, at: range.lowerBound + 1)
    }
  }

  /// Takes an element out of an array with a comma beside it.
  func removeElement(at position: Int, from edits: inout ByteEdits) {
    guard let element = self[position] else { return }
    if position > 0, let previous = self[position - 1] {
      edits.remove(previous.range.upperBound..<element.range.upperBound)
    } else if let next = self[position + 1] {
      edits.remove(element.range.lowerBound..<next.range.lowerBound)
    } else {
      edits.remove(range.lowerBound + 1..<range.upperBound - 1)
    }
  }

  /// The white space in front of an element.
  private func spacing(before position: Int) -> [UInt8] {
    guard let element = self[position] else { return [] }
    var start = element.range.lowerBound
    while start > range.lowerBound + 1, element.range.lowerBound - start <= Self.longestSpacing,
      [0x20, 0x09, 0x0A, 0x0D].contains(storage.bytes[start - 1])
    {
      start -= 1
    }
    let length = element.range.lowerBound - start
    return length <= Self.longestSpacing
      ? Array(storage.bytes[start..<element.range.lowerBound]) : []
  }
}
