import Primitives

/// An address to which a user may be sent back with a code. Registered ones and requested ones are read
/// by the same strict rules and compared character by character (RFC 9700 section 2.1): no wildcards,
/// no prefixes, nothing normalised.
public struct RedirectURI: Sendable, Hashable {
  /// The longest text in bytes.
  public static let maximumLength = 1024

  /// What kind of app receives the answer.
  public enum Form: Sendable, Hashable {
    /// A web server, over TLS.
    case web
    /// A program on the user's machine that listens on an IP address of the machine itself (RFC 8252
    /// section 7.3). The port is chosen anew each time, so it is the one thing that may differ.
    case loopback
    /// The same by the name `localhost`, which others may answer to: the port is part of the
    /// comparison (section 8.3).
    case localhost
    /// An app that the operating system calls by a scheme of its own (section 7.1).
    case privateUse
  }

  /// As it was registered.
  public let text: String
  /// What kind of app it belongs to.
  public let form: Form
  private let withoutPort: String

  /// Reads an address.
  ///
  /// - Throws: `invalid_redirect_uri`.
  public init(_ text: String) throws(OAuthError) {
    guard (1...Self.maximumLength).contains(text.utf8.count),
      WebAddress.hasOnlyAddressCharacters(text), !text.utf8.contains(UInt8(ascii: "*")),
      !text.utf8.contains(UInt8(ascii: "#"))
    else {
      throw OAuthError(
        .invalidRedirectURI, "a redirect address is ASCII, without fragment and wildcard")
    }
    if let address = WebAddress(text) {
      form = try Self.form(of: address)
      let host = if case .ipv6 = address.host { "[\(address.host)]" } else { "\(address.host)" }
      let query = address.query.map { "?\($0)" } ?? ""
      withoutPort = "\(address.scheme)://\(host)\(address.path)\(query)"
      try Self.requireFreeParameters(address.query)
    } else {
      form = .privateUse
      withoutPort = text
      try Self.requirePrivateScheme(text)
    }
    self.text = text
  }

  /// Whether a request that names `requested` means this address.
  public func matches(_ requested: String) -> Bool {
    if requested.isIdentical(to: text) { return true }
    guard form == .loopback, let other = try? RedirectURI(requested) else { return false }
    return other.form == .loopback && other.withoutPort.isIdentical(to: withoutPort)
  }

  private static func form(of address: WebAddress) throws(OAuthError) -> Form {
    guard address.isCanonical else {
      throw OAuthError(
        .invalidRedirectURI, "scheme and host are lower case, the usual port is left out")
    }
    if address.scheme == "https" { return .web }
    switch address.host {
    case .ipv4(let bytes) where bytes == [127, 0, 0, 1]: return .loopback
    case .ipv6(let bytes) where bytes == [UInt8](repeating: 0, count: 15) + [1]: return .loopback
    case .dns("localhost"): return .localhost
    default:
      throw OAuthError(.invalidRedirectURI, "http is for the app's own machine: 127.0.0.1 or [::1]")
    }
  }

  /// The parameters of the answer must not be there already.
  private static func requireFreeParameters(_ query: String?) throws(OAuthError) {
    guard let query else { return }
    let names = query.split(separator: "&").compactMap { parameter in
      PercentEncoding.decode(Array(parameter.prefix { $0 != "=" }.utf8), plusIsSpace: true)
        .map { String(decoding: $0, as: UTF8.self) }
    }
    guard
      !names.contains(where: {
        ["code", "state", "iss", "error", "error_description"].contains($0)
      })
    else {
      throw OAuthError(.invalidRedirectURI, "a redirect address has no code, state, iss or error")
    }
  }

  /// A scheme that begins with somebody's domain (`com.example.app`): lower case, with a dot, so that
  /// `javascript:`, `data:` and `file:` are none. A path must follow.
  private static func requirePrivateScheme(_ text: String) throws(OAuthError) {
    let scheme = Array(text.prefix { $0 != ":" }.utf8)
    let labels = scheme.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let isNamed =
      labels.count >= 2 && scheme.count <= 128
      && labels.allSatisfy { label in
        guard let first = label.first else { return false }
        return (0x61...0x7A).contains(first)
          && label.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
          }
      }
    let rest = text.dropFirst(scheme.count)
    guard isNamed, rest.hasPrefix(":/"), rest.utf8.count > 2, !rest.contains("@") else {
      throw OAuthError(
        .invalidRedirectURI, "an app's own scheme is a domain backwards, such as com.example.app:/")
    }
    let query = rest.firstIndex(of: "?").map { String(rest[rest.index(after: $0)...]) }
    try requireFreeParameters(query)
  }
}
