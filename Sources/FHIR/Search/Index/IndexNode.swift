/// The elements with terms, as a tree of member names: one walk over a resource finds them all. It
/// finds exactly what `SearchPath.visit` finds for each of them.
struct IndexNode: Sendable {
  private struct Child: Sendable {
    let step: SearchPath.Step
    let name: [UInt8]
    var node: IndexNode
  }

  private static let buckets = 32

  /// Once sealed, in the order of their buckets.
  private var children: [Child] = []
  /// Where the children of each bucket begin; empty while there are too few to bother.
  private var starts: [Int] = []
  private var fields: [IndexField] = []

  /// Names fall apart well by their length and first letter.
  private static func bucket(_ count: Int, _ first: UInt8) -> Int {
    (count &* 7 &+ Int(first)) & (buckets - 1)
  }

  private static func bucket(_ name: [UInt8]) -> Int { bucket(name.count, name.first ?? 0) }

  /// Makes the tree ready for walks, once it is complete.
  mutating func seal() {
    for index in children.indices { children[index].node.seal() }
    guard children.count > 3 else { return }
    children.sort { Self.bucket($0.name) < Self.bucket($1.name) }
    starts = (0...Self.buckets).map { bucket in
      children.firstIndex { Self.bucket($0.name) >= bucket } ?? children.count
    }
  }

  /// The children that a member can be; all where its name is escaped.
  private func candidates(_ name: JSONNode, _ tape: IndexTape) -> Range<Int> {
    let content = name.content
    guard !starts.isEmpty, !name.isEscaped, !content.isEmpty else { return children.indices }
    let bucket = Self.bucket(content.count, tape.bytes[content.lowerBound])
    return starts[bucket]..<starts[bucket + 1]
  }

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
        for place in candidates(node, tape) where tape.spells(node, children[place].name) {
          children[place].node.collect(
            name + 1, depth, children[place].step, tape, into: &collector)
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
