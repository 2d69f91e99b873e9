public import Identity

/// Which addresses are on the public network. Whoever may write a Subscription could otherwise have this
/// node call services that trust its network (server-side request forgery).
public enum PublicNetwork {
  /// Whether a host is known not to be there. A name is not looked up.
  public static func excludes(_ host: HostName) -> Bool {
    switch host {
    case .dns(let name):
      name == "localhost" || [".localhost", ".local", ".internal"].contains(where: name.hasSuffix)
    case .ipv4(let bytes), .ipv6(let bytes): !contains(address: bytes)
    }
  }

  /// Whether an address of four or sixteen bytes is globally reachable unicast (IANA's special-purpose
  /// registries, RFC 6890).
  public static func contains(address: [UInt8]) -> Bool {
    switch address.count {
    case 4: !reservedIPv4.contains { isWithin($0.0, $0.1, address) }
    case 16:
      // Of all of IPv6 only 2000::/3 is global unicast, and that has exceptions.
      address[0] & 0xE0 == 0x20 && !reservedIPv6.contains { isWithin($0.0, $0.1, address) }
    default: false
    }
  }

  private static let reservedIPv4: [([UInt8], Int)] = [
    ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([169, 254], 16), ([172, 16], 12),
    ([192, 0, 0], 24), ([192, 0, 2], 24), ([192, 88, 99], 24), ([192, 168], 16), ([198, 18], 15),
    ([198, 51, 100], 24), ([203, 0, 113], 24), ([224], 4), ([240], 4),
  ]

  /// Protocol assignments with Teredo, documentation, and 6to4, which leads to any IPv4 address.
  private static let reservedIPv6: [([UInt8], Int)] = [
    ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0D, 0xB8], 32), ([0x20, 0x02], 16),
    ([0x3F, 0xFF, 0x00], 20),
  ]

  private static func isWithin(_ prefix: [UInt8], _ bits: Int, _ address: [UInt8]) -> Bool {
    (0..<bits).allSatisfy { bit in
      let expected = bit / 8 < prefix.count ? prefix[bit / 8] : 0
      return (expected ^ address[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
    }
  }
}
