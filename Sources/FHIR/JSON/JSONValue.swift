/// A view of one value in a document: cheap to copy.
///
/// Asking a value for what it is not (a member of an array, the text of a number) gives nil or an
/// empty sequence, never an error.
public struct JSONValue: Sendable {
  /// The six kinds of JSON values.
  public enum Kind: Sendable { case object, array, string, number, bool, null }

  let storage: JSONDocument.Storage
  let index: Int

  init(storage: JSONDocument.Storage, index: Int) {
    self.storage = storage
    self.index = index
  }

  var node: JSONNode { storage.tape[index] }

  /// Which of them this value is.
  public var kind: Kind {
    switch node.kind {
    case .object: .object
    case .array: .array
    case .string, .name: .string
    case .number: .number
    case .bool: .bool
    case .null: .null
    }
  }

  /// The bytes of the value in `document.bytes`; of a string with its quotes.
  public var range: Range<Int> { node.range }

  /// The document that the value is part of.
  public var document: JSONDocument { JSONDocument(storage: storage) }

  /// The value exactly as it was written.
  public var raw: ArraySlice<UInt8> { storage.bytes[node.range] }

  /// How many members or elements there are; 0 for a scalar.
  public var count: Int { node.count }

  /// The text of a string, decoded.
  public var string: String? {
    let node = self.node
    return node.kind == .string ? storage.text(of: node) : nil
  }

  /// A number exactly as it was written: `1.10` stays `1.10`.
  public var numberLiteral: String? {
    node.kind == .number ? String(decoding: raw, as: UTF8.self) : nil
  }

  /// The value of `true` or `false`.
  public var bool: Bool? {
    node.kind == .bool ? storage.bytes[Int(node.start)] == 0x74 : nil
  }

  /// The member of that name of an object. Compares bytes and decodes nothing.
  public subscript(name: String) -> JSONValue? {
    nameIndex(of: name).map { JSONValue(storage: storage, index: $0 + 1) }
  }

  /// The element at that place of an array. To visit all of them, use `elements`: finding the n-th
  /// means passing over those before it.
  public subscript(index: Int) -> JSONValue? {
    let node = self.node
    guard node.kind == .array, index >= 0, index < node.count else { return nil }
    var child = self.index + 1
    if Int(node.next) - child == node.count {
      // Every element is one node: no need to walk.
      child += index
    } else {
      for _ in 0..<index { child = Int(storage.tape[child].next) }
    }
    return JSONValue(storage: storage, index: child)
  }

  /// Whether the value is a string of exactly this text.
  public func isString(_ text: String) -> Bool {
    let node = self.node
    return node.kind == .string && storage.node(node, spells: text)
  }

  /// Whether the value is a string of these texts one behind the other, and written without escapes.
  func isString(_ parts: String...) -> Bool {
    let node = self.node
    guard node.kind == .string, !node.isEscaped else { return false }
    let content = node.content
    return storage.bytes.withUnsafeBufferPointer { bytes in
      let text = ByteView(bytes)
      var position = content.lowerBound
      for part in parts {
        var part = part
        let isThere = part.withUTF8 { wanted in
          position + wanted.count <= content.upperBound
            && text.holds(wanted, at: position..<position + wanted.count)
        }
        guard isThere else { return false }
        position += part.utf8.count
      }
      return position == content.upperBound
    }
  }

  /// Whether the value can be a string that begins with this text: false tells, true does not.
  func mayBegin(with text: String) -> Bool {
    let node = self.node
    guard node.kind == .string, !node.isEscaped else { return node.kind == .string }
    let content = node.content
    var text = text
    return text.withUTF8 { wanted in
      guard content.count >= wanted.count else { return false }
      let start = content.lowerBound
      return storage.bytes.withUnsafeBufferPointer {
        ByteView($0).holds(wanted, at: start..<start + wanted.count)
      }
    }
  }

  /// The tape index of the name of a member.
  func nameIndex(of name: String) -> Int? { storage.nameIndex(of: name, in: index) }
}

extension JSONDocument {
  init(storage: Storage) { self.storage = storage }
}

extension JSONDocument.Storage {
  /// The tape index of the name of a member of an object.
  func nameIndex(of name: String, in index: Int) -> Int? {
    let object = tape[index]
    guard object.kind == .object else { return nil }
    // Every look at a resource comes through here, so the three texts are unwrapped once for all members.
    var name = name
    return name.withUTF8 { wanted in
      bytes.withUnsafeBufferPointer { bytes in
        let text = ByteView(bytes)
        return tape.withUnsafeBufferPointer { tape in
          var child = index + 1
          while child < object.next {
            let node = tape[child]
            if node.isEscaped {
              if JSONText.unescape(self.bytes[node.content]).elementsEqual(wanted) {
                return child
              }
            } else if text.holds(wanted, at: node.content) {
              return child
            }
            child = Int(tape[child + 1].next)
          }
          return nil
        }
      }
    }
  }

  /// The decoded text of a string or name.
  func text(of node: JSONNode) -> String {
    let content = bytes[node.content]
    return node.isEscaped
      ? String(decoding: JSONText.unescape(content), as: UTF8.self)
      : String(decoding: content, as: UTF8.self)
  }

  /// Whether a string or name stands for `text`, compared byte by byte (no Unicode equivalence).
  func node(_ node: JSONNode, spells text: String) -> Bool {
    let content = node.content
    if node.isEscaped { return JSONText.unescape(bytes[content]).elementsEqual(text.utf8) }
    var text = text
    return text.withUTF8 { wanted in
      bytes.withUnsafeBufferPointer { ByteView($0).holds(wanted, at: content) }
    }
  }
}
