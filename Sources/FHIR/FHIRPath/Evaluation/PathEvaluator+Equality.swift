import Primitives

extension PathEvaluator {
  /// Two items brought to one type that can be compared (FHIRPath 2.0, 5.5 "Implicit conversion").
  enum Pair {
    case numbers(FHIRPathDecimal, FHIRPathDecimal)
    case strings(String, String)
    case booleans(Bool, Bool)
    case temporals(FHIRPathTemporal, FHIRPathTemporal)
    case quantities(FHIRPathQuantity, FHIRPathQuantity)
    /// Both are elements with members.
    case others(FHIRPathElement, FHIRPathElement)
    case different
  }

  func aligned(_ a: FHIRPathItem, _ b: FHIRPathItem) throws(PeerChartError) -> Pair {
    let x = a.plain
    let y = b.plain
    switch (x, y) {
    case (.string(let left), .string(let right)):
      try budget.charge(text: min(left.utf8.count, right.utf8.count))
      // Elements of unknown type that both look like dates are compared as what they look like.
      if let p = unknownTemporal(a), let q = unknownTemporal(b) { return .temporals(p, q) }
      return .strings(left, right)
    case (.boolean(let left), .boolean(let right)): return .booleans(left, right)
    case (.temporal(let left), .temporal(let right)):
      return (left.kind == .time) == (right.kind == .time) ? .temporals(left, right) : .different
    case (.temporal(let left), .string):
      return unknownTemporal(b, like: left).map { .temporals(left, $0) } ?? .different
    case (.string, .temporal(let right)):
      return unknownTemporal(a, like: right).map { .temporals($0, right) } ?? .different
    case (.element(let left), .element(let right)):
      if isQuantity(left), isQuantity(right), let p = FHIRPathQuantity(left),
        let q = FHIRPathQuantity(right)
      {
        return .quantities(p, q)
      }
      return .others(left, right)
    default: break
    }
    if let left = x.decimal, let right = y.decimal { return .numbers(left, right) }
    if let left = quantity(x), let right = quantity(y) { return .quantities(left, right) }
    return .different
  }

  /// An element of which no type is known, read as a date or time.
  private func unknownTemporal(
    _ item: FHIRPathItem, like other: FHIRPathTemporal? = nil
  ) -> FHIRPathTemporal? {
    guard let element = item.element, element.type == .unknown, let text = element.scalarText else {
      return nil
    }
    if other?.kind == .time { return FHIRPathTemporal(time: text) }
    return FHIRPathTemporal(iso: text)
  }

  /// Whether an element is a Quantity, by its type or, where that is not known, by what it holds.
  func isQuantity(_ element: FHIRPathElement) -> Bool {
    if element.type != .unknown { return types.isType(element.type, .quantity) }
    guard let value = element.value, value["value"]?.kind == .number else { return false }
    return value["unit"] != nil || value["code"] != nil || value.count == 1
  }

  /// A quantity, or a number as one without a unit.
  func quantity(_ item: FHIRPathItem) -> FHIRPathQuantity? {
    switch item {
    case .quantity(let value): value
    case .element(let element): isQuantity(element) ? FHIRPathQuantity(element) : nil
    default: item.decimal.map { FHIRPathQuantity(value: $0, unit: "1") }
    }
  }

  // MARK: Equality (FHIRPath 2.0, 6.1)

  /// `=` of collections: nil where one is empty or an item cannot be told.
  func equal(
    _ left: FHIRPathCollection, _ right: FHIRPathCollection
  ) throws(PeerChartError) -> Bool? {
    guard !left.isEmpty, !right.isEmpty else { return nil }
    guard left.count == right.count else { return false }
    var isKnown = true
    for (a, b) in zip(left, right) {
      switch try equal(a, b) {
      case true: break
      case false: return false
      case nil: isKnown = false
      }
    }
    return isKnown ? true : nil
  }

  /// `=` of items.
  func equal(_ a: FHIRPathItem, _ b: FHIRPathItem) throws(PeerChartError) -> Bool? {
    try budget.charge()
    // The usual case, a code against a literal: nothing is decoded.
    switch (a, b) {
    case (.element(let element), .string(let text)), (.string(let text), .element(let element)):
      try budget.charge(text: text.utf8.count)
      if let found = element.isString(text) { return found }
    case (.typeInfo(let n1, let t1), .typeInfo(let n2, let t2)): return n1 == n2 && t1 == t2
    default: break
    }
    switch try aligned(a, b) {
    case .numbers(let x, let y): return x == y
    case .strings(let x, let y): return x.utf8.elementsEqual(y.utf8)
    case .booleans(let x, let y): return x == y
    case .temporals(let x, let y):
      return x.order(y).map { $0 == 0 }
    case .quantities(let x, let y): return x.order(y).map { $0 == 0 }
    case .others(let x, let y):
      // Primitives that have only extensions are equal when these are.
      guard let p = x.value ?? x.companion, let q = y.value ?? y.companion else {
        return x.value == nil && y.value == nil && x.type == y.type && x.companion == nil
          && y.companion == nil
      }
      return try deeplyEqual(p, q)
    case .different: return false
    }
  }

