/// Reads the lines of one profile of a `ProfileTable`.
struct ProfileReader {
  private let lines: ArraySlice<Substring>
  private var position: Int

  init(_ lines: ArraySlice<Substring>) {
    self.lines = lines
    position = lines.startIndex
  }

  /// The root, from the first line, with everything below it.
  mutating func root(_ type: String) -> ProfileNode {
    let head = lines.first?.split(separator: " ", maxSplits: 2).dropFirst(2).first ?? ""
    position += 1
    return Line(head, name: type, slice: nil).node(children: nodes(at: 1), slices: [])
  }

  /// The elements at a depth; slices under the element that they are slices of.
  private mutating func nodes(at depth: Int) -> [ProfileNode] {
    var found: [(line: Line, children: [ProfileNode], slices: [ProfileNode])] = []
    while position < lines.endIndex {
      let text = lines[position]
      guard text.prefix(while: { $0 == " " }).count == depth else { break }
      position += 1
      let words = text.dropFirst(depth).split(separator: " ", maxSplits: 1)
      guard let label = words.first?.split(separator: ":", maxSplits: 1), let first = label.first
      else { continue }
      let name = String(first.hasSuffix("[x]") ? first.dropLast(3) : first)
      let slice = label.count > 1 ? String(label[1]) : nil
      let line = Line(words.dropFirst().first ?? "", name: name, slice: slice)
      let below = nodes(at: depth + 1)
      guard slice != nil else {
        found.append((line, below, []))
        continue
      }
      if found.last?.line.name != name { found.append((Line("", name: name, slice: nil), [], [])) }
      found[found.count - 1].slices.append(line.node(children: below, slices: []))
    }
    return found.map { $0.line.node(children: $0.children, slices: $0.slices) }
  }
}

/// The words of one line.
private struct Line {
  let name: String
  let slice: String?
  private var minimum: Int?
  private var maximum: Int?
  private var types: [ProfileNode.TypeRule] = []
  private var binding: StructureElement.Binding?
  private var invariants: [String] = []
  private var expected: ProfileNode.Expected?
  private var slicing: ProfileNode.Slicing?

  init(_ text: Substring, name: String, slice: String?) {
    self.name = name
    self.slice = slice
    var rest = text
    while let first = rest.first {
      if first == "F" || first == "P" {
        if let value = try? JSONDocument(parsing: Array(rest.dropFirst().utf8)).root {
          expected = ProfileNode.Expected(isFixed: first == "F", value: value)
        }
        return
      }
      let word = rest.prefix { $0 != " " }
      rest = rest.dropFirst(word.count).drop { $0 == " " }
      read(word, first)
    }
  }

  private mutating func read(_ word: Substring, _ first: Character) {
    switch first {
    case "t": types = word.dropFirst(2).split(separator: "|").map(Self.type)
    case "=":
      binding = StructureElement.Binding(
        isRequired: word.hasPrefix("=r"), valueSet: String(word.dropFirst(3)))
    case "!": invariants = word.dropFirst().split(separator: ",").map(String.init)
    case "/": slicing = Self.slicing(word.dropFirst())
    default:
      let bounds = word.split(separator: ".", omittingEmptySubsequences: false)
      minimum = bounds.first.flatMap { Int($0) }
      maximum = bounds.last.flatMap { Int($0) }
    }
  }

  private static func type(_ text: Substring) -> ProfileNode.TypeRule {
    let parts = text.split(separator: "~").map(String.init)
    let words = (parts.first ?? "").split { "(,)".contains($0) }.map(String.init)
    return ProfileNode.TypeRule(
      code: words.first ?? "", targets: Array(words.dropFirst()), profiles: Array(parts.dropFirst())
    )
  }

  private static func slicing(_ text: Substring) -> ProfileNode.Slicing {
    let parts = text.split(separator: ":", maxSplits: 1)
    let flags = parts.first ?? ""
    let discriminators = parts.dropFirst().first?.split(separator: ",") ?? []
    return ProfileNode.Slicing(
      rules: flags.hasPrefix("c") ? .closed : flags.hasPrefix("e") ? .openAtEnd : .open,
      isOrdered: flags.hasSuffix("+"),
      discriminators: discriminators.compactMap { text in
        let words = text.split(separator: "@")
        guard words.count == 2, let kind = ProfileNode.Slicing.Kind(rawValue: String(words[0]))
        else { return nil }
        return ProfileNode.Slicing.Discriminator(
          kind: kind, path: words[1].split(separator: ".").map(String.init))
      })
  }

  func node(children: [ProfileNode], slices: [ProfileNode]) -> ProfileNode {
    ProfileNode(
      name: name, slice: slice, minimum: minimum, maximum: maximum, types: types, binding: binding,
      invariants: invariants, expected: expected, slicing: slicing, children: children,
      slices: slices)
  }
}
