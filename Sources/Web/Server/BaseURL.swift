package import Primitives

/// The address under which the caller reached this node, for the links in answers.
package struct BaseURL: Sendable {
  /// Without a slash at the end: `https://node.example:8443`.
  package let text: String

  /// `FHIR`'s service base URL.
  package var fhir: String { text + "/fhir" }

  /// The configured address of a node behind a proxy.
  ///
  /// - Throws: `invalid` unless it is `http(s)://host[:port]` with nothing behind it.
  package init(configured: String) throws(PeerChartError) {
    let trimmed = configured.hasSuffix("/") ? configured.dropLast() : configured[...]
    guard let scheme = ["https://", "http://"].first(where: trimmed.hasPrefix),
      Authority(trimmed.dropFirst(scheme.count)) != nil
    else {
      throw PeerChartError(
        .invalid, "a public address is written https://HOST or https://HOST:PORT")
    }
    text = String(trimmed)
  }

  /// The address that the request names in its `Host` field. It comes from outside and is written
  /// into answers, so only the characters of a host and port pass.
  ///
  /// - Throws: `malformed` for a `Host` field that is missing or no host.
  package init(host: String?, isTLS: Bool) throws(PeerChartError) {
    guard let host, Authority(host) != nil else {
      throw PeerChartError(.malformed, "the request names no valid host", place: "Host")
    }
    text = (isTLS ? "https://" : "http://") + host
  }
}
