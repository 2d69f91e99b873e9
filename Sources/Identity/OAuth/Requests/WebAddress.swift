import Primitives

/// An absolute address with a host (RFC 3986), read strictly: ASCII, no user, a host that is a name or
/// an IP address, complete escapes, no `.` or `..` in the path. What it was read from is kept as it is.
struct WebAddress: Sendable, Hashable {
  static let maximumLength = 2048

  let text: String
  /// In lower case.
  let scheme: String
  let host: HostName
  let port: UInt16?
  /// Begins with a slash, or is empty.
  let path: String
  let query: String?
  let fragment: String?
  /// Whether scheme and host stand there in lower case, without a port that says nothing.
  let isCanonical: Bool

  init?(_ text: String) {
    guard text.utf8.count <= Self.maximumLength, Self.hasOnlyAddressCharacters(text),
      let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://")
    else { return nil }
    let scheme = String(text[..<colon])
    guard ["http", "https"].contains(scheme.lowercased()) else { return nil }
    var rest = text[colon...].dropFirst(3)
    var fragment: String?
    if let hash = rest.firstIndex(of: "#") {
      fragment = String(rest[rest.index(after: hash)...])
      rest = rest[..<hash]
    }
    var query: String?
    if let mark = rest.firstIndex(of: "?") {
      query = String(rest[rest.index(after: mark)...])
      rest = rest[..<mark]
    }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let path = String(rest[slash...])
    guard let (name, port) = Self.authority(rest[..<slash]), let host = HostName(name),
      !path.split(separator: "/").contains(where: { Self.isDotSegment($0) })
    else { return nil }
    self.text = text
    self.scheme = scheme.lowercased()
    self.host = host
    self.port = port
    self.path = path
    self.query = query
    self.fragment = fragment
    let written = if case .ipv6 = host { "[\(host)]" } else { "\(host)" }
    isCanonical =
      scheme == self.scheme && name == written && port != Self.defaultPort(self.scheme)
  }

  /// The host and the port of an authority; nil for a user, an empty host, or a port that is none.
  private static func authority(_ text: Substring) -> (Substring, UInt16?)? {
    guard !text.contains("@"), !text.isEmpty else { return nil }
    let end = text.first == "[" ? text.firstIndex(of: "]").map { text.index(after: $0) } : nil
    let tail = text[(end ?? text.startIndex)...]
    guard let colon = tail.firstIndex(of: ":") else {
      return end == nil || tail.isEmpty ? (text, nil) : nil
    }
    let digits = text[text.index(after: colon)...]
    guard end == nil || end == colon, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      digits.first != "0", let port = UInt16(digits)
    else { return nil }
    return (text[..<colon], port)
  }

  static func defaultPort(_ scheme: String) -> UInt16 { scheme == "https" ? 443 : 80 }

  /// Also in disguise: `%2e` is a dot for whoever normalises first.
  private static func isDotSegment(_ segment: Substring) -> Bool {
    let plain = segment.lowercased().replacing("%2e", with: ".")
    return plain == "." || plain == ".."
  }

  /// Unreserved and reserved characters and complete escapes; neither `\` nor anything beyond ASCII.
  static func hasOnlyAddressCharacters(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    let reserved = Set(":/?#[]@!$&'()*+,;=%".utf8)
    return PercentEncoding.decode(bytes, plusIsSpace: false) != nil
      && bytes.allSatisfy { PercentEncoding.isUnreserved($0) || reserved.contains($0) }
  }

  /// Scheme, host, port and path in one form, without query and fragment (RFC 3986 section 6.2): what
  /// RFC 9449 section 4.3 compares.
  var normalizedTarget: String {
    let host = if case .ipv6 = host { "[\(host)]" } else { "\(host)" }
    return "\(scheme)://\(host):\(port ?? Self.defaultPort(scheme))\(Self.normalized(path))"
  }

  /// Escapes of unreserved characters undone, the others in upper case; at least a slash.
  private static func normalized(_ path: String) -> String {
    var output: [UInt8] = []
    var rest = Array(path.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        output.append(byte)
        continue
      }
      let escape = [byte] + rest.prefix(2)
      rest = rest.dropFirst(2)
      let decoded = PercentEncoding.decode(escape, plusIsSpace: false)?.first ?? byte
      if PercentEncoding.isUnreserved(decoded) {
        output.append(decoded)
      } else {
        output.append(contentsOf: String(decoding: escape, as: UTF8.self).uppercased().utf8)
      }
    }
    return output.isEmpty ? "/" : String(decoding: output, as: UTF8.self)
  }
}
