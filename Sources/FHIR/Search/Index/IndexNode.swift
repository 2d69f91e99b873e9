/// The elements with terms, as a tree of member names: one walk over a resource finds them all. It
/// finds exactly what `SearchPath.visit` finds for each of them.
struct IndexNode: Sendable {
  private struct Child: Sendable {
    let step: SearchPath.Step
    let name: [UInt8]
    var node: IndexNode
  }

  private var children: [Child] = []
  private var fields: [IndexField] = []

  mutating func insert(_ field: IndexField, at steps: ArraySlice<SearchPath.Step>) {
    guard let step = steps.first else {
      fields.append(field)
      return
    }
    let index = children.firstIndex { $0.step == step } ?? children.count
    if index == children.count {
      children.append(Child(step: step, name: Array(step.name.utf8), node: IndexNode()))
    }
    children[index].node.insert(field, at: steps.dropFirst())
  }

  /// Collects the terms of the elements below a value that this node stands for.
  func collect(
    _ index: Int, _ depth: Int, _ step: SearchPath.Step?, _ tape: IndexTape,
    into collector: inout IndexTermCollector
  ) {
    let entry = tape.nodes[index]
    switch entry.kind {
    case .array:
      var left = step?.onlyFirst == true ? 1 : SearchPath.elementLimit(within: depth)
      var child = index + 1
      while child < Int(entry.next), left > 0 {
        collect(child, depth + 1, step, tape, into: &collector)
        child = Int(tape.nodes[child].next)
        left -= 1
      }
    case .null: return
    default:
      if let filter = step?.filter, !filter.admits(tape.value(index)) { return }
      if !fields.isEmpty {
        let value = tape.value(index)
        for field in fields { field.collect(value, into: &collector) }
      }
      guard entry.kind == .object, !children.isEmpty else { return }
      var name = index + 1
      while name < Int(entry.next) {
        let node = tape.nodes[name]
        for child in children where tape.spells(node, child.name) {
          child.node.collect(name + 1, depth, child.step, tape, into: &collector)
        }
        name = Int(tape.nodes[name + 1].next)
      }
    }
  }
}

/// A document while it is walked.
struct IndexTape {
  let storage: JSONDocument.Storage
  let nodes: UnsafeBufferPointer<JSONNode>
  let bytes: UnsafeBufferPointer<UInt8>

  func value(_ index: Int) -> JSONValue { JSONValue(storage: storage, index: index) }

  /// Whether a member's name is this.
  func spells(_ node: JSONNode, _ name: [UInt8]) -> Bool {
    guard !node.isEscaped else {
      return JSONText.unescape(storage.bytes[node.content]).elementsEqual(name)
    }
    let content = node.content
    guard content.count == name.count else { return false }
    var index = content.lowerBound
    for byte in name {
      if bytes[index] != byte { return false }
      index += 1
    }
    return true
  }
}

extension IndexLayout {
  /// Collects all terms of a resource but its type.
  func collect(_ value: JSONValue, into collector: inout IndexTermCollector) {
    let storage = value.storage
    storage.tape.withUnsafeBufferPointer { nodes in
      storage.bytes.withUnsafeBufferPointer { bytes in
        let tape = IndexTape(storage: storage, nodes: nodes, bytes: bytes)
        root.collect(value.index, 0, nil, tape, into: &collector)
      }
    }
  }
}
