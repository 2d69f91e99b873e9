/// Bounds on what one request may ask of a node.
public struct ExchangeLimits: Sendable {
  /// Bytes of one import file, or of a message from a peer.
  public var bodyBytes = 256 << 20
  /// Bytes of one request body: a resource or a transaction.
  public var requestBytes = 64 << 20
  /// Records on one page of a search.
  public var pageSize = 1000
  public var defaultPageSize = 50
  /// How far a peer's clock may be off, in seconds.
  public var clockSkew: Int64 = 600

  public init() {}
}
