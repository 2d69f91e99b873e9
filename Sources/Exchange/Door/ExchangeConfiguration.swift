/// Bounds on what one request may ask of a node.
public struct ExchangeLimits: Sendable {
  /// Bytes of one request body or import file.
  public var bodyBytes = 256 << 20
  /// Records on one page of a search.
  public var pageSize = 1000
  public var defaultPageSize = 50
  /// How far a peer's clock may be off, in seconds.
  public var clockSkew: Int64 = 600

  public init() {}
}
