/// Where an element stands: the object around it, its name there, and its place in a list. A primitive
/// may be in two members, its value and its companion (`birthDate` and `_birthDate`).
struct ElementPlace {
  /// The object that has the member.
  let parent: JSONValue
  /// The member's name without underscore: `valueQuantity`.
  let name: String
  /// The place in the list, where the member is an array.
  let position: Int?

  /// The member with the values; nil where there are only companions.
  var values: JSONValue? { parent[name] }
  /// The member with the companions of primitives.
  var companions: JSONValue? { parent["_" + name] }

  /// Finds the place of a value, or of a companion, by walking down to it; nil for the root.
  init?(of target: JSONValue) {
    var container = 0
    var found: ElementPlace?
    var object: (value: JSONValue, name: String)?
    let storage = target.storage
    while container != target.index {
      let value = JSONValue(storage: storage, index: container)
      switch value.kind {
      case .object:
        guard let name = value.nameIndex(around: target.index) else { return nil }
        container = name + 1
        var text = storage.text(of: storage.tape[name])
        if text.utf8.first == 0x5F { text.removeFirst() }
        object = (value, text)
        found = ElementPlace(parent: value, name: text, position: nil)
      case .array:
        guard let object, let (child, position) = value.element(around: target.index) else {
          return nil
        }
        container = child
        found = ElementPlace(parent: object.value, name: object.name, position: position)
      case .string, .number, .bool, .null: return nil
      }
    }
    guard let found else { return nil }
    self = found
  }

  init(parent: JSONValue, name: String, position: Int?) {
    self.parent = parent
    self.name = name
    self.position = position
  }

  /// How many items the list has.
  var count: Int { max(values?.count ?? 0, companions?.count ?? 0) }

  // MARK: Edits

  /// Takes the element away, and what would be left empty around it: FHIR has no empty elements
  /// (R4 2.6.2). The root stays.
  func remove(from edits: inout ByteEdits) {
    if let position, isAnythingLeft(without: position) {
      for list in [values, companions].compactMap({ $0 }) where list.kind == .array {
        list.removeElement(at: position, from: &edits)
      }
      return
    }
    let gone = (values == nil ? 0 : 1) + (companions == nil ? 0 : 1)
    if parent.count == gone, parent.index != 0, let around = ElementPlace(of: parent) {
      around.removeHolder(from: &edits)
    } else {
      let names = [name, "_" + name]
      parent.removeMembers(into: &edits) { names.contains($0) }
    }
  }

  /// Takes away the object that would be empty; of a primitive's companion only that.
  private func removeHolder(from edits: inout ByteEdits) {
    if values != nil, let companions, companions.kind == .object {
      // The value has its own place and stays.
      parent.removeMember("_" + name, from: &edits)
    } else {
      remove(from: &edits)
    }
  }

  /// Whether a list has an item other than the one at `position`.
  private func isAnythingLeft(without position: Int) -> Bool {
    [values, companions].compactMap { $0 }.contains { list in
      list.elements.enumerated().contains { $0.offset != position && $0.element.kind != .null }
    }
  }

  /// Puts another value and companion in the place of the element, under another name where a choice
  /// changes its type.
  func replace(with value: PatchValue, named newName: String, in edits: inout ByteEdits) {
    guard let position, newName == name else {
      replaceMember(with: value, named: newName, in: &edits)
      return
    }
    if let old = values?[position] { edits.replace(old.range, with: value.valueOrNull) }
    setCompanion(value.companion, at: position, in: &edits)
  }

  private func replaceMember(
    with value: PatchValue, named newName: String, in edits: inout ByteEdits
  ) {
    let spacing = parent.memberSpacing
    let members = value.members(named: newName)
    guard let first = members.first else { return }
    // In the place of the first of the old members; a second one goes away or comes behind it.
    let old = [name, "_" + name].compactMap { parent.nameIndex(of: $0) }
    guard let place = old.first else { return }
    edits.replace(parent.storage.tape[place].range, with: JSONText.literal(first.name))
    edits.replace(parent.storage.tape[place + 1].range, with: first.value)
    for member in members.dropFirst() {
      edits.insert(
        spacing.member(member.name, member.value),
        at: Int(parent.storage.tape[place + 1].end))
    }
    if old.count > 1 {
      let second = parent.storage.text(of: parent.storage.tape[old[1]])
      parent.removeMember(second, from: &edits)
    }
  }

