/// Decides whether the FHIRPath of an invariant holds. The only seam between validation and FHIRPath.
protocol InvariantEvaluator: AnyObject {
  /// Whether the expression holds for an element; nil where that cannot be told, which counts as if
  /// it held. `resource` is the one that the element is part of, `root` what that is contained in.
  func holds(
    _ expression: String, for element: ValidationElement, resource: ValidationElement,
    root: ValidationElement
  ) -> Bool?
}
