import Primitives

extension JSONPatch {
  /// The edits that one operation makes (RFC 6902 section 4).
  func edits(
    for operation: Operation, in root: JSONValue
  ) throws(PeerChartError) -> ByteEdits {
    var edits = ByteEdits()
    switch operation {
    case .add(let path, let value): try add(Array(value.raw), at: path, in: root, &edits)
    case .remove(let path):
      _ = try existing(path, in: root)
      try remove(path, in: root, &edits)
    case .replace(let path, let value):
      edits.replace(try existing(path, in: root).range, with: Array(value.raw))
    case .copy(let from, let path):
      let value = try existing(from, in: root, ".from")
      try add(Array(value.raw), at: path, in: root, &edits)
    case .move(let from, let path):
      let value = try existing(from, in: root, ".from")
      guard !path.isInside(from) else { throw fault("a value cannot be moved into itself") }
      return try move(value, from: from, to: path, in: root)
    case .test(let path, let value):
      guard JSONEquality.equal(try existing(path, in: root), value) else {
        throw PeerChartError(.conflict, "the value is not what the patch tests for")
      }
    }
    return edits
  }

  private func fault(_ reason: String, _ member: String = ".path") -> PeerChartError {
    PeerChartError(.invalid, reason, place: member)
  }

  private func existing(
    _ pointer: JSONPointer, in root: JSONValue, _ member: String = ".path"
  ) throws(PeerChartError) -> JSONValue {
    guard let value = pointer.value(in: root) else {
      throw fault("there is nothing at this place", member)
    }
    return value
  }

  private func add(
    _ value: [UInt8], at path: JSONPointer, in root: JSONValue, _ edits: inout ByteEdits
  ) throws(PeerChartError) {
    guard let parent = path.parent, let token = path.tokens.last else {
      edits.replace(root.range, with: value)
      return
    }
    let container = try existing(parent, in: root)
    switch container.kind {
    case .object:
      if let old = container[token] {
        edits.replace(old.range, with: value)
      } else {
        container.append(token, value, to: &edits)
      }
    case .array:
      let position = token == "-" ? container.count : JSONPointer.index(token)
      guard let position, position <= container.count else {
        throw fault("there is no such place in the list")
      }
      container.insert(value, at: position, into: &edits)
    case .string, .number, .bool, .null: throw fault("there is nothing at this place")
    }
  }

  private func remove(
    _ path: JSONPointer, in root: JSONValue, _ edits: inout ByteEdits
  ) throws(PeerChartError) {
    guard let parent = path.parent, let token = path.tokens.last else {
      throw fault("the resource itself cannot be removed")
    }
    let container = try existing(parent, in: root)
    if container.kind == .object {
      container.removeMember(token, from: &edits)
    } else if let position = JSONPointer.index(token) {
      container.removeElement(at: position, from: &edits)
    }
  }

  /// Takes the value away first, and puts it where the path leads then.
  private func move(
    _ value: JSONValue, from: JSONPointer, to path: JSONPointer, in root: JSONValue
  ) throws(PeerChartError) -> ByteEdits {
    var edits = ByteEdits()
    if from.tokens == path.tokens { return edits }
    try remove(from, in: root, &edits)
    let shortened = try JSONDocument(
      parsing: edits.applied(to: root.storage.bytes, within: root.storage.bytes.indices)
    ).root
    var second = ByteEdits()
    try add(Array(value.raw), at: path, in: shortened, &second)
    let bytes = second.applied(
      to: shortened.storage.bytes, within: shortened.storage.bytes.indices)
    var whole = ByteEdits()
    whole.replace(root.storage.bytes.indices, with: bytes)
    return whole
  }
}
