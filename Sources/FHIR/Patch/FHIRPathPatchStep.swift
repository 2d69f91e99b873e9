import Primitives

/// One operation of a FHIRPath patch, about to be done to a resource as it is now.
struct FHIRPathPatchStep {
  let operation: FHIRPathPatchOperation
  let root: JSONValue
  let types: any ElementTypes
  let budget: FHIRPathBudget

  /// The edits that the operation makes.
  func edits() throws(PeerChartError) -> ByteEdits {
    var edits = ByteEdits()
    switch operation.kind {
    case .delete:
      // What is not there need not be deleted.
      guard let element = try onlyElement() else { break }
      try place(of: element).remove(from: &edits)
    case .replace(let source):
      guard let element = try onlyElement() else { throw fault("the path leads to nothing") }
      try replace(element, with: source, &edits)
    case .add(let name, let source):
      guard let element = try onlyElement() else { throw fault("the path leads to nothing") }
      try add(source, named: name, to: element, &edits)
    case .insert(let index, let source): try insert(source, at: index, &edits)
    case .move(let from, let to):
      let list = try list(operation.path.tree)
      guard let place = list.place else { throw fault("the path leads to nothing") }
      guard from < place.count, to < place.count else {
        throw fault("source and destination are places in the list")
      }
      if from != to { place.move(from: from, to: to, in: &edits) }
    }
    return edits
  }

  private func fault(_ reason: String) -> PeerChartError { PeerChartError(.invalid, reason) }

  // MARK: Finding

  private func evaluate(_ node: PathNode) throws(PeerChartError) -> FHIRPathCollection {
    let context = FHIRPathItem(root, types: types)
    let evaluator = PathEvaluator(
      context: context, environment: FHIRPathEnvironment(types: types), budget: budget)
    return try evaluator.evaluate(node, PathScope(this: FHIRPathCollection(context)))
  }

  /// The elements that the path leads to.
  private func elements(_ node: PathNode) throws(PeerChartError) -> [FHIRPathElement] {
    var elements: [FHIRPathElement] = []
    for item in try evaluate(node) {
      guard let element = item.element, element.storage === root.storage,
        element.value != nil || element.companion != nil
      else { throw fault("the path leads to something that is no element of the resource") }
      elements.append(element)
    }
    return elements
  }

  private func onlyElement() throws(PeerChartError) -> FHIRPathElement? {
    let elements = try elements(operation.path.tree)
    guard elements.count < 2 else { throw fault("the path leads to several elements") }
    return elements.first
  }

  private func place(of element: FHIRPathElement) throws(PeerChartError) -> ElementPlace {
    guard let json = element.value ?? element.companion, let place = ElementPlace(of: json) else {
      throw fault("the resource itself cannot be patched away")
    }
    return place
  }

  /// The list that a path leads to as a whole. Where there is none yet: the element that would have
  /// it, and its name.
  private func list(
    _ node: PathNode
  ) throws(PeerChartError) -> (place: ElementPlace?, parent: FHIRPathElement?, name: String) {
    let elements = try elements(node)
    guard let first = elements.first else {
      switch node.operation {
      case .member:
        let parents = try self.elements(node.operands[0])
        guard parents.count < 2 else { throw fault("the path leads to several lists") }
        return (nil, parents.first, node.text)
      case .firstMember: return (nil, FHIRPathItem(root, types: types).element, node.text)
      default: throw fault("the path leads to nothing")
      }
    }
    let place = try place(of: first)
    guard place.position != nil else { throw fault("the path does not lead to a list") }
    guard elements.count == place.presentCount else {
      throw fault("the path does not lead to one whole list")
    }
    for element in elements.dropFirst() {
      let other = try self.place(of: element)
      guard other.parent.index == place.parent.index, other.name == place.name else {
        throw fault("the path leads to several lists")
      }
    }
    return (place, nil, place.name)
  }

  // MARK: Editing

  private func replace(
    _ element: FHIRPathElement, with source: PatchValueSource, _ edits: inout ByteEdits
  ) throws(PeerChartError) {
    let place = try place(of: element)
    let parent = try type(of: place)
    let isChoice = types.member(place.name, of: parent).map { $0.naming != .plain } ?? false
    let (name, member) =
      isChoice
      ? try source.member(for: choiceName(place.name, parent), of: parent, types)
      : try source.member(for: place.name, of: parent, types)
    let value = try source.value(for: member.type, types)
    place.replace(with: value, named: name, in: &edits)
  }