  /// Puts an item into the list, which has at least one already.
  func insert(_ value: PatchValue, at position: Int, in edits: inout ByteEdits) {
    if let values {
      values.insert(value.valueOrNull, at: position, into: &edits)
    } else if value.value != nil {
      parent.append(name, Self.list(count, value.value, at: position), to: &edits)
    }
    if let companions {
      guard position <= companions.count else {
        guard let companion = value.companion else { return }
        edits.replace(companions.range, with: Self.padded(companions, companion, at: position))
        return
      }
      companions.insert(value.companion ?? PatchValue.null, at: position, into: &edits)
    } else if let companion = value.companion {
      parent.append("_" + name, Self.list(count, companion, at: position), to: &edits)
    }
  }

  /// Brings the item at one place of the list to another one.
  func move(from source: Int, to destination: Int, in edits: inout ByteEdits) {
    for list in [values, companions].compactMap({ $0 }) {
      var items = list.elements.map { Array($0.raw) }
      let isWhole = items.count == count
      while items.count < count { items.append(PatchValue.null) }
      let moved = items.remove(at: source)
      items.insert(moved, at: destination)
      guard isWhole else {
        edits.replace(list.range, with: Self.joined(items))
        continue
      }
      // The items change places; what stands between them stays.
      for (old, new) in zip(list.elements, items) where !old.raw.elementsEqual(new) {
        edits.replace(old.range, with: new)
      }
    }
  }

  /// Gives an item of a list, or a single primitive, another companion or none.
  func setCompanion(_ companion: [UInt8]?, at position: Int?, in edits: inout ByteEdits) {
    guard let position else {
      if let old = companions {
        if let companion {
          edits.replace(old.range, with: companion)
        } else {
          parent.removeMember("_" + name, from: &edits)
        }
      } else if let companion {
        parent.append("_" + name, companion, to: &edits)
      }
      return
    }
    if let companions {
      if let old = companions[position] {
        edits.replace(old.range, with: companion ?? PatchValue.null)
      } else if let companion {
        edits.replace(companions.range, with: Self.padded(companions, companion, at: position))
      }
    } else if let companion {
      parent.append("_" + name, Self.list(position, companion, at: position), to: &edits)
    }
  }

  /// A list of nulls with one item among them.
  private static func list(_ count: Int, _ item: [UInt8]?, at position: Int) -> [UInt8] {
    var items = Array(repeating: PatchValue.null, count: count)
    items.insert(item ?? PatchValue.null, at: min(position, count))
    return joined(items)
  }

  /// A list that is too short, filled up with nulls to an item behind its end.
  private static func padded(_ list: JSONValue, _ item: [UInt8], at position: Int) -> [UInt8] {
    var items = list.elements.map { Array($0.raw) }
    while items.count < position { items.append(PatchValue.null) }
    items.append(item)
    return joined(items)
  }

  private static func joined(_ items: [[UInt8]]) -> [UInt8] {
    [0x5B] + Array(items.joined(separator: [0x2C])) + [0x5D]
  }
}

extension JSONValue {
  /// The tape index of the name of the member that holds a place of the tape.
  fileprivate func nameIndex(around target: Int) -> Int? {
    var iterator = members.makeIterator()
    while let name = iterator.nextNameIndex() {
      if target > name, target < Int(storage.tape[name + 1].next) { return name }
    }
    return nil
  }

  /// The element of an array that holds a place of the tape.
  fileprivate func element(around target: Int) -> (child: Int, position: Int)? {
    for (position, element) in elements.enumerated()
    where target >= element.index && target < Int(element.node.next) {
      return (element.index, position)
    }
    return nil
  }
}
