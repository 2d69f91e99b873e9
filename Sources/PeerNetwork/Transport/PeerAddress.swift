package import Primitives

/// `host:port` of a peer, as an invitation or an identity statement gives it. It comes from outside
/// and becomes part of a URL, so nothing but a host and a port passes.
package struct PeerAddress: Hashable, Sendable {
  /// In the form of a URL's authority.
  package let authority: String

  /// - Throws: `invalid` for anything else.
  package init(_ text: String) throws(PeerChartError) {
    let bytes = Array(text.utf8)
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")), colon > 0, bytes.count <= 260,
      Self.isPort(bytes[(colon + 1)...]), Self.isHost(bytes[..<colon])
    else { throw PeerChartError(.invalid, "a peer's address is written HOST:PORT") }
    authority = text
  }

  private static func isPort(_ digits: ArraySlice<UInt8>) -> Bool {
    guard (1...5).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else {
      return false
    }
    return (1...65535).contains(digits.reduce(0) { $0 * 10 + Int($1 - 48) })
  }

  private static func isHost(_ host: ArraySlice<UInt8>) -> Bool {
    if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]"), host.count > 2 {
      return host.dropFirst().dropLast().allSatisfy { byte in
        switch byte {
        case 46, 48...58, 65...70, 97...102: true
        default: false
        }
      }
    }
    return host.allSatisfy { byte in
      switch byte {
      case 45, 46, 48...57, 65...90, 95, 97...122: true
      default: false
      }
    }
  }
}
