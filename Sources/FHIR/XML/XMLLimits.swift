/// Bounds on an XML text, so that hostile input costs bounded time and memory.
public struct XMLLimits: Sendable {
  /// The longest text taken, in bytes; never more than 1 GiB.
  public var maximumBytes: Int
  /// How many elements may be open at once. One of FHIR's takes up to two levels of JSON.
  public var maximumDepth: Int
  /// How many elements there may be in all.
  public var maximumElements: Int

  /// The given limits; what is left out has its default.
  public init(
    maximumBytes: Int = 64 << 20, maximumDepth: Int = 64, maximumElements: Int = 4_000_000
  ) {
    self.maximumBytes = min(maximumBytes, 1 << 30)
    self.maximumDepth = maximumDepth
    self.maximumElements = maximumElements
  }
}
