public import Primitives

/// One request to a place to which anchors go.
public struct AnchorRequest: Sendable {
  public let address: AnchorAddress
  /// Nil for a request without one (GET).
  public let body: [UInt8]?
  public let contentType: String?
  public let accept: String?
  /// `user:password` for that place; nil for none.
  public let credentials: Redacted<String>?
  /// The longest answer that is read, in bytes.
  public let limit: Int

  public init(
    _ address: AnchorAddress, body: [UInt8]? = nil, contentType: String? = nil,
    accept: String? = nil, credentials: Redacted<String>? = nil, limit: Int
  ) {
    self.address = address
    self.body = body
    self.contentType = contentType
    self.accept = accept
    self.credentials = credentials
    self.limit = limit
  }
}

/// The way to chains, calendars and authorities.
public protocol AnchorTransport: Sendable {
  /// The status and the body of the answer.
  ///
  /// - Throws: `unreachable` where there is none in time; `too-large`.
  func send(_ request: AnchorRequest) async throws -> (status: Int, body: [UInt8])
}
