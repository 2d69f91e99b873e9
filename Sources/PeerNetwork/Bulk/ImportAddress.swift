public import Primitives

/// A server that the operator lets `$import` fetch from: `HOST[:PORT]`, over HTTPS; or, on this machine
/// only, `http://HOST:PORT`.
public struct ImportAddress: Hashable, Sendable {
  let scheme: String
  let host: String
  let port: Int

  /// Reads what an operator writes.
  ///
  /// - Throws: `invalid`.
  public init(_ text: String) throws(PeerChartError) {
    let url = text.contains("://") ? text : "https://\(text)"
    guard let place = Self.place(of: url), place.path.isEmpty || place.path == "/" else {
      throw PeerChartError(
        .invalid,
        "a server to import from is written HOST or HOST:PORT; http://HOST:PORT on this machine only"
      )
    }
    self = place.address
  }

  private init(scheme: String, host: String, port: Int) {
    self.scheme = scheme
    self.host = host
    self.port = port
  }

  /// The server that a URL leads to; nil for what may not be fetched at all: user information, other
  /// schemes, characters that two readers could read in two ways, plain HTTP beyond this machine.
  static func server(of url: String) -> ImportAddress? { place(of: url)?.address }

  private static func place(of url: String) -> (address: ImportAddress, path: Substring)? {
    guard let scheme = ["https", "http"].first(where: { url.hasPrefix("\($0)://") }),
      url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
    else { return nil }
    let rest = url.dropFirst(scheme.utf8.count + 3)
    let authority = rest.prefix { !"/?#".contains($0) }
    let parts: (host: Substring, port: Substring?)
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else { return nil }
      let behind = authority[authority.index(after: close)...]
      guard behind.isEmpty || behind.hasPrefix(":") else { return nil }
      parts = (authority[...close], behind.isEmpty ? nil : behind.dropFirst())
    } else {
      let sides = authority.split(separator: ":", omittingEmptySubsequences: false)
      guard let host = sides.first, sides.count <= 2 else { return nil }
      parts = (host, sides.count == 2 ? sides[1] : nil)
    }
    let isHost = parts.host.utf8.allSatisfy { byte in
      switch byte {
      case 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      case 0x3A, 0x5B, 0x5D: authority.hasPrefix("[")
      default: false
      }
    }
    let port = parts.port.map { text in
      text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) ?? 0 : 0
    }
    guard isHost, !parts.host.isEmpty, (1...65535).contains(port ?? 443) else { return nil }
    let address = ImportAddress(
      scheme: scheme, host: parts.host.lowercased(), port: port ?? (scheme == "https" ? 443 : 80))
    guard scheme == "https" || ["127.0.0.1", "[::1]", "localhost"].contains(address.host) else {
      return nil
    }
    return (address, rest.dropFirst(authority.count))
  }
}
