/// The members to walk from the root of a resource to a value, and the value's FHIR data type.
/// Arrays on the way are passed through. A choice element is one path for each of its types.
struct SearchPath: Hashable, Sendable {
  /// The FHIR data types that values are read from.
  enum ElementType: String, Sendable {
    case coding = "Coding"
    case codeableConcept = "CodeableConcept"
    case identifier = "Identifier"
    case contactPoint = "ContactPoint"
    case code, boolean, string, uri, url, oid, canonical, id, markdown
    case reference = "Reference"
    /// A resource within the resource (the first entry of a Bundle).
    case resource = "Resource"
    case date, dateTime, instant
    case period = "Period"
    case timing = "Timing"
    case humanName = "HumanName"
    case address = "Address"
    case decimal, integer, positiveInt, unsignedInt
    case quantity = "Quantity"
    case age = "Age"
    case duration = "Duration"
    case money = "Money"
    case range = "Range"
    /// `Location.position`.
    case position
    /// Whether the element is there and not false (`Patient.deceased`): a value of every resource.
    case presence
  }

  /// One member name, with what must hold of the values found there.
  struct Step: Hashable, Sendable {
    let name: String
    /// `where(system='phone')`.
    var filter: Filter? { didSet { isFiltered = filter != nil } }
    /// Filters are rare, and to look whether one is there costs a copy of it.
    private(set) var isFiltered = false
    /// `entry[0]`.
    var onlyFirst = false

    init(_ name: String) { self.name = name }
  }

  /// A member that must be a certain text.
  struct Filter: Hashable, Sendable {
    let member: String
    let value: String

    func admits(_ value: JSONValue) -> Bool { value[member]?.isString(self.value) ?? false }
  }

  let steps: [Step]
  let type: ElementType
  /// `where(resolve() is X)`: only references to this resource type count.
  var target: String?
  /// In a composite: walked from the resource, not from the element that holds the components.
  var isFromResource = false
}

extension SearchPath {
  /// How many elements are looked at of the outermost array on the way, and of arrays within it. Each
  /// array has its own bound, so that what is left out does not depend on how the path goes on.
  static func elementLimit(within depth: Int) -> Int {
    depth == 0 ? SearchLimits.elements : SearchLimits.innerElements
  }

  /// Calls `body` with each value at the path, until it returns false. Returns false if it did.
  func visit(_ root: JSONValue, _ body: (JSONValue) -> Bool) -> Bool {
    walk(root.storage, root.index, 0, 0, body)
  }

  /// By tape index, because a value for each step would cost more than the step.
  private func walk(
    _ storage: JSONDocument.Storage, _ index: Int, _ step: Int, _ depth: Int,
    _ body: (JSONValue) -> Bool
  ) -> Bool {
    let node = storage.tape[index]
    switch node.kind {
    case .array:
      let isCut = step > 0 && steps[step - 1].onlyFirst
      var left = isCut ? 1 : Self.elementLimit(within: depth)
      var element = index + 1
      while element < node.next, left > 0 {
        guard walk(storage, element, step, depth + 1, body) else { return false }
        element = Int(storage.tape[element].next)
        left -= 1
      }
      return true
    case .null: return true
    default:
      if step > 0, steps[step - 1].isFiltered, let filter = steps[step - 1].filter,
        !filter.admits(JSONValue(storage: storage, index: index))
      {
        return true
      }
      guard step < steps.count else { return body(JSONValue(storage: storage, index: index)) }
      guard let name = storage.nameIndex(of: steps[step].name, in: index) else { return true }
      return walk(storage, name + 1, step + 1, depth, body)
    }
  }
}

extension SearchPath {
  /// Reads `member.member{name=value}.member#0[Target]:Type`; a leading dot means from the resource.
  init?(parsing text: Substring) {
    guard let colon = text.lastIndex(of: ":"),
      let type = ElementType(rawValue: String(text[text.index(after: colon)...]))
    else { return nil }
    var rest = text[..<colon]
    var target: String?
    if rest.last == "]", let open = rest.lastIndex(of: "[") {
      target = String(rest[rest.index(after: open)...].dropLast())
      rest = rest[..<open]
    }
    isFromResource = rest.first == "."
    if isFromResource { rest.removeFirst() }
    steps = Self.steps(rest)
    self.type = type
    self.target = target
    if steps.isEmpty { return nil }
  }

  static func steps(_ text: Substring) -> [Step] {
    var steps: [Step] = []
    var rest = text
    while !rest.isEmpty {
      let name = rest.prefix { !".{#".contains($0) }
      rest = rest[name.endIndex...]
      var step = Step(String(name))
      if rest.first == "{", let end = rest.firstIndex(of: "}") {
        let parts = rest[..<end].dropFirst().split(separator: "=", maxSplits: 1)
        if parts.count == 2 {
          step.filter = Filter(member: String(parts[0]), value: String(parts[1]))
        }
        rest = rest[rest.index(after: end)...]
      }
      if rest.hasPrefix("#0") {
        step.onlyFirst = true
        rest = rest.dropFirst(2)
      }
      steps.append(step)
      guard rest.first == "." else { break }
      rest.removeFirst()
    }
    return steps
  }
}
