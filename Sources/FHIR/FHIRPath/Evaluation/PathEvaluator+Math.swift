import Primitives

extension PathEvaluator {
  /// Functions of numbers (FHIRPath 2.0, 5.7). What has no result, as the root of a negative number,
  /// is `{}`.
  func math(
    _ function: FHIRPathFunction, _ node: PathNode, _ input: FHIRPathCollection,
    _ scope: PathScope
  ) throws(PeerChartError) -> FHIRPathCollection {
    guard let item = try single(input, node)?.plain else { return .empty }
    if let amount = amount(item) {
      guard case .abs = function else { throw fault(node, "a number is missing here") }
      return FHIRPathCollection(
        amount.value.absolute.map { .quantity(FHIRPathQuantity(value: $0, unit: amount.unit)) })
    }
    guard let value = item.decimal else { throw fault(node, "a number is missing here") }
    let isInteger = if case .integer = item { true } else { false }
    // Exponents and digits beyond these cannot change a result that fits.
    try budget.charge(20)
    switch function {
    case .abs:
      if case .integer(let number) = item {
        return FHIRPathCollection(Int32(exactly: number.magnitude).map { .integer($0) })
      }
      return decimal(value.absolute)
    case .ceiling: return integer(value.rounded(.up))
    case .floor: return integer(value.rounded(.down))
    case .truncate: return integer(value.rounded(.towardsZero))
    case .round:
      guard node.operands.count > 1 else { return decimal(value.rounded(.nearest)) }
      guard let places = try integer(node.operands[1], scope) else { return .empty }
      guard places >= 0 else { throw fault(node, "a precision cannot be negative") }
      return decimal(value.rounded(.nearest, places: Int(places)))
    case .exp: return decimal(value.exponential)
    case .ln: return decimal(value.naturalLogarithm)
    case .sqrt: return decimal(value.squareRoot)
    default: break
    }
    guard let other = try single(evaluate(node.operands[1], scope), node)?.plain else {
      return .empty
    }
    guard let argument = other.decimal else { throw fault(node, "a number is missing here") }
    if case .log = function { return decimal(value.logarithm(base: argument)) }
    let power = value.power(argument)
    if isInteger, case .integer(let exponent) = other, exponent >= 0 { return integer(power) }
    return decimal(power)
  }

  /// A quantity, where the item is one and no plain number.
  private func amount(_ item: FHIRPathItem) -> FHIRPathQuantity? {
    item.decimal == nil ? quantity(item) : nil
  }

  private func decimal(_ value: FHIRPathDecimal?) -> FHIRPathCollection {
    FHIRPathCollection(value.map { .decimal($0) })
  }

  private func integer(_ value: FHIRPathDecimal?) -> FHIRPathCollection {
    FHIRPathCollection(value?.integer.map { .integer($0) })
  }
}
