import Consent
import Identity
import Primitives

/// Who subscribed: what is needed to ask again, at each event, what that caller may see.
struct Subscriber: Codable, Sendable, Equatable {
  /// Nil for the node's operator and for people with accounts.
  var token: Token?
  /// For a person with an account.
  var standing: AccountStanding?
  /// The purpose of use that was named when the subscription was made.
  var purpose: String?
  /// The FHIR API's address as the subscriber knows it.
  var baseURL: String?

  struct Token: Codable, Sendable, Equatable {
    var id: String
    /// Under which the token is kept, in hexadecimal.
    var key: String
  }

  /// The charts of callers, in which their subscriptions lie. No patient's id begins so.
  static let chartPrefix = "_subscriber-"

  static func isChart(_ name: String) -> Bool { name.hasPrefix(chartPrefix) }

  /// The caller as of now; nil once its token is revoked or has expired.
  func caller(_ exchange: Exchange, in snapshot: any StoreSnapshot) throws -> Caller? {
    let requestID = exchange.newID()
    let purpose = purpose.flatMap { PurposeOfUse(rawValue: $0) }
    if let standing {
      return try standing.caller(
        exchange, purpose: purpose, networkAddress: nil, requestID: requestID, baseURL: baseURL,
        in: snapshot)
    }
    guard let token else {
      return purpose.map { exchange.nodeOperator(purpose: $0) } ?? exchange.nodeOperator()
    }
    guard let key = Hex.decode(token.key),
      let known = try exchange.recognized(key, in: snapshot), known.record.id == token.id
    else { return nil }
    return try exchange.bearer(
      of: known, purpose: purpose, networkAddress: nil, requestID: requestID, baseURL: baseURL)
  }
}

extension Caller {
  /// The name of the chart in which this caller's subscriptions lie; nil for those who cannot have any.
  var subscriberChart: String? {
    switch identity {
    case .nodeOperator: Subscriber.chartPrefix + "operator"
    case .token(let id): Subscriber.chartPrefix + "token-" + id
    case .account(let id): Subscriber.chartPrefix + "account-" + id.description
    case .peer, .nobody: nil
    }
  }
}

extension Exchange {
  /// The caller as a subscriber.
  ///
  /// - Throws: `forbidden` for a paired node.
  func subscriber(_ caller: Caller, in snapshot: any StoreSnapshot) throws -> Subscriber {
    var subscriber = Subscriber(purpose: caller.purpose?.rawValue, baseURL: caller.baseURL)
    switch caller.identity {
    case .nodeOperator: break
    case .token(let id):
      guard
        let (key, _) = try items(.token, as: TokenRecord.self, in: snapshot)
          .first(where: { $0.value.id == id })
      else { throw PeerChartError(.unauthenticated, "this bearer token is not valid here") }
      subscriber.token = Subscriber.Token(id: id, key: Hex.encode(key))
    case .account: subscriber.standing = AccountStanding(caller)
    case .peer, .nobody:
      throw PeerChartError(.forbidden, "paired nodes are told by messages, not by subscriptions")
    }
    return subscriber
  }
}
