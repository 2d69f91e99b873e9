/// Which elements of a resource type have terms, and how one walk over the resource finds them all.
///
/// Parameters share elements: `patient` and `subject` read the same reference, `combo-code` reads
/// what `code` and `component-code` read, `family` is a part of `name`. So terms belong to elements
/// and a parameter asks for the terms of all its elements; what tells the parameters apart (the type
/// of a target, the part of a name) is decided on the candidate.
struct IndexLayout: Sendable {
  static let typeField = IndexField(
    number: 0, name: "_type", kind: .token, type: .code, element: "")

  /// Elements without terms. An id leads to its record directly; when it was updated, by the order in
  /// which records were stored; profiles are the same for nearly all records of a type.
  private static let unindexed: Set<String> = ["id", "meta.lastUpdated", "meta.profile"]

  private static let layouts: [String: IndexLayout] = {
    let table = SearchParameterTable.standard
    var layouts = ["*": IndexLayout(table.parameters(of: "*"))]
    for type in table.types { layouts[type] = IndexLayout(table.parameters(of: type)) }
    return layouts
  }()

  static func layout(of type: String) -> IndexLayout {
    layouts[type] ?? layouts["*"] ?? IndexLayout([])
  }

  private var fields: [IndexField] = []
  private var places: [Key: Int] = [:]
  /// The types of the elements that parameters read, by path.
  private var types: [String: Set<SearchPath.ElementType>] = [:]
  /// Paths that may be types of one choice element, by its path.
  private var choices: [String: Set<String>] = [:]
  private(set) var root = IndexNode()

  private struct Key: Hashable {
    let name: String
    let kind: SearchParameter.Kind
  }

  private init(_ parameters: [SearchParameter]) {
    let sources = parameters.map(\.source)
    for path in sources.flatMap(\.paths) {
      let name = Self.name(path.steps)
      types[name, default: []].insert(path.type)
      if let choice = Self.choice(name, path.type) { choices[choice, default: []].insert(name) }
    }
    for source in sources {
      for path in source.paths { add(path, source.kind) }
    }
    root.seal()
  }

  private mutating func add(_ path: SearchPath, _ kind: SearchParameter.Kind) {
    let (steps, type) = indexed(path)
    let name = Self.name(steps)
    let key = Key(name: name, kind: kind)
    guard places[key] == nil, !Self.unindexed.contains(name), path.type != .presence,
      kind != .special
    else { return }
    let element = kind == .date ? date(name, type) : name
    let sibling = fields.first { $0.name == element && $0.kind == kind }
    let isShared = sibling == nil && fields.contains { $0.name == element }
    let field = IndexField(
      number: sibling?.number ?? fields.count + 1,
      name: isShared ? "\(element):\(kind.rawValue)" : element, kind: kind, type: type,
      element: steps.last?.name ?? "")
    places[key] = fields.count
    fields.append(field)
    root.insert(field, at: steps[...])
  }

  /// The field that serves a path of a parameter of this type.
  func field(for path: SearchPath, _ kind: SearchParameter.Kind) -> IndexField? {
    places[Key(name: Self.name(indexed(path).steps), kind: kind)].map { fields[$0] }
  }

  /// `effective[x]` for `effectiveDateTime` and `effectivePeriod`: a resource has one of them only, and a range of
  /// dates would otherwise ask for each of its months under the name of each type.
  private func date(_ name: String, _ type: SearchPath.ElementType) -> String {
    guard let choice = Self.choice(name, type), choices[choice, default: []].count > 1 else {
      return name
    }
    return choice
  }

  private static func choice(_ name: String, _ type: SearchPath.ElementType) -> String? {
    let suffix = type.rawValue.prefix(1).uppercased() + type.rawValue.dropFirst()
    return name.hasSuffix(suffix) ? name.dropLast(suffix.count) + "[x]" : nil
  }

  /// The element whose terms hold those of the path as well: the whole name for a part of it, all
  /// telephone numbers and addresses for those of one kind.
  private func indexed(
    _ path: SearchPath
  ) -> (steps: [SearchPath.Step], type: SearchPath.ElementType) {
    var steps = path.steps
    guard let last = steps.last else { return (steps, path.type) }
    if last.filter != nil {
      let plain = steps.dropLast() + [SearchPath.Step(last.name)]
      if types[Self.name(Array(plain))]?.contains(path.type) ?? false { steps = Array(plain) }
    }
    guard path.type == .string, steps.count > 1 else { return (steps, path.type) }
    let whole = Array(steps.dropLast())
    let above = types[Self.name(whole)] ?? []
    if above.contains(.humanName), ElementReader.nameParts.contains(last.name) {
      return (whole, .humanName)
    }
    if above.contains(.address), ElementReader.addressParts.contains(last.name) {
      return (whole, .address)
    }
    return (steps, path.type)
  }

  private static func name(_ steps: [SearchPath.Step]) -> String {
    steps.map { step in
      step.name + (step.filter.map { "{\($0.member)=\($0.value)}" } ?? "")
        + (step.onlyFirst ? "#0" : "")
    }.joined(separator: ".")
  }
}
