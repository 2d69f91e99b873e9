import Foundation
public import Identity
import Primitives

/// How many requests the node takes of one account, program or address. None is nil for no limit.
///
/// The numbers hinder nobody who uses the node as people and programs do: a person opens some pages in a
/// minute, a hospital's interface reads as fast as the node answers.
public struct RequestRates: Sendable, Equatable {
  /// A person at the pages.
  public var account: RequestRate? = RequestRate(perSecond: 50, burst: 1000)
  /// A bearer token, a service, a paired node, an app for one person.
  public var client: RequestRate? = RequestRate(perSecond: 20_000, burst: 100_000)
  /// Requests behind which nobody is known, of one address; of IPv6, of one /64 network.
  public var address: RequestRate? = RequestRate(perSecond: 500, burst: 5000)

  public init() {}
}

/// Whose requests are counted together.
enum RateSubject: Hashable, Sendable {
  case account(AccountID)
  /// A browser that has signed in before.
  case device(Data)
  case token(String)
  case client(String)
  case app(String, AccountID)
  case peer(NodeID)
  case network([UInt8])
  /// An address that cannot be read.
  case unknown

  init(address: String?) {
    guard let address = address.flatMap({ IPAddress($0) }) else {
      self = .unknown
      return
    }
    self = .network(address.network)
  }

  /// Nil for whoever runs the program.
  init?(_ caller: Caller) {
    switch caller.identity {
    case .nodeOperator: return nil
    case .token(let id): self = .token(id)
    case .account(let id):
      if let app = caller.app { self = .app(app.client, id) } else { self = .account(id) }
    case .client(let id): self = .client(id)
    case .peer(let node): self = .peer(node)
    case .nobody: self = .unknown
    }
  }

  func rate(_ rates: RequestRates) -> RequestRate? {
    switch self {
    case .account, .device: rates.account
    case .token, .client, .app, .peer: rates.client
    case .network, .unknown: rates.address
    }
  }

  /// Under which all instances share it.
  var name: String {
    switch self {
    case .account(let id): "account/\(id)"
    case .device(let id): "device/\(Hex.encode(Array(id)))"
    case .token(let id): "token/\(id)"
    case .client(let id): "client/\(id)"
    case .app(let client, let id): "app/\(id)/\(client)"
    case .peer(let node): "peer/\(node)"
    case .network(let bytes): "network/\(bytes)"
    case .unknown: "network/-"
    }
  }
}
