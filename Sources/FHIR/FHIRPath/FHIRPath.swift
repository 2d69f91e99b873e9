public import Primitives

/// A FHIRPath expression (FHIRPath 2.0 "N1", http://hl7.org/fhirpath/N1), compiled once and evaluated
/// as often as one likes.
public struct FHIRPath: Sendable {
  /// The expression as it was written.
  public let text: String
  let tree: PathNode

  /// Compiles an expression.
  ///
  /// - Throws: `malformed` for what is no expression, `tooLarge` beyond `limits`, `notSupported` for a
  ///   function or a regular expression that is not known. The place is `character N`, from 1.
  public init(_ text: String, limits: FHIRPathLimits = .init()) throws(PeerChartError) {
    var parser = try PathParser(text, limits: limits)
    tree = try parser.parse()
    self.text = text
  }

  /// What the expression gives for one item.
  ///
  /// - Throws: `invalid` for what FHIRPath calls an error (several items where there may be one, types
  ///   that cannot be compared, an unknown variable), `tooLarge` once the budget is used up. The place
  ///   is that of the faulty part of the expression.
  public func evaluate(
    on context: FHIRPathItem, in environment: FHIRPathEnvironment = .plain,
    budget: FHIRPathBudget = FHIRPathBudget()
  ) throws(PeerChartError) -> FHIRPathCollection {
    let evaluator = PathEvaluator(context: context, environment: environment, budget: budget)
    return try evaluator.evaluate(tree, PathScope(this: FHIRPathCollection(context)))
  }

  /// Whether the expression holds for one item, as an invariant or a criterion asks: the truth of a
  /// single Boolean, true for any other single item; nil for `{}`.
  ///
  /// - Throws: as `evaluate` does, and `invalid` for several items.
  public func holds(
    for context: FHIRPathItem, in environment: FHIRPathEnvironment = .plain,
    budget: FHIRPathBudget = FHIRPathBudget()
  ) throws(PeerChartError) -> Bool? {
    let evaluator = PathEvaluator(context: context, environment: environment, budget: budget)
    let result = try evaluator.evaluate(tree, PathScope(this: FHIRPathCollection(context)))
    return try evaluator.truth(of: result, tree)
  }
}