  /// The name of a choice element without the type: `value` of `valueQuantity`.
  private func choiceName(_ member: String, _ parent: ElementType) -> String {
    var index = member.endIndex
    while index > member.startIndex {
      index = member.index(before: index)
      if types.choiceType(String(member[index...])) != nil {
        return String(member[..<index])
      }
    }
    return member
  }

  /// The type of the element that holds a place.
  private func type(of place: ElementPlace) throws(PeerChartError) -> ElementType {
    // The path gave only the element itself; its parent's type is found on the way down to it.
    var current = FHIRPathItem(root, types: types)
    while case .element(let element) = current {
      if element.objectIndex == place.parent.index { return element.type }
      var next: FHIRPathElement?
      try element.forEachChild(in: types) { child throws(PeerChartError) in
        try budget.charge()
        let object = child.objectIndex
        if object >= 0, place.parent.index >= object,
          place.parent.index < Int(child.storage.tape[object].next)
        {
          next = child
        }
        return next == nil
      }
      guard let next else { break }
      current = .element(next)
    }
    throw fault("the place of the element is not known")
  }

  private func add(
    _ source: PatchValueSource, named name: String, to element: FHIRPathElement,
    _ edits: inout ByteEdits
  ) throws(PeerChartError) {
    let (full, member) = try source.member(for: name, of: element.type, types)
    guard let isList = member.isList else {
      throw fault("the structure of this element is not known")
    }
    let value = try source.value(for: member.type, types)
    let object =
      element.objectIndex >= 0 ? JSONValue(storage: root.storage, index: element.objectIndex) : nil
    guard let object else {
      // A primitive gets its companion: `birthDate` an `_birthDate`.
      let members = value.members(named: full)
        .map { ($0.name, JSONTree.raw(isList ? [0x5B] + $0.value + [0x5D] : $0.value)) }
      let place = try place(of: element)
      place.setCompanion(JSONTree.object(members).serialized(), at: place.position, in: &edits)
      return
    }
    if isList, object[full] != nil || object["_" + full] != nil {
      let place = ElementPlace(parent: object, name: full, position: 0)
      guard place.isList else { throw fault("a list of the resource is no array") }
      place.insert(value, at: place.count, in: &edits)
      return
    }
    try refuseExisting(name, of: element)
    append(value, named: full, isList: isList, to: object, &edits)
  }

  private func append(
    _ value: PatchValue, named name: String, isList: Bool, to object: JSONValue,
    _ edits: inout ByteEdits
  ) {
    // Two members into an empty object must be divided by a comma, so they go in as one text.
    let members = value.members(named: name)
    if object.count == 0 {
      let trees = members.map {
        ($0.name, JSONTree.raw(isList ? [0x5B] + $0.value + [0x5D] : $0.value))
      }
      edits.replace(object.range, with: JSONTree.object(trees).serialized())
      return
    }
    for member in members {
      object.append(member.name, isList ? [0x5B] + member.value + [0x5D] : member.value, to: &edits)
    }
  }

  private func refuseExisting(
    _ name: String, of element: FHIRPathElement
  ) throws(PeerChartError) {
    var exists = false
    try element.forEachChild(named: name, in: types) { _ throws(PeerChartError) in
      exists = true
      return false
    }
    guard !exists else { throw fault("the element is there already and cannot repeat") }
  }

  private func insert(
    _ source: PatchValueSource, at index: Int, _ edits: inout ByteEdits
  ) throws(PeerChartError) {
    let list = try list(operation.path.tree)
    if let place = list.place {
      let (name, member) = try source.member(for: place.name, of: type(of: place), types)
      guard name == place.name, index <= place.count else {
        throw fault("the index is beyond the end of the list")
      }
      place.insert(try source.value(for: member.type, types), at: index, in: &edits)
      return
    }
    guard index == 0 else { throw fault("the index is beyond the end of the list") }
    guard let parent = list.parent,
      try source.member(for: list.name, of: parent.type, types).member.isList ?? false
    else { throw fault("the path does not lead to a list") }
    try add(source, named: list.name, to: parent, &edits)
  }
}

extension ElementPlace {
  /// How many items of the list FHIRPath sees: those with a value or a companion.
  fileprivate var presentCount: Int {
    let left = values.map { Array($0.elements) } ?? []
    let right = companions.map { Array($0.elements) } ?? []
    return (0..<count).reduce(0) { sum, index in
      let hasValue = index < left.count && left[index].kind != .null
      let hasCompanion = index < right.count && right[index].kind == .object
      return sum + (hasValue || hasCompanion ? 1 : 0)
    }
  }

  /// Whether the members that are there are arrays.
  fileprivate var isList: Bool {
    [values, companions].allSatisfy { $0.map { $0.kind == .array } ?? true }
  }
}
