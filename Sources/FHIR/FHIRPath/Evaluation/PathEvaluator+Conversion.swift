import Primitives

extension PathEvaluator {
  /// `toX()` and `convertsToX()` (FHIRPath 2.0, 5.5): what cannot be converted is `{}`, or `false`.
  func conversion(
    _ function: FHIRPathFunction, _ node: PathNode, _ input: FHIRPathCollection,
    _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    guard let item = try single(input, node) else { return .empty }
    let value = item.plain
    if case .string(let text) = value { try budget.charge(text: text.utf8.count) }
    switch function {
    case .toBoolean: return FHIRPathCollection(Self.boolean(value))
    case .convertsToBoolean: return result(Self.boolean(value) != nil)
    case .toInteger: return FHIRPathCollection(Self.integer(value))
    case .convertsToInteger: return result(Self.integer(value) != nil)
    case .toDecimal: return FHIRPathCollection(Self.decimal(value))
    case .convertsToDecimal: return result(Self.decimal(value) != nil)
    case .toString: return FHIRPathCollection(string(item))
    case .convertsToString: return result(string(item) != nil)
    case .toDate: return FHIRPathCollection(Self.date(value, .date))
    case .convertsToDate: return result(Self.date(value, .date) != nil)
    case .toDateTime: return FHIRPathCollection(Self.date(value, .dateTime))
    case .convertsToDateTime: return result(Self.date(value, .dateTime) != nil)
    case .toTime: return FHIRPathCollection(Self.time(value))
    case .convertsToTime: return result(Self.time(value) != nil)
    default: break
    }
    var converted = toQuantity(value)
    if node.operands.count > 1, let unit = try string(node.operands[1], scope) {
      converted = converted?.converted(to: unit)
    }
    if case .convertsToQuantity = function { return result(converted != nil) }
    return FHIRPathCollection(converted.map { .quantity($0) })
  }

  private static func boolean(_ item: FHIRPathItem) -> FHIRPathItem? {
    switch item {
    case .boolean: return item
    case .integer(let value): return value == 0 || value == 1 ? .boolean(value == 1) : nil
    case .decimal(let value):
      return value.integer.flatMap { $0 == 0 || $0 == 1 ? .boolean($0 == 1) : nil }
    case .string(let text):
      guard text.utf8.count <= 5 else { return nil }
      switch text.lowercased() {
      case "true", "t", "yes", "y", "1", "1.0": return .boolean(true)
      case "false", "f", "no", "n", "0", "0.0": return .boolean(false)
      default: return nil
      }
    default: return nil
    }
  }

  private static func integer(_ item: FHIRPathItem) -> FHIRPathItem? {
    switch item {
    case .integer: return item
    case .boolean(let value): return .integer(value ? 1 : 0)
    case .string(let text):
      return text.utf8.count <= 11 && !text.isEmpty ? Int32(text).map { .integer($0) } : nil
    default: return nil
    }
  }

  private static func decimal(_ item: FHIRPathItem) -> FHIRPathItem? {
    switch item {
    case .decimal: return item
    case .integer(let value): return .decimal(FHIRPathDecimal(value))
    case .boolean(let value): return .decimal(FHIRPathDecimal(value ? 1 : 0))
    case .string(let text):
      guard !text.utf8.contains(where: { $0 == 0x65 || $0 == 0x45 }) else { return nil }
      return FHIRPathDecimal(text).map { .decimal($0) }
    default: return nil
    }
  }

  /// An element's own spelling; `1.50` and `2015-02-04T14:34:28Z` come out as they were written.
  private func string(_ item: FHIRPathItem) -> FHIRPathItem? {
    if let element = item.element, isQuantity(element) {
      return FHIRPathQuantity(element).map { .string($0.description) }
    }
    if case .typeInfo = item { return nil }
    return item.text.map { .string($0) }
  }

  private static func date(_ item: FHIRPathItem, _ kind: FHIRPathTemporal.Kind) -> FHIRPathItem? {
    switch item {
    case .temporal(let value):
      return value.kind == .time ? nil : .temporal(value.converted(to: kind))
    case .string(let text):
      return FHIRPathTemporal(iso: text).map { .temporal($0.converted(to: kind)) }
    default: return nil
    }
  }

  private static func time(_ item: FHIRPathItem) -> FHIRPathItem? {
    switch item {
    case .temporal(let value): return value.kind == .time ? item : nil
    case .string(let text):
      let digits = text.utf8.first == 0x54 ? text.dropFirst() : text[...]
      return FHIRPathTemporal(time: digits).map { .temporal($0) }
    default: return nil
    }
  }

  private func toQuantity(_ item: FHIRPathItem) -> FHIRPathQuantity? {
    switch item {
    case .boolean(let value):
      return FHIRPathQuantity(value: FHIRPathDecimal(value ? 1 : 0), unit: "1")
    case .string(let text): return FHIRPathQuantity(parsing: text)
    default: return quantity(item)
    }
  }
}

extension FHIRPathQuantity {
  /// Reads `4`, `4.5 'mg'` and `3 days`.
  fileprivate init?(parsing text: String) {
    guard text.utf8.count <= 200 else { return nil }
    let parts = text.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" })
    guard let number = parts.first, let value = FHIRPathDecimal(number) else { return nil }
    guard parts.count > 1 else {
      self.init(value: value, unit: "1")
      return
    }
    let unit = parts[1].drop { $0 == " " || $0 == "\t" }
    if unit.count > 2, unit.first == "'", unit.last == "'" {
      self.init(value: value, unit: String(unit.dropFirst().dropLast()))
    } else if TimeUnit.words.contains(String(unit)) {
      self.init(value: value, unit: String(unit))
    } else {
      return nil
    }
  }
}
