/// Where a node listens: a host and a port.
public struct NodeAddress: Sendable, Hashable {
  /// Name or IP address.
  public let host: HostName
  /// 1 to 65535.
  public let port: UInt16

  /// Returns nil for port 0.
  public init?(host: HostName, port: UInt16) {
    guard port > 0 else { return nil }
    self.host = host
    self.port = port
  }

  /// Reads `host:port` or `[IPv6]:port`. Returns nil for anything else.
  public init?(_ text: some StringProtocol) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let hostText = text[..<colon]
    let digits = text[text.index(after: colon)...]
    guard (1...5).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      digits.first != "0", let port = UInt16(digits), let host = HostName(hostText)
    else { return nil }
    // Without brackets nobody could tell where an IPv6 address ends and the port begins.
    if case .ipv6 = host, !hostText.hasPrefix("[") { return nil }
    self.init(host: host, port: port)
  }
}

extension NodeAddress: CustomStringConvertible {
  /// `host:port`, an IPv6 address in brackets.
  public var description: String {
    if case .ipv6 = host { return "[\(host)]:\(port)" }
    return "\(host):\(port)"
  }
}
