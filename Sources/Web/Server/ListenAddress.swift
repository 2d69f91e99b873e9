import FHIR
public import Primitives

/// Where a listener waits: `127.0.0.1:8443`, `[::1]:8443`, `localhost:0`. Port 0 is any free one.
public struct ListenAddress: Hashable, Sendable {
  /// An IP address without brackets, or a host name.
  public let host: String
  public let port: Int

  /// Reads `HOST:PORT`; an IPv6 address stands in brackets.
  ///
  /// - Throws: `invalid` for anything else.
  public init(_ text: String) throws(PeerChartError) {
    guard let authority = Authority(text), let port = authority.port else {
      throw PeerChartError(.invalid, "an address to listen on is written HOST:PORT")
    }
    self.init(host: authority.host, port: port)
  }

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Whether only this machine can reach it. Of names, only `localhost` counts.
  public var isLoopback: Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}

extension ListenAddress: CustomStringConvertible {
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// `host [":" port]` of a URL (RFC 3986 section 3.2), without user information.
struct Authority {
  /// Without the brackets of an IPv6 address.
  let host: String
  let port: Int?

  init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard !bytes.isEmpty, bytes.count <= 260 else { return nil }
    let end: Int
    if bytes[0] == UInt8(ascii: "[") {
      guard let close = bytes.firstIndex(of: UInt8(ascii: "]")), close > 1,
        bytes[1..<close].allSatisfy(Self.isOfIPv6)
      else { return nil }
      host = String(decoding: bytes[1..<close], as: UTF8.self)
      end = close + 1
    } else {
      end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
      guard end > 0, bytes[..<end].allSatisfy(Self.isOfName) else { return nil }
      host = String(decoding: bytes[..<end], as: UTF8.self)
    }
    guard end < bytes.count else {
      port = nil
      return
    }
    guard bytes[end] == UInt8(ascii: ":"), bytes.count - end > 1,
      let number = DecimalDigits.parse(bytes[(end + 1)...], limit: 65535)
    else { return nil }
    port = Int(number)
  }

  private static func isOfIPv6(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: ":"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
