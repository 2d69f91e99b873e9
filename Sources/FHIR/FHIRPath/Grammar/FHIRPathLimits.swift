/// Bounds on the text of an expression.
public struct FHIRPathLimits: Sendable {
  /// The longest text taken, in bytes of UTF-8.
  public var maximumBytes: Int
  /// How deep expressions may be nested, operators in a row included. Never more than 160, whatever is
  /// asked for: an evaluation goes down as deep.
  public var maximumDepth: Int
  /// How many operators, names, literals and calls there may be.
  public var maximumNodes: Int

  /// The given limits; what is left out has its default.
  public init(maximumBytes: Int = 64 << 10, maximumDepth: Int = 160, maximumNodes: Int = 5_000) {
    self.maximumBytes = max(0, maximumBytes)
    self.maximumDepth = max(0, min(maximumDepth, 160))
    self.maximumNodes = max(0, maximumNodes)
  }
}
