extension JSONParser {
  /// Beyond this many members, sorting the names is cheaper than comparing each with each.
  private static let pairwiseLimit: UInt32 = 16

  /// Refuses an object with a name that stands twice, in O(n log n) for any number of members.
  ///
  /// RFC 8259 leaves duplicates to the reader; two readers that choose differently would see two
  /// different records under one signature.
  mutating func checkNames(of object: Int, count: UInt32) throws(JSONFault) {
    guard count > 1 else { return }
    guard count <= Self.pairwiseLimit else { return try checkManyNames(of: object) }
    var later = object + 1
    for _ in 0..<count {
      let node = tape[later]
      var earlier = object + 1
      while earlier < later {
        let other = tape[earlier]
        if node.isEscaped || other.isEscaped { return try checkManyNames(of: object) }
        if node.end &- node.start == other.end &- other.start,
          input.order(node.content, other.content) == 0
        {
          throw duplicate(at: later, in: object)
        }
        earlier = Int(tape[earlier + 1].next)
      }
      later = Int(tape[later + 1].next)
    }
  }

  private mutating func checkManyNames(of object: Int) throws(JSONFault) {
    var names: [Int] = []
    var hasEscapes = false
    var index = object + 1
    while index < tape.count {
      names.append(index)
      hasEscapes = hasEscapes || tape[index].isEscaped
      index = Int(tape[index + 1].next)
    }
    if hasEscapes {
      let texts = names.map { (text: unescapedName($0), index: $0) }
        .sorted { $0.text.lexicographicallyPrecedes($1.text) }
      for (a, b) in zip(texts, texts.dropFirst()) where a.text == b.text {
        throw duplicate(at: max(a.index, b.index), in: object)
      }
    } else {
      names.sort { input.order(tape[$0].content, tape[$1].content) < 0 }
      for (a, b) in zip(names, names.dropFirst())
      where input.order(tape[a].content, tape[b].content) == 0 {
        throw duplicate(at: max(a, b), in: object)
      }
    }
  }

  private func unescapedName(_ index: Int) -> [UInt8] {
    JSONText.unescape(tape[index].content.map { input[$0] })
  }

  private mutating func duplicate(at name: Int, in object: Int) -> JSONFault {
    // The error's place is to end with this name.
    if let top = stack.indices.last { stack[top].name = name }
    return JSONFault(reason: .duplicateName, offset: Int(tape[name].start))
  }
}
