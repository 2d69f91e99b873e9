import Foundation
public import Primitives

/// The server that takes this node's mail for delivery (RFC 6409): where it is, and how TLS begins.
public struct MailServer: Sendable, Hashable {
  /// How TLS begins.
  public enum Security: Sendable, Hashable {
    /// TLS from the first byte (`smtps`, RFC 8314 section 3.3).
    case implicit
    /// STARTTLS, without which nothing is sent (`smtp`, RFC 3207).
    case upgrade
  }

  public let host: String
  public let port: Int
  public let security: Security
  /// Whom to sign in as; nil for the sender's address.
  public let user: String?

  /// Reads `smtps://[USER@]HOST[:PORT]` or `smtp://…`.
  ///
  /// - Throws: `invalid` for anything else; a password in the address among it, which others would see in the
  ///   list of processes.
  public init(_ text: String) throws(PeerChartError) {
    let fault = PeerChartError(
      .invalid, "a mail server is written smtps://[USER@]HOST[:PORT], or smtp:// for STARTTLS")
    guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
      parts.password == nil, parts.path.isEmpty || parts.path == "/", parts.query == nil,
      parts.fragment == nil
    else { throw fault }
    switch parts.scheme {
    case "smtps": (security, port) = (.implicit, parts.port ?? 465)
    case "smtp": (security, port) = (.upgrade, parts.port ?? 587)
    default: throw fault
    }
    guard (1...65_535).contains(port) else { throw fault }
    self.host =
      host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    user = parts.user
  }
}
