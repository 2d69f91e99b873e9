public import Consent
import Foundation
import Identity
public import Primitives

/// From where and when something may be used: a role of this node's people, an app or service, a token
/// (45 CFR 164.312(a)(1); ASVS 8.2.4).
public struct AccessRestriction: Codable, Sendable, Equatable {
  /// What it is about.
  public enum Subject: Hashable, Sendable, CustomStringConvertible {
    case role(Role)
    /// An app or service, by its client id.
    case client(String)
    /// A bearer token, by its id.
    case token(String)

    /// `role:nurse`, `client:ID`, `token:ID`; nil for anything else.
    public init?(_ text: String) {
      let parts = text.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[1].utf8.count <= 200 else { return nil }
      let name = String(parts[1])
      switch parts[0] {
      case "role":
        guard let role = Role(rawValue: name) else { return nil }
        self = .role(role)
      case "client": self = .client(name)
      case "token": self = .token(name)
      default: return nil
      }
    }

    public var description: String {
      switch self {
      case .role(let role): "role:\(role.rawValue)"
      case .client(let id): "client:\(id)"
      case .token(let id): "token:\(id)"
      }
    }
  }

  /// Why a request is refused, as it stands in the log.
  enum Breach: String {
    case network = "outside-network"
    case hours = "outside-hours"
  }

  public let subject: String
  /// From one of these; none means from anywhere.
  public let networks: [NetworkRange]
  /// Within one of these; none means at any time.
  public let hours: [OpeningHours]
  /// The time zone of the hours, as the IANA names it.
  public let zone: String

  /// - Throws: `invalid` for a restriction that restricts nothing, more than 64 networks or windows, or a
  ///   zone that nobody knows.
  public init(
    _ subject: Subject, networks: [NetworkRange], hours: [OpeningHours], zone: String
  ) throws(PeerChartError) {
    guard !networks.isEmpty || !hours.isEmpty else {
      throw PeerChartError(.invalid, "name a network, or hours; else nothing is restricted")
    }
    guard networks.count <= 64, hours.count <= 64 else {
      throw PeerChartError(.invalid, "at most 64 networks and 64 times are named for one")
    }
    guard TimeZone(identifier: zone) != nil else {
      throw PeerChartError(.invalid, "this is no time zone; one is written Europe/Berlin")
    }
    self.subject = subject.description
    self.networks = networks
    self.hours = hours
    self.zone = zone
  }

  /// What stands against a request from an address at a time; nil for nothing. Where it is not known from
  /// where somebody comes, that is no named network.
  func breach(from address: IPAddress?, at time: Instant) -> Breach? {
    if !networks.isEmpty {
      guard let address, networks.contains(where: { $0.contains(address) }) else {
        return .network
      }
    }
    guard !hours.isEmpty else { return nil }
    // A zone that this machine does not know opens nothing.
    guard let zone = TimeZone(identifier: zone),
      hours.contains(where: { $0.contains(time, in: zone) })
    else { return .hours }
    return nil
  }
}

/// All restrictions of a node: one for each subject.
struct RestrictionPolicy: Codable, Sendable, Equatable {
  static let most = 256
  static let key: [UInt8] = [0]

  var rules: [AccessRestriction] = []

  var isEmpty: Bool { rules.isEmpty }

  /// What stands against a caller, by the first rule that is broken.
  func breach(_ subjects: [AccessRestriction.Subject], from address: String?, at time: Instant)
    -> AccessRestriction.Breach?
  {
    guard !isEmpty else { return nil }
    let names = Set(subjects.map(\.description))
    let address = address.flatMap { IPAddress($0) }
    return rules.lazy.filter { names.contains($0.subject) }
      .compactMap { $0.breach(from: address, at: time) }.first
  }
}
