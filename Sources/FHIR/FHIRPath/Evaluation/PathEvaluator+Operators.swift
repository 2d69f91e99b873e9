import Primitives

extension PathEvaluator {
  /// `and`, `or`, `xor`, `implies` with three values (FHIRPath 2.0, 6.5). What the left side settles
  /// leaves the right one alone.
  func logic(_ node: PathNode, _ scope: PathScope) throws(PeerChartError) -> FHIRPathCollection {
    let (a, b) = (node.operands[0], node.operands[1])
    let left = try truth(of: evaluate(a, scope), a)
    switch (node.operation, left) {
    case (.and, false): return result(false)
    case (.or, true): return result(true)
    case (.implies, false): return result(true)
    default: break
    }
    let right = try truth(of: evaluate(b, scope), b)
    switch node.operation {
    case .and: return result(right == false ? false : left == nil || right == nil ? nil : true)
    case .or: return result(right == true ? true : left == nil || right == nil ? nil : false)
    case .implies: return result(right == true ? true : left == nil ? nil : right)
    default:
      guard let left, let right else { return .empty }
      return result(left != right)
    }
  }

  /// `=`, `!=`, `~`, `!~`.
  func comparison(
    _ node: PathNode, _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    let left = try evaluate(node.operands[0], scope)
    let right = try evaluate(node.operands[1], scope)
    switch node.operation {
    case .equal: return result(try equal(left, right))
    case .notEqual: return result(try equal(left, right).map { !$0 })
    case .equivalent: return result(try equivalent(left, right))
    default: return result(try !equivalent(left, right))
    }
  }

  /// `in` and `contains`.
  func membership(
    _ node: PathNode, _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    let left = try evaluate(node.operands[0], scope)
    let right = try evaluate(node.operands[1], scope)
    let (wanted, all) = node.isMembership ? (left, right) : (right, left)
    guard let item = try single(wanted, node) else { return .empty }
    return result(try contains(all, item))
  }

  func contains(
    _ items: FHIRPathCollection, _ wanted: FHIRPathItem
  ) throws(PeerChartError) -> Bool {
    for item in items where try equal(item, wanted) == true { return true }
    return false
  }

  /// `<`, `<=`, `>`, `>=` (FHIRPath 2.0, 6.2).
  func order(_ node: PathNode, _ scope: PathScope) throws(PeerChartError) -> FHIRPathCollection {
    let left = try evaluate(node.operands[0], scope)
    let right = try evaluate(node.operands[1], scope)
    guard let a = try single(left, node), let b = try single(right, node) else { return .empty }
    guard let order = try order(a, b, node) else { return .empty }
    switch node.operation {
    case .less: return result(order < 0)
    case .lessOrEqual: return result(order <= 0)
    case .greater: return result(order > 0)
    default: return result(order >= 0)
    }
  }

  private func order(
    _ a: FHIRPathItem, _ b: FHIRPathItem, _ node: PathNode
  ) throws(PeerChartError) -> Int? {
    switch try aligned(a, b) {
    case .numbers(let x, let y): return x.order(y)
    case .strings(let x, let y): return x == y ? 0 : x < y ? -1 : 1
    case .temporals(let x, let y): return x.order(y)
    case .quantities(let x, let y): return x.order(y)
    case .booleans, .others, .different: break
    }
    // A primitive that has only extensions has no value to compare.
    for case .element(let element) in [a, b] where element.isPrimitive && element.scalar == nil {
      return nil
    }
    // A Quantity with a comparator, without a value or of another system has no order.
    if let x = a.element, let y = b.element, isQuantity(x), isQuantity(y) { return nil }
    throw fault(node, "these types cannot be compared")
  }

  // MARK: Arithmetic (FHIRPath 2.0, 6.6)

  func arithmetic(
    _ node: PathNode, _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    let left = try operand(node, 0, scope)
    if node.operands.count == 1 {
      guard let left else { return .empty }
      return try FHIRPathCollection(polarity(left, node))
    }
    let right = try operand(node, 1, scope)
    if case .concatenate = node.operation {
      let a = try left.map { item throws(PeerChartError) in try text(item, node) } ?? ""
      let b = try right.map { item throws(PeerChartError) in try text(item, node) } ?? ""
      return FHIRPathCollection(try joined(a, b))
    }
    guard let left, let right else { return .empty }
    return FHIRPathCollection(try calculate(node, left, right))
  }

