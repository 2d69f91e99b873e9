/// Reads the lines of a `StructureTable`. A line that does not fit is left out; the tests read the
/// table back in full.
struct StructureTableReader {
  private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

  /// A type or backbone element whose lines are still being read.
  private struct Open {
    let name: String
    let base: String
    let kind: StructureType.Kind
    var isAbstract = false
    var invariants: [String] = []
    var elements: [StructureElement] = []
  }

  private var types: [String: StructureType] = [:]
  private var open: [Open] = []
  /// Few ways of writing types stand on many lines.
  private var known: [String: [StructureElement.TypeChoice]] = [:]

  init() { types.reserveCapacity(700) }

  mutating func read(_ line: Slice<UnsafeBufferPointer<UInt8>>) {
    let depth = line.prefix { $0 == 0x20 }.count
    let words = line.split(separator: 0x20)
    guard words.count > 1 else { return }
    if words[0].first == 0x2A {
      known["*"] = words.dropFirst().map { Self.type(Substring(Self.text($0))) }
    } else if depth == 0 {
      close(to: 0)
      startType(words.map { Self.text($0) })
    } else {
      close(to: depth)
      if open.count < depth { startBackbone() }
      guard let element = element(words), !open.isEmpty else { return }
      open[open.count - 1].elements.append(element)
    }
  }

  mutating func finish() -> [String: StructureType] {
    close(to: 0)
    return types
  }

  private mutating func startType(_ words: [String]) {
    guard words.count > 2 else { return }
    // Resource has no base and is a resource all the same.
    let isResource =
      words[2] == "r" || words[0] == "Resource" || types[words[1]]?.kind == .resource
    open = [
      Open(
        name: words[0], base: words[1], kind: isResource ? .resource : .dataType,
        isAbstract: words[2] == "a",
        invariants: words.dropFirst(3).first.map(Self.keys) ?? [])
    ]
  }

  /// The element read last turns out to have children of its own.
  private mutating func startBackbone() {
    guard let parent = open.last, let element = parent.elements.last,
      let type = element.types.first
    else { return }
    let path = "\(parent.name).\(element.name)"
    open[open.count - 1].elements[parent.elements.count - 1].types[0].structure = path
    open.append(Open(name: path, base: type.code, kind: .backbone))
  }

  private mutating func close(to depth: Int) {
    while open.count > depth, let last = open.popLast() {
      types[last.name] = StructureType(
        name: last.name, base: types[last.base], kind: last.kind, isAbstract: last.isAbstract,
        own: last.elements, invariants: last.invariants)
    }
  }

  private mutating func element(_ words: [Bytes]) -> StructureElement? {
    guard words.count > 2 else { return nil }
    let isChoice = words[0].last == 0x5D
    let cardinality = words[1].first
    var isSummary = false
    var isModifier = false
    var binding: StructureElement.Binding?
    var invariants: [String] = []
    for word in words.dropFirst(3) {
      switch word.first {
      case 0x2E:
        isSummary = word.contains(0x73)
        isModifier = word.contains(0x6D)
      case 0x3D:
        binding = StructureElement.Binding(
          isRequired: word.dropFirst().first == 0x72, valueSet: Self.text(word.dropFirst(3)))
      default: invariants = Self.keys(Self.text(word))
      }
    }
    return StructureElement(
      name: Self.text(isChoice ? words[0].dropLast(3) : words[0]), isChoice: isChoice,
      types: types(Self.text(words[2])),
      // "1" and "+" ask for one, "1" and "?" allow no more.
      minimum: cardinality == 0x31 || cardinality == 0x2B ? 1 : 0,
      maximum: cardinality == 0x31 || cardinality == 0x3F ? 1 : nil, isSummary: isSummary,
      isModifier: isModifier, binding: binding, invariants: invariants)
  }

  private static func text(_ bytes: Bytes) -> String { String(decoding: bytes, as: UTF8.self) }

  private mutating func types(_ text: String) -> [StructureElement.TypeChoice] {
    if let types = known[text] { return types }
    let types =
      text.hasPrefix("#")
      ? [
        StructureElement.TypeChoice(
          code: "BackboneElement", structure: String(text.dropFirst()), primitive: nil,
          targets: [], profiles: [])
      ] : text.split(separator: "|").map(Self.type)
    known[text] = types
    return types
  }

  private static func type(_ text: Substring) -> StructureElement.TypeChoice {
    let parts = text.split(separator: "~").map(String.init)
    let words = parts[0].split { "(,)".contains($0) }.map(String.init)
    let code = words.first ?? ""
    return StructureElement.TypeChoice(
      code: code, structure: code, primitive: PrimitiveType(rawValue: code),
      targets: Array(words.dropFirst()), profiles: Array(parts.dropFirst()))
  }

  private static func keys(_ word: String) -> [String] {
    word.dropFirst().split(separator: ",").map(String.init)
  }
}
