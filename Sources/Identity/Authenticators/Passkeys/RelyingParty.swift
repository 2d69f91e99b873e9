public import Primitives

/// Who asks for a passkey: the node under the name by which people reach it (WebAuthn section 4).
public struct RelyingParty: Hashable, Sendable {
  /// The host name to which passkeys belong; they cannot be moved to another.
  public let id: String
  /// What the browser shows beside it.
  public let name: String
  /// Where the pages come from: `https://chart.example` or `https://chart.example:8443`.
  public let origins: Set<String>

  /// Checks that the names fit together.
  ///
  /// - Throws: `invalid` unless `id` is a DNS name in lower case (browsers take no addresses) and
  ///   every origin is `https` on that name or one below it, written as browsers write it.
  public init(id: String, name: String, origins: Set<String>) throws(PeerChartError) {
    guard HostName(id) == .dns(id) else {
      throw PeerChartError(.invalid, "passkeys need a host name", place: "id")
    }
    guard !origins.isEmpty, origins.allSatisfy({ Self.isOrigin($0, of: id) }) else {
      throw PeerChartError(.invalid, "an origin does not belong to the host name", place: "origins")
    }
    self.id = id
    self.name = name
    self.origins = origins
  }

  private static func isOrigin(_ origin: String, of id: String) -> Bool {
    let scheme = "https://"
    guard origin.hasPrefix(scheme) else { return false }
    let parts = origin.dropFirst(scheme.count).split(
      separator: ":", omittingEmptySubsequences: false)
    guard let host = parts.first, parts.count <= 2, HostName(host) == .dns(String(host)),
      host == id || host.hasSuffix(".\(id)")
    else { return false }
    guard let port = parts.dropFirst().first else { return true }
    // Browsers leave the usual port away.
    return UInt16(port).map { $0 != 0 && $0 != 443 && String($0) == port } ?? false
  }
}

/// How sure the authenticator must be that it is its owner who uses it.
public enum UserVerification: String, Sendable, Codable {
  /// By fingerprint, face or PIN: the passkey alone is two factors.
  case required
  /// At least by a touch: enough for a second factor beside a password.
  case preferred
}
