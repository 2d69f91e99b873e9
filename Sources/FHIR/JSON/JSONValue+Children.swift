/// The members of an object in the order of the text.
public struct JSONMembers: Sequence, Sendable {
  let object: JSONValue

  /// Walks the tape from one child to the next.
  public struct Iterator: IteratorProtocol {
    let storage: JSONDocument.Storage
    var cursor: Int
    let end: Int

    /// The next child, nil behind the last.
    public mutating func next() -> (name: String, value: JSONValue)? {
      guard let name = nextNameIndex() else { return nil }
      return (
        storage.text(of: storage.tape[name]), JSONValue(storage: storage, index: name + 1)
      )
    }

    /// The tape index of the next name; the value is behind it.
    mutating func nextNameIndex() -> Int? {
      guard cursor < end else { return nil }
      let name = cursor
      cursor = Int(storage.tape[name + 1].next)
      return name
    }
  }

  /// Starts before the first child.
  public func makeIterator() -> Iterator {
    let node = object.node
    return Iterator(
      storage: object.storage, cursor: object.index + 1,
      end: node.kind == .object ? Int(node.next) : 0)
  }

  /// The exact number of children.
  public var underestimatedCount: Int { object.node.kind == .object ? object.count : 0 }
}

/// The elements of an array in the order of the text.
public struct JSONElements: Sequence, Sendable {
  let array: JSONValue

  /// Walks the tape from one child to the next.
  public struct Iterator: IteratorProtocol {
    let storage: JSONDocument.Storage
    var cursor: Int
    let end: Int

    /// The next child, nil behind the last.
    public mutating func next() -> JSONValue? {
      guard cursor < end else { return nil }
      let value = JSONValue(storage: storage, index: cursor)
      cursor = Int(storage.tape[cursor].next)
      return value
    }
  }

  /// Starts before the first child.
  public func makeIterator() -> Iterator {
    let node = array.node
    return Iterator(
      storage: array.storage, cursor: array.index + 1, end: node.kind == .array ? Int(node.next) : 0
    )
  }

  /// The exact number of children.
  public var underestimatedCount: Int { array.node.kind == .array ? array.count : 0 }
}

extension JSONValue {
  /// The members of an object; empty for anything else.
  public var members: JSONMembers { JSONMembers(object: self) }

  /// The elements of an array; empty for anything else.
  public var elements: JSONElements { JSONElements(array: self) }
}
