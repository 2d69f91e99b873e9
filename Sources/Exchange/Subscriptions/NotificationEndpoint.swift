public import Identity
public import Primitives

/// Where a subscriber wants to be told: an HTTP URL without a user, a query or a fragment.
public struct NotificationEndpoint: Sendable, Hashable {
  private static let longest = 2048

  public let isSecure: Bool
  public let host: HostName
  public let port: UInt16
  /// Begins with a slash, or is empty.
  public let path: String

  /// Reads `https://HOST[:PORT][/PATH]`.
  ///
  /// - Throws: `invalid` for anything else.
  public init(_ text: String) throws(PeerChartError) {
    let wrong = PeerChartError(
      .invalid, "an endpoint is written https://HOST/PATH, without a user, query or fragment")
    guard text.utf8.count <= Self.longest, text.utf8.allSatisfy(Self.isOfURL) else { throw wrong }
    let rest: Substring
    if text.hasPrefix("https://") {
      (isSecure, rest) = (true, text.dropFirst(8))
    } else if text.hasPrefix("http://") {
      (isSecure, rest) = (false, text.dropFirst(7))
    } else {
      throw wrong
    }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let authority = rest[..<slash]
    if let address = NodeAddress(authority) {
      (host, port) = (address.host, address.port)
    } else if let host = HostName(authority), Self.isBracketed(authority, host) {
      (self.host, port) = (host, isSecure ? 443 : 80)
    } else {
      throw wrong
    }
    path = String(rest[slash...])
  }

  private static func isBracketed(_ text: Substring, _ host: HostName) -> Bool {
    if case .ipv6 = host { return text.hasPrefix("[") }
    return true
  }

  /// Printable ASCII but for what ends a path or names a user, and what no URL has unescaped.
  private static func isOfURL(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && !"\"#<>?@\\^`{|}".utf8.contains(byte)
  }

  /// `HOST:PORT`.
  public var address: String {
    if case .ipv6 = host { return "[\(host)]:\(port)" }
    return "\(host):\(port)"
  }

  /// The URL of something below the endpoint.
  public func url(adding suffix: String = "") -> String {
    let path =
      !suffix.isEmpty && self.path.hasSuffix("/") ? String(self.path.dropLast()) : self.path
    return "\(isSecure ? "https" : "http")://\(address)\(path)\(suffix)"
  }
}

/// The hosts that the operator has named as receivers: they may be private, and reached by plain HTTP.
public struct NotificationHosts: Sendable {
  /// Every port of these.
  private let hosts: Set<HostName>
  private let addresses: Set<NodeAddress>

  /// - Parameter named: `HOST` or `HOST:PORT`.
  /// - Throws: `invalid` for anything else.
  public init(_ named: [String]) throws(PeerChartError) {
    var hosts: Set<HostName> = []
    var addresses: Set<NodeAddress> = []
    for text in named {
      if let address = NodeAddress(text) {
        addresses.insert(address)
      } else if let host = HostName(text) {
        hosts.insert(host)
      } else {
        throw PeerChartError(.invalid, "a receiver of notifications is written HOST or HOST:PORT")
      }
    }
    self.hosts = hosts
    self.addresses = addresses
  }

  /// No host is named.
  public static let none = NotificationHosts(hosts: [], addresses: [])

  private init(hosts: Set<HostName>, addresses: Set<NodeAddress>) {
    self.hosts = hosts
    self.addresses = addresses
  }

  /// Whether the operator has named where the endpoint is.
  public func names(_ endpoint: NotificationEndpoint) -> Bool {
    hosts.contains(endpoint.host)
      || NodeAddress(host: endpoint.host, port: endpoint.port).map(addresses.contains) ?? false
  }

  /// What can be said of an endpoint before its name is looked up.
  ///
  /// - Throws: `invalid` for plain HTTP and for an address that is not on the public network, unless the
  ///   operator has named the host.
  public func check(_ endpoint: NotificationEndpoint) throws(PeerChartError) {
    if names(endpoint) { return }
    guard endpoint.isSecure else {
      throw PeerChartError(.invalid, "notifications are sent by https only")
    }
    guard !PublicNetwork.excludes(endpoint.host) else {
      throw PeerChartError(
        .invalid, "notifications are not sent to this machine or a private network")
    }
  }
}
