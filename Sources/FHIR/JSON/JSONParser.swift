/// One pass over the bytes of a JSON text (RFC 8259, UTF-8 only) into a tape of nodes.
///
/// It keeps its own stack, so depth costs memory, not call stack, and stops at the first fault.
struct JSONParser {
  /// An open container.
  struct Frame {
    let node: Int
    let isObject: Bool
    var count: UInt32 = 0
    /// The tape index of the name of the member being read.
    var name = 0
  }

  let input: ByteView
  let limits: JSONLimits
  var position = 0
  var tape: ContiguousArray<JSONNode> = []
  var stack: [Frame] = []

  /// - Parameter nodes: how many there will be, about.
  init(_ input: ByteView, limits: JSONLimits, nodes: Int? = nil) {
    self.input = input
    self.limits = limits
    // A FHIR resource has a node for every 20 to 30 bytes.
    tape.reserveCapacity(min(nodes ?? input.count / 24 + 8, limits.maximumNodes))
  }

  mutating func parse() throws(JSONFault) {
    if input[0] == 0xEF, input[1] == 0xBB, input[2] == 0xBF { throw fault(.byteOrderMark) }
    skipWhitespace()
    try parseValue()
    skipWhitespace()
    guard position == input.count else { throw fault(.trailingBytes) }
  }

  /// One value with all that is in it.
  mutating func parseValue() throws(JSONFault) {
    while true {
      if try parseValueStart() {
        // A container with something in it: its first value comes next.
        continue
      }
      if try closeContainers() { return }
    }
  }

  func fault(_ reason: JSONFault.Reason) -> JSONFault {
    let ended = position >= input.count && (reason == .unexpectedByte || reason == .invalidNumber)
    return JSONFault(reason: ended ? .endsEarly : reason, offset: min(position, input.count))
  }

  @inline(__always)
  mutating func skipWhitespace() {
    while true {
      switch input[position] {
      case 0x20:
        position += 1
        // Indentation: eight spaces at a time.
        while input.word(at: position) == 0x2020_2020_2020_2020 { position += 8 }
      case 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  @inline(__always)
  mutating func append(
    _ kind: JSONNode.Kind, from start: Int, escaped: Bool = false
  ) throws(JSONFault) {
    guard tape.count < limits.maximumNodes else { throw fault(.tooManyNodes) }
    tape.append(
      JSONNode(kind: kind, start: start, end: position, next: tape.count + 1, escaped: escaped))
  }
}

extension JSONParser {
  /// Reads a scalar or an empty container whole, or opens a container and reads up to its first
  /// value; true in the last case.
  private mutating func parseValueStart() throws(JSONFault) -> Bool {
    let start = position
    switch input[position] {
    case 0x22:
      let escaped = try scanString()
      try append(.string, from: start, escaped: escaped)
    case 0x7B:
      try open(.object)
      skipWhitespace()
      if input[position] == 0x7D { break }
      try parseName()
      return true
    case 0x5B:
      try open(.array)
      skipWhitespace()
      if input[position] == 0x5D { break }
      return true
    case 0x2D, 0x30...0x39:
      try scanNumber()
      try append(.number, from: start)
    case 0x74:
      try scanWord(0x7472_7565, count: 4)
      try append(.bool, from: start)
    case 0x66:
      try scanWord(0x66_616C_7365, count: 5)
      try append(.bool, from: start)
    case 0x6E:
      try scanWord(0x6E75_6C6C, count: 4)
      try append(.null, from: start)
    default: throw fault(.unexpectedByte)
    }
    return false
  }

  private mutating func open(_ kind: JSONNode.Kind) throws(JSONFault) {
    guard stack.count < limits.maximumDepth else { throw fault(.tooDeep) }
    stack.append(Frame(node: tape.count, isObject: kind == .object))
    guard tape.count < limits.maximumNodes else { throw fault(.tooManyNodes) }
    tape.append(JSONNode(kind: kind, start: position, end: position, next: 0))
    position += 1
  }

  /// After a value, or right behind the opening of an empty container: closes what ends here and
  /// moves to the next value. True when the outermost value is complete.
  private mutating func closeContainers() throws(JSONFault) -> Bool {
    while let top = stack.indices.last {
      let frame = stack[top]
      let isEmpty = frame.count == 0 && tape.count == frame.node + 1
      if !isEmpty {
        stack[top].count = frame.count &+ 1
        skipWhitespace()
        if input[position] == 0x2C {
          position += 1
          skipWhitespace()
          if frame.isObject { try parseName() }
          return false
        }
      }
      guard input[position] == (frame.isObject ? 0x7D : 0x5D) else { throw fault(.unexpectedByte) }
      if frame.isObject { try checkNames(of: frame.node, count: stack[top].count) }
      position += 1
      tape[frame.node].close(end: position, next: tape.count, count: stack[top].count)
      stack.removeLast()
    }
    return true
  }

  /// A member's name and colon, up to the first byte of its value.
  private mutating func parseName() throws(JSONFault) {
    guard input[position] == 0x22 else { throw fault(.unexpectedByte) }
    let start = position
    let escaped = try scanString()
    if let top = stack.indices.last { stack[top].name = tape.count }
    try append(.name, from: start, escaped: escaped)
    skipWhitespace()
    guard input[position] == 0x3A else { throw fault(.unexpectedByte) }
    position += 1
    skipWhitespace()
  }

  private mutating func scanWord(_ word: UInt64, count: Int) throws(JSONFault) {
    for offset in 0..<count {
      let expected = UInt8(truncatingIfNeeded: word >> UInt64((count - 1 - offset) * 8))
      guard input[position + offset] == expected else {
        throw fault(position + offset >= input.count ? .endsEarly : .invalidLiteral)
      }
    }
    position += count
  }
}