  /// The value of an operand; nil where there is none, as of a primitive that has only extensions.
  private func operand(
    _ node: PathNode, _ index: Int, _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathItem? {
    guard let item = try single(evaluate(node.operands[index], scope), node) else { return nil }
    if let element = item.element, element.isPrimitive, element.scalar == nil { return nil }
    return item.plain
  }

  private func text(_ item: FHIRPathItem, _ node: PathNode) throws(PeerChartError) -> String {
    guard let text = stringValue(item) ?? item.text else {
      throw fault(node, "only strings can be joined")
    }
    return text
  }

  private func joined(_ a: String, _ b: String) throws(PeerChartError) -> FHIRPathItem {
    try budget.charge(text: a.utf8.count + b.utf8.count)
    return .string(a + b)
  }

  private func polarity(
    _ item: FHIRPathItem, _ node: PathNode
  ) throws(PeerChartError) -> FHIRPathItem? {
    let isMinus = if case .negate = node.operation { true } else { false }
    switch item {
    case .integer(let value):
      guard isMinus else { return item }
      let (negated, overflow) = Int32(0).subtractingReportingOverflow(value)
      return overflow ? nil : .integer(negated)
    case .decimal(let value): return isMinus ? value.negated.map { .decimal($0) } : item
    case .quantity(let value):
      guard isMinus else { return item }
      return value.value.negated.map { .quantity(FHIRPathQuantity(value: $0, unit: value.unit)) }
    default: throw fault(node, "only numbers and quantities have a sign")
    }
  }

  private func calculate(
    _ node: PathNode, _ left: FHIRPathItem, _ right: FHIRPathItem
  ) throws(PeerChartError) -> FHIRPathItem? {
    if case .integer(let a) = left, case .integer(let b) = right {
      return integers(node.operation, a, b)
    }
    if let a = left.decimal, let b = right.decimal { return decimals(node.operation, a, b) }
    if case .temporal(let a) = left, let b = quantity(right) {
      switch node.operation {
      case .add: return try a.adding(b, negative: false).map { .temporal($0) }
      case .subtract: return try a.adding(b, negative: true).map { .temporal($0) }
      default: break
      }
    }
    if case .add = node.operation, let a = stringValue(left), let b = stringValue(right) {
      return try joined(a, b)
    }
    if let a = quantity(left), let b = quantity(right) { return quantities(node.operation, a, b) }
    throw fault(node, "these types cannot be calculated with")
  }

  private func integers(_ operation: PathOperation, _ a: Int32, _ b: Int32) -> FHIRPathItem? {
    let (value, overflow): (Int32, Bool)
    switch operation {
    case .add: (value, overflow) = a.addingReportingOverflow(b)
    case .subtract: (value, overflow) = a.subtractingReportingOverflow(b)
    case .multiply: (value, overflow) = a.multipliedReportingOverflow(by: b)
    case .wholeDivide: (value, overflow) = a.dividedReportingOverflow(by: b)
    case .remainder:
      guard b != 0 else { return nil }
      (value, overflow) = b == -1 ? (0, false) : a.remainderReportingOverflow(dividingBy: b)
    default:
      return FHIRPathDecimal(a).divided(by: FHIRPathDecimal(b)).map { .decimal($0) }
    }
    return overflow ? nil : .integer(value)
  }

  private func decimals(
    _ operation: PathOperation, _ a: FHIRPathDecimal, _ b: FHIRPathDecimal
  ) -> FHIRPathItem? {
    switch operation {
    case .add: return a.adding(b).map { .decimal($0) }
    case .subtract: return a.subtracting(b).map { .decimal($0) }
    case .multiply: return a.multiplied(by: b).map { .decimal($0) }
    case .wholeDivide: return a.wholeQuotient(by: b)?.integer.map { .integer($0) }
    case .remainder: return a.remainder(by: b).map { .decimal($0) }
    default: return a.divided(by: b).map { .decimal($0) }
    }
  }

  private func quantities(
    _ operation: PathOperation, _ a: FHIRPathQuantity, _ b: FHIRPathQuantity
  ) -> FHIRPathItem? {
    let value: FHIRPathDecimal?
    var unit = a.unit
    switch operation {
    case .add: value = b.converted(to: a.unit).flatMap { a.value.adding($0.value) }
    case .subtract: value = b.converted(to: a.unit).flatMap { a.value.subtracting($0.value) }
    case .multiply:
      guard a.unit == "1" || b.unit == "1" else { return nil }
      unit = a.unit == "1" ? b.unit : a.unit
      value = a.value.multiplied(by: b.value)
    case .divide:
      if b.unit == "1" {
        value = a.value.divided(by: b.value)
      } else {
        guard let same = b.converted(to: a.unit) else { return nil }
        unit = "1"
        value = a.value.divided(by: same.value)
      }
    default: return nil
    }
    return value.map { .quantity(FHIRPathQuantity(value: $0, unit: unit)) }
  }
}

extension PathNode {
  /// Whether the wanted item stands on the left.
  fileprivate var isMembership: Bool { if case .isIn = operation { true } else { false } }
}

extension FHIRPathItem {
  /// The number of an integer or decimal.
  var decimal: FHIRPathDecimal? {
    switch self {
    case .integer(let value): FHIRPathDecimal(value)
    case .decimal(let value): value
    default: nil
    }
  }
}
