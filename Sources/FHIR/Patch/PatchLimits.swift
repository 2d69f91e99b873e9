/// Bounds on a patch, so that a hostile one costs bounded time and memory.
public struct PatchLimits: Sendable {
  /// How many operations a patch may have.
  public var maximumOperations: Int
  /// How long the patched resource may be at any time, in bytes.
  public var maximumBytes: Int
  /// How many bytes all operations together may work through: each reads the resource once.
  public var maximumWork: Int

  /// The given limits; what is left out has its default.
  public init(
    maximumOperations: Int = 1_000, maximumBytes: Int = 16 << 20, maximumWork: Int = 256 << 20
  ) {
    self.maximumOperations = maximumOperations
    self.maximumBytes = maximumBytes
    self.maximumWork = maximumWork
  }
}
