package import Exchange
import FHIR
package import Primitives

/// Where a request really came from when a proxy of the operator's stands in front: what `Forwarded` (RFC 7239)
/// or `X-Forwarded-For` and `X-Forwarded-Proto` say, and only behind such a proxy. From anybody else they are
/// words, and are not read.
package struct ForwardedOrigin: Equatable, Sendable {
  package let address: String?
  package let isTLS: Bool

  /// Hops beyond these are not looked at: they are said by strangers anyway.
  private static let mostHops = 32

  /// - Parameters:
  ///   - address: that of the connection.
  ///   - proxies: the networks of the operator's proxies.
  ///   - fields: all values of a field, in order.
  /// - Throws: `malformed` where both kinds of field are there: a proxy writes one of them, the other one is
  ///   then its client's.
  package init(
    connection address: String?, isTLS: Bool, proxies: [NetworkRange],
    fields: (String) -> [String]
  ) throws(PeerChartError) {
    func isProxy(_ address: String?) -> Bool {
      address.flatMap { IPAddress($0) }.map { known in proxies.contains { $0.contains(known) } }
        ?? false
    }
    guard !proxies.isEmpty, isProxy(address) else {
      (self.address, self.isTLS) = (address, isTLS)
      return
    }
    let standard = fields("Forwarded")
    let usual = fields("X-Forwarded-For")
    guard standard.isEmpty || usual.isEmpty && fields("X-Forwarded-Proto").isEmpty else {
      throw PeerChartError(
        .malformed, "a request has Forwarded or X-Forwarded-For, not both", place: "Forwarded")
    }
    let hops =
      standard.isEmpty
      ? Self.split(usual).map { Hop(address: Self.address($0), proto: nil) }
      : Self.split(standard).map(Self.hop)
    // From the nearest hop on; the first that is no proxy of ours is the client, and what it says of itself
    // does not count. Whatever is not an address ends the way: the proxy that said so is the client.
    var client = address
    var proto: String?
    for (number, hop) in hops.reversed().prefix(Self.mostHops).enumerated() {
      if number == 0 { proto = hop.proto }
      guard let next = hop.address else { break }
      client = next
      guard isProxy(next) else { break }
    }
    let said = proto ?? Self.split(fields("X-Forwarded-Proto")).last.map(String.init)
    self.address = client
    switch said?.lowercased() {
    case "https": self.isTLS = true
    case "http": self.isTLS = false
    default: self.isTLS = isTLS
    }
  }

  /// A connection without a proxy.
  init(of connection: Connection) {
    (address, isTLS) = (connection.remoteAddress, connection.isTLS)
  }

  private struct Hop {
    var address: String?
    var proto: String?
  }

  /// The elements of all values of a list field (RFC 9110 section 5.6.1).
  private static func split(_ values: [String]) -> [Substring] {
    values.flatMap { value in
      value.split(separator: ",").map { $0.trimmingBlanks }.filter { !$0.isEmpty }
    }
  }

  /// `for=192.0.2.60;proto=https`, `for="[2001:db8::17]:4711"`.
  private static func hop(_ element: Substring) -> Hop {
    var hop = Hop()
    for pair in element.split(separator: ";") {
      let parts = pair.split(separator: "=", maxSplits: 1).map(\.trimmingBlanks)
      guard parts.count == 2 else { continue }
      let value = parts[1].hasPrefix("\"") ? parts[1].dropFirst().dropLast() : parts[1]
      switch parts[0].lowercased() {
      case "for": hop.address = address(value)
      case "proto": hop.proto = String(value)
      default: continue
      }
    }
    return hop
  }

  /// An address, with or without a port; nil for `unknown`, an obfuscated name, anything else.
  private static func address(_ text: Substring) -> String? {
    var text = text
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      text = text[text.index(after: text.startIndex)..<end]
    } else if text.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1,
      let colon = text.firstIndex(of: ":")
    {
      text = text[..<colon]
    }
    return IPAddress(text) == nil ? nil : String(text)
  }
}

extension Substring {
  fileprivate var trimmingBlanks: Substring {
    let front = drop { $0 == " " || $0 == "\t" }
    guard let last = front.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return front[...last]
  }
}
