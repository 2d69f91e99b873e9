import FHIR
public import Primitives

/// Addresses that begin with the same bits, as CIDR writes them (RFC 4632, RFC 4291 section 2.3):
/// `10.20.0.0/16`, `2001:db8::/32`; an address alone is that one address.
public struct NetworkRange: Hashable, Sendable, Codable, CustomStringConvertible {
  private let prefix: [UInt8]
  private let length: Int
  public let description: String

  /// - Throws: `invalid` for what is no range, and for one that has bits set behind its prefix: whoever
  ///   wrote it meant something else.
  public init(_ text: some StringProtocol) throws(PeerChartError) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let error = PeerChartError(
      .invalid, "a network is written 10.20.0.0/16, 2001:db8::/32, or as one address")
    guard let first = parts.first, let address = IPAddress(first), !first.contains("%") else {
      throw error
    }
    let most = address.bytes.count * 8
    var length = most
    if parts.count == 2 {
      guard let number = DecimalDigits.parse(parts[1].utf8, limit: 128) else { throw error }
      // Of a wrapped IPv4 range the bits are counted in IPv6.
      length = Int(number) - (first.contains(":") && most == 32 ? 96 : 0)
    }
    guard (0...most).contains(length) else { throw error }
    prefix = address.bytes
    self.length = length
    description = String(text)
    guard (length..<most).allSatisfy({ !Self.bit($0, of: address.bytes) }) else {
      throw PeerChartError(
        .invalid, "this network has bits behind its prefix; write the network's first address")
    }
  }

  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// Whether an address lies in it. IPv4 and IPv6 have nothing in common.
  public func contains(_ address: IPAddress) -> Bool {
    guard address.bytes.count == prefix.count else { return false }
    let whole = length / 8
    guard address.bytes[..<whole] == prefix[..<whole] else { return false }
    return (whole * 8..<length).allSatisfy {
      Self.bit($0, of: address.bytes) == Self.bit($0, of: prefix)
    }
  }

  private static func bit(_ number: Int, of bytes: [UInt8]) -> Bool {
    bytes[number / 8] & (0x80 >> UInt8(number % 8)) != 0
  }
}
