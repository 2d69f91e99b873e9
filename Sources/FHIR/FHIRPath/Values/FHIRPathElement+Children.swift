import Primitives

extension FHIRPathElement {
  /// Visits the elements of that name: `value` finds `valueQuantity`, primitives come with their
  /// companions. `valueQuantity` is found too: it is no FHIRPath, but US Core's search parameters have
  /// it. `visit` returns false to stop.
  func forEachChild(
    named name: String, in types: any ElementTypes,
    _ visit: (FHIRPathElement) throws(PeerChartError) -> Bool
  ) throws(PeerChartError) {
    let place = objectIndex
    guard place >= 0 else { return }
    // `id` and `extension` of a primitive are in its companion; a scalar has nothing else.
    let end = Int(storage.tape[place].next)
    var value = -1
    var companion = -1
    var member: ElementMember?
    var cursor = place + 1
    while cursor < end {
      let node = storage.tape[cursor]
      let child = cursor + 1
      switch match(node, name) {
      case .none: break
      case .value:
        value = child
        member = types.member(name, of: type)
      case .companion: companion = child
      case .longer(let full, let isCompanion):
        if let known = types.member(full, of: type), known.naming != .plain,
          types.choiceType(String(full.dropFirst(name.count))) != nil
        {
          member = known
          if isCompanion { companion = child } else { value = child }
        }
      }
      cursor = Int(storage.tape[child].next)
    }
    guard value >= 0 || companion >= 0 else { return }
    let found = (member ?? types.member(name, of: type))?.type ?? .unknown
    try visitItems(value, companion, type: found, in: types, visit)
  }

  /// Visits all children, in the order of the text; a companion comes with its primitive.
  func forEachChild(
    in types: any ElementTypes, _ visit: (FHIRPathElement) throws(PeerChartError) -> Bool
  ) throws(PeerChartError) {
    var goesOn = true
    for place in [Int(index), Int(companionIndex)] where place >= 0 && goesOn {
      guard storage.tape[place].kind == .object else { continue }
      let object = JSONValue(storage: storage, index: place)
      let hasCompanions = object.hasCompanions
      var iterator = object.members.makeIterator()
      while goesOn, let nameIndex = iterator.nextNameIndex() {
        let node = storage.tape[nameIndex]
        if storage.node(node, spells: "resourceType") { continue }
        let name = storage.text(of: node)
        let stop = { (item: FHIRPathElement) throws(PeerChartError) -> Bool in
          goesOn = try visit(item)
          return goesOn
        }
        if hasCompanions {
          // Each element comes once: a companion with its value, and alone where there is none.
          let isCompanion = name.utf8.first == 0x5F
          let plain = isCompanion ? String(name.dropFirst()) : name
          if isCompanion, object.nameIndex(of: plain) != nil { continue }
          try forEachItem(of: plain, in: object, types, stop)
        } else {
          let found = types.member(name, of: type)?.type ?? .unknown
          try visitItems(nameIndex + 1, -1, type: found, in: types, stop)
        }
      }
    }
  }

  /// Visits the items of one member of the element's object, by its name in the JSON.
  func forEachItem(
    of member: String, in object: JSONValue, _ types: any ElementTypes,
    _ visit: (FHIRPathElement) throws(PeerChartError) -> Bool
  ) throws(PeerChartError) {
    let value = object.nameIndex(of: member).map { $0 + 1 } ?? -1
    let companion = object.nameIndex(of: "_" + member).map { $0 + 1 } ?? -1
    let found = types.member(member, of: type)?.type ?? .unknown
    try visitItems(value, companion, type: found, in: types, visit)
  }

  private enum NameMatch {
    case none
    case value
    case companion
    case longer(String, isCompanion: Bool)
  }

  /// Compares a member's name with the one asked for.
  private func match(_ node: JSONNode, _ name: String) -> NameMatch {
    guard !node.isEscaped else {
      let text = storage.text(of: node)
      return text == name ? .value : text == "_" + name ? .companion : .none
    }
    let content = node.content
    var start = content.lowerBound
    var length = content.count
    guard length >= name.utf8.count else { return .none }
    let isCompanion = storage.bytes[start] == 0x5F
    if isCompanion {
      start += 1
      length -= 1
      guard length >= name.utf8.count else { return .none }
    }
    var index = start
    for byte in name.utf8 {
      guard storage.bytes[index] == byte else { return .none }
      index += 1
    }
    if length == name.utf8.count { return isCompanion ? .companion : .value }
    guard (0x41...0x5A).contains(storage.bytes[index]) else { return .none }
    let full = String(decoding: storage.bytes[start..<start + length], as: UTF8.self)
    return .longer(full, isCompanion: isCompanion)
  }

  /// Visits one value, or the elements of an array with those of the companion array.
  private func visitItems(
    _ value: Int, _ companion: Int, type: ElementType, in types: any ElementTypes,
    _ visit: (FHIRPathElement) throws(PeerChartError) -> Bool
  ) throws(PeerChartError) {
    let valueIsArray = value >= 0 && storage.tape[value].kind == .array
    let companionIsArray = companion >= 0 && storage.tape[companion].kind == .array
    guard valueIsArray || companionIsArray else {
      _ = try item(value, companion, type, types).map(visit)
      return
    }
    var left = valueIsArray ? value + 1 : -1
    let leftEnd = valueIsArray ? Int(storage.tape[value].next) : -1
    var right = companionIsArray ? companion + 1 : -1
    let rightEnd = companionIsArray ? Int(storage.tape[companion].next) : -1
    while left < leftEnd || right < rightEnd {
      let one = left < leftEnd ? left : -1
      let other = right < rightEnd ? right : -1
      if let item = item(one, other, type, types), try !visit(item) { return }
      if one >= 0 { left = Int(storage.tape[one].next) }
      if other >= 0 { right = Int(storage.tape[other].next) }
    }
  }

  private func item(
    _ value: Int, _ companion: Int, _ type: ElementType, _ types: any ElementTypes
  ) -> FHIRPathElement? {
    let hasValue = value >= 0 && storage.tape[value].kind != .null
    let hasCompanion = companion >= 0 && storage.tape[companion].kind == .object
    guard hasValue || hasCompanion else { return nil }
    return FHIRPathElement(
      storage: storage, index: hasValue ? value : -1, companion: hasCompanion ? companion : -1,
      type: type
    ).resolvingResource(in: types)
  }
}

extension JSONValue {
  /// Whether an object has members whose names begin with an underscore.
  fileprivate var hasCompanions: Bool {
    var iterator = members.makeIterator()
    while let name = iterator.nextNameIndex() {
      if storage.bytes[storage.tape[name].content.lowerBound] == 0x5F { return true }
    }
    return false
  }

  /// The names of the elements of an object, each once: `_x` alone counts as `x`.
  var elementNames: [String] {
    var names: [String] = []
    names.reserveCapacity(count)
    for (name, _) in members where name != "resourceType" {
      guard name.utf8.first == 0x5F else {
        names.append(name)
        continue
      }
      let plain = String(name.dropFirst())
      if nameIndex(of: plain) == nil { names.append(plain) }
    }
    return names
  }
}
