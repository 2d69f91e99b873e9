public import Primitives

/// Where anchors are sent: an HTTPS address; plain HTTP on this machine only. Without credentials in it.
public struct AnchorAddress: Hashable, Sendable, Codable {
  public let url: String

  /// - Throws: `invalid`.
  public init(_ text: String) throws(PeerChartError) {
    let scheme = ["https://", "http://"].first { text.hasPrefix($0) }
    guard let scheme, text.utf8.count <= 1000,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C && $0 != 0x22 })
    else { throw Self.invalid }
    let authority = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    let host =
      authority.hasPrefix("[")
      ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
    guard !host.isEmpty, !authority.contains("@"), !text.contains("#"),
      scheme == "https://" || ["127.0.0.1", "[::1]", "localhost"].contains(host.lowercased())
    else { throw Self.invalid }
    url = text
  }

  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var one = encoder.singleValueContainer()
    try one.encode(url)
  }

  /// Without a slash at the end, as calendars name themselves.
  var base: String { url.hasSuffix("/") ? String(url.dropLast()) : url }

  /// A place below this one.
  func appending(_ path: String) throws(PeerChartError) -> AnchorAddress {
    try AnchorAddress("\(base)/\(path)")
  }

  private static let invalid = PeerChartError(
    .invalid, "anchors go to https://… addresses without user names; http://… on this machine only")
}
