/// Bounds on a JSON text, so that hostile input costs bounded time and memory.
public struct JSONLimits: Sendable {
  /// The longest text taken, in bytes. Never more than 2 GiB, whatever is asked for.
  public var maximumBytes = 64 << 20
  /// How many objects and arrays may be open at once.
  public var maximumDepth = 128
  /// How many values and member names a text may have; each costs 16 bytes of memory.
  public var maximumNodes = 8_000_000

  public init() {}

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
      maximumBytes: min(maximumBytes, Int(Int32.max)), maximumDepth: min(maximumDepth, 512),
      maximumNodes: min(maximumNodes, Int(JSONNode.maximumCount)))
  }
}
