import Primitives

/// An element that is being read from XML, and the JSON of what was read of it.
struct XMLFrame {
  enum Content {
    /// Holds one resource: `contained`, `entry.resource`, or the document.
    case slot
    case complex(StructureType)
    case primitive(PrimitiveType)
  }

  let content: Content
  /// The name of the member, for places.
  let name: String
  /// The members read so far, without the braces around them.
  var output: [UInt8] = []
  /// The value of a primitive, as JSON.
  var value: [UInt8]?
  /// The elements of one name that stand one behind the other.
  private(set) var run: Run?

  init(_ content: Content, name: String) {
    self.content = content
    self.name = name
  }

  /// A member whose values are still coming in. Values of primitives go to `output` at once; what is
  /// beside them (`_given`) is kept until the last.
  struct Run {
    let member: String
    let position: Int
    let isArray: Bool
    let isPrimitive: Bool
    let start: Int
    var count = 0
    var hasValue = false
    var hasExtra = false
    var extras: [UInt8] = []
  }

  /// The name of the child being read with its index, for places.
  var childLabel: String? {
    run.map { $0.isArray ? "\($0.member)[\(max(0, $0.count - 1))]" : $0.member }
  }

  /// A further child begins. Elements must stand in the order of the definition (R4 2.6.1).
  mutating func begin(_ member: StructureType.Member, named name: String) throws(XMLFault) {
    if let current = run {
      guard member.position >= current.position else {
        throw XMLFault(
          .invalid, "the element stands behind one that it must stand before", at: name)
      }
      if member.position == current.position {
        guard current.isArray, current.member == name else {
          throw XMLFault(.invalid, "the element may stand once only", at: name)
        }
        run?.count += 1
        return
      }
      finishRun()
    }
    run = Run(
      member: name, position: member.position, isArray: member.element.isArray,
      isPrimitive: member.type.primitive != nil, start: output.count, count: 1)
    appendName(name)
    if member.element.isArray { output.append(0x5B) }
  }

  /// The child begun last is complete.
  mutating func take(value: [UInt8]?, extra: [UInt8]?) {
    guard let isPrimitive = run?.isPrimitive, let isFirst = run.map({ $0.count == 1 }) else {
      return
    }
    if !isFirst { output.append(0x2C) }
    if value != nil { run?.hasValue = true }
    output += value ?? Self.null
    guard isPrimitive else { return }
    if !isFirst { run?.extras.append(0x2C) }
    if extra != nil { run?.hasExtra = true }
    run?.extras += extra ?? Self.null
  }

  mutating func finishRun() {
    guard let current = run else { return }
    run = nil
    if current.isArray { output.append(0x5D) }
    // Nothing but nulls: the member itself does not exist, only what is beside it.
    if !current.hasValue && current.hasExtra { output.removeSubrange(current.start...) }
    guard current.hasExtra else { return }
    appendName("_" + current.member)
    if current.isArray { output.append(0x5B) }
    output += current.extras
    if current.isArray { output.append(0x5D) }
  }

  mutating func appendString(_ name: String, _ text: String) {
    appendName(name)
    JSONText.appendLiteral(text, to: &output)
  }

  private mutating func appendName(_ name: String) {
    if !output.isEmpty { output.append(0x2C) }
    JSONText.appendLiteral(name, to: &output)
    output.append(0x3A)
  }

  /// The members as an object; nil where there are none.
  var object: [UInt8]? { output.isEmpty ? nil : [0x7B] + output + [0x7D] }

  private static let null = Array("null".utf8)
}