  /// Equality of JSON: members in any order, numbers by their value.
  private func deeplyEqual(_ a: JSONValue, _ b: JSONValue) throws(PeerChartError) -> Bool {
    try budget.charge()
    switch (a.kind, b.kind) {
    case (.object, .object):
      guard a.count == b.count else { return false }
      if a.storage === b.storage, a.index == b.index { return true }
      for (name, value) in a.members {
        try budget.charge(1 + b.count / 4)
        guard let other = b[name], try deeplyEqual(value, other) else { return false }
      }
      return true
    case (.array, .array):
      guard a.count == b.count else { return false }
      for (x, y) in zip(a.elements, b.elements) where try !deeplyEqual(x, y) { return false }
      return true
    case (.string, .string):
      try budget.charge(text: min(a.range.count, b.range.count))
      if !a.node.isEscaped, !b.node.isEscaped { return a.raw.elementsEqual(b.raw) }
      return a.string == b.string
    case (.number, .number):
      if a.raw.elementsEqual(b.raw) { return true }
      guard let x = FHIRPathDecimal(literal: a.raw), let y = FHIRPathDecimal(literal: b.raw) else {
        return false
      }
      return x == y
    case (.bool, .bool): return a.bool == b.bool
    case (.null, .null): return true
    default: return false
    }
  }

  // MARK: Equivalence (FHIRPath 2.0, 6.1.3)

  /// `~` of collections: in any order, and empty ones are equivalent.
  func equivalent(
    _ left: FHIRPathCollection, _ right: FHIRPathCollection
  ) throws(PeerChartError) -> Bool {
    guard left.count == right.count else { return false }
    var used = Array(repeating: false, count: right.count)
    for item in left {
      var isFound = false
      for (place, other) in right.enumerated() where !used[place] {
        if try equivalent(item, other) {
          used[place] = true
          isFound = true
          break
        }
      }
      guard isFound else { return false }
    }
    return true
  }

  private func equivalent(_ a: FHIRPathItem, _ b: FHIRPathItem) throws(PeerChartError) -> Bool {
    try budget.charge()
    switch try aligned(a, b) {
    case .numbers(let x, let y):
      // Only as precise as the less precise of the two.
      let places = Int(min(x.scale, y.scale))
      return x.rounded(.nearest, places: places) == y.rounded(.nearest, places: places)
    case .strings(let x, let y):
      try budget.charge(text: x.utf8.count + y.utf8.count)
      return Self.folded(x) == Self.folded(y)
    case .booleans(let x, let y): return x == y
    case .temporals(let x, let y): return x.isEquivalent(to: y)
    case .quantities(let x, let y):
      let x = x.withCalendarUnit
      let y = y.withCalendarUnit
      guard x.unit != y.unit else {
        let places = Int(min(x.value.scale, y.value.scale))
        return x.value.rounded(.nearest, places: places)
          == y.value.rounded(.nearest, places: places)
      }
      return x.order(y) == 0
    case .others(let x, let y): return try equivalentElements(x, y)
    case .different:
      if case .typeInfo = a { return try equal(a, b) == true }
      return false
    }
  }

  private func equivalentElements(
    _ a: FHIRPathElement, _ b: FHIRPathElement
  ) throws(PeerChartError) -> Bool {
    guard a.objectIndex >= 0, b.objectIndex >= 0 else { return a.objectIndex == b.objectIndex }
    let x = JSONValue(storage: a.storage, index: a.objectIndex)
    let y = JSONValue(storage: b.storage, index: b.objectIndex)
    try budget.charge(2 * (x.count + y.count))
    // The id of an element does not belong to what it means.
    for name in Set(x.elementNames).union(y.elementNames) where name != "id" {
      guard try equivalent(items(of: name, in: x, a), items(of: name, in: y, b)) else {
        return false
      }
    }
    return true
  }

  private func items(
    of name: String, in object: JSONValue, _ element: FHIRPathElement
  ) throws(PeerChartError) -> FHIRPathCollection {
    var found = FHIRPathCollection()
    try element.forEachItem(of: name, in: object, types) { item throws(PeerChartError) in
      try budget.charge()
      found.append(.element(item))
      return true
    }
    return found
  }

  /// Letters in one case, and each run of white space as one space.
  private static func folded(_ text: String) -> String {
    text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}

extension FHIRPathQuantity {
  /// The codes of UCUM for an average year and month count as the calendar's (FHIRPath 2.0, 4.1.6.1).
  fileprivate var withCalendarUnit: FHIRPathQuantity {
    switch unit {
    case "a": FHIRPathQuantity(value: value, unit: "year")
    case "mo": FHIRPathQuantity(value: value, unit: "month")
    default: self
    }
  }
}
