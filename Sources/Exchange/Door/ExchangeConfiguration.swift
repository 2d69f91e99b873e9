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

  /// Records in one file of a bulk export.
  public var exportFileRecords = 10_000
  /// Records that one step of planning a bulk export looks at before its progress is kept.
  public var exportStepRecords = 2000
  /// How long a bulk job and what it offers are there, in seconds.
  public var bulkSeconds: Int64 = 86_400
  /// Bulk jobs of one caller at a time.
  public var bulkJobs = 8

  /// How long a paired node may not show its log before people are told, in seconds.
  public var logSilence: Int64 = 7 * 86_400
  /// After how long a witness is asked once more about a log that has not grown, in seconds.
  public var cosignatureAge: Int64 = 86_400

  public init() {}
}
