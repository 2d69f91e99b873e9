extension JSONParser {
  /// Where the parser stands, as `Bundle.entry[17].resource.code, byte 812`.
  func place(of fault: JSONFault) -> String {
    guard !stack.isEmpty else { return "byte \(fault.offset)" }
    var path = rootLabel
    for frame in stack {
      if !frame.isObject {
        path += "[\(frame.count)]"
      } else if frame.name > frame.node {
        path += "." + JSONPath.label(forName: tape[frame.name].content.map { input[$0] })
      }
    }
    return "\(path), byte \(fault.offset)"
  }

  /// The resource type, as far as it has been read, or `$`.
  private var rootLabel: String {
    var name = 1
    while name + 1 < tape.count, tape[name].kind == .name {
      let value = tape[name + 1]
      if tape[name].content.map({ input[$0] }) == JSONPath.resourceType {
        return value.kind == .string
          ? JSONPath.label(forType: value.content.map { input[$0] }) : "$"
      }
      if value.next == 0 { break }
      name = Int(value.next)
    }
    return "$"
  }
}
