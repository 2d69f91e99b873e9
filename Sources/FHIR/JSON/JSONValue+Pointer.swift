import Synchronization

extension JSONValue {
  /// Where the value stands in its document: `Bundle.entry[17].resource.code`, with `$` in front
  /// where the root is no known resource. Names that are not of FHIR's form are shown as `?`.
  public var pointer: String {
    var path = rootLabel
    var container = 0
    while container < index {
      let node = storage.tape[container]
      if node.kind == .object {
        var child = container + 2
        while child < node.next, storage.tape[child].next <= index {
          child = Int(storage.tape[child].next) + 1
        }
        guard child < node.next else { return path }
        path += "." + label(ofName: child - 1)
        container = child
      } else {
        guard let (child, position) = element(of: container) else { return path }
        path += "[\(position)]"
        container = child
      }
    }
    return path
  }

  /// The element of an array that holds this value, and how many stand before it.
  private func element(of array: Int) -> (child: Int, position: Int)? {
    let end = Int(storage.tape[array].next)
    var (child, position) = storage.lastElement.withLock { last in
      last.array == array && last.child <= index ? (last.child, last.position) : (array + 1, 0)
    }
    let start = position
    while child < end, storage.tape[child].next <= index {
      child = Int(storage.tape[child].next)
      position += 1
    }
    guard child < end else { return nil }
    if position - start > Self.longWalk {
      storage.lastElement.withLock {
        $0 = JSONDocument.Storage.ElementPlace(array: array, child: child, position: position)
      }
    }
    return (child, position)
  }

  /// Walks shorter than this are not worth remembering.
  private static let longWalk = 32

  private var rootLabel: String {
    guard let type = document.root["resourceType"], type.kind == .string else { return "$" }
    return JSONPath.label(forType: Array(storage.bytes[type.node.content]))
  }

  private func label(ofName name: Int) -> String {
    JSONPath.label(forName: Array(storage.bytes[storage.tape[name].content]))
  }
}
