/// A subscription that cannot go on as it is.
struct SubscriptionFault: Sendable {
  /// Why, in words that go into `Subscription.error`.
  enum Cause: String, Sendable {
    case noLongerKnown = "the token that it was made with was revoked or has expired"
    case undecidable = "its criteria cannot be decided about"
    case handshakeFailed = "the endpoint did not accept the handshake"
    case endpointFails = "the endpoint does not accept notifications"
    case endpointGone = "the endpoint says that it is gone"
    case ended = "its time is over"
  }

  let id: String
  /// The version of the Subscription that was looked at.
  let version: Int64
  let status: SubscriptionRequest.Status
  let cause: Cause

  init(id: String, version: Int64, _ status: SubscriptionRequest.Status, _ cause: Cause) {
    self.id = id
    self.version = version
    self.status = status
    self.cause = cause
  }

  init(_ state: SubscriptionState, _ status: SubscriptionRequest.Status, _ cause: Cause) {
    self.init(id: state.id, version: state.version, status, cause)
  }
}
