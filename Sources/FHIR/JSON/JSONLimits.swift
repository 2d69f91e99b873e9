/// Bounds on a JSON text, so that hostile input costs bounded time and memory.
public struct JSONLimits: Sendable {
  /// The longest text taken, in bytes. Never more than 2 GiB, whatever is asked for.
  public var maximumBytes: Int
  /// How many objects and arrays may be open at once.
  public var maximumDepth: Int
  /// How many values and member names a text may have; each costs 16 bytes of memory.
  public var maximumNodes: Int

  /// The given limits; what is left out has its default.
  public init(
    maximumBytes: Int = 64 << 20, maximumDepth: Int = 128, maximumNodes: Int = 8_000_000
  ) {
    self.maximumBytes = maximumBytes
    self.maximumDepth = maximumDepth
    self.maximumNodes = maximumNodes
  }

  /// The same limits, held to what the tape can represent and what recursion over a tree can bear.
  var clamped: JSONLimits {
    JSONLimits(
      maximumBytes: max(0, min(maximumBytes, Int(Int32.max))),
      maximumDepth: max(0, min(maximumDepth, 512)),
      maximumNodes: max(0, min(maximumNodes, Int(JSONNode.maximumCount))))
  }
}
