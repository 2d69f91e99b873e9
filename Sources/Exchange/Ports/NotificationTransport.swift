public import Primitives

/// One call to a subscriber's endpoint: what it says was decided about, and is in the log.
public struct OutgoingNotification: Sendable {
  /// `POST` or `PUT`.
  public let method: String
  public let endpoint: NotificationEndpoint
  /// What is added to the endpoint's path, such as `/Observation/1`; empty for nothing.
  public let pathSuffix: String
  /// The subscriber's own fields. They hold secrets.
  public let fields: Redacted<[NotificationField]>
  /// Nil where there is no body.
  public let contentType: String?
  public let body: Redacted<[UInt8]>
  /// How long the whole call may take.
  public let timeoutSeconds: Int64
  /// Whether the operator has named the host: then it may be a private address and plain HTTP.
  public let isNamedHost: Bool
}

/// A header field that a subscriber wants to see with each notification.
public struct NotificationField: Sendable, Equatable {
  public let name: String
  public let value: String
}

/// The way to the endpoints of subscriptions.
public protocol NotificationTransport: Sendable {
  /// Makes the call; redirects are not followed and the answer's body is not looked at.
  ///
  /// - Returns: the answer's HTTP status.
  /// - Throws: `unreachable` when nothing answers in time, `forbidden` for an address that is not on the
  ///   public network.
  func notify(_ notification: OutgoingNotification) async throws -> Int
}
