extension JSONValue {
  /// Where the value stands in its document: `Bundle.entry[17].resource.code`, with `$` in front
  /// where the root is no known resource. Names that are not of FHIR's form are shown as `?`.
  public var pointer: String {
    var path = rootLabel
    var container = 0
    while container < index {
      let node = storage.tape[container]
      let isObject = node.kind == .object
      var child = container + (isObject ? 2 : 1)
      var position = 0
      while child < node.next, storage.tape[child].next <= index {
        child = Int(storage.tape[child].next) + (isObject ? 1 : 0)
        position += 1
      }
      guard child < node.next else { return path }
      path += isObject ? "." + label(ofName: child - 1) : "[\(position)]"
      container = child
    }
    return path
  }

  private var rootLabel: String {
    guard let type = document.root["resourceType"], type.kind == .string else { return "$" }
    return JSONPath.label(forType: Array(storage.bytes[type.node.content]))
  }

  private func label(ofName name: Int) -> String {
    JSONPath.label(forName: Array(storage.bytes[storage.tape[name].content]))
  }
}
