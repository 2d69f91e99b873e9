/// Cookies of the pages. The prefix makes browsers take them from this host alone, over TLS, for all paths.
package enum PortalCookies {
  /// Names the session.
  package static let session = "__Host-peerchart"
  /// Carries the token of forms before there is a session.
  package static let form = "__Host-peerchart-form"
  /// Says that this browser has signed in before.
  package static let device = "__Host-peerchart-device"
  /// Carries the ticket of somebody whose password was right to the second factor.
  package static let step = "__Host-peerchart-step"
  /// Names the chart that is shown, among those that the visitor may see.
  package static let chart = "__Host-peerchart-chart"
  /// Says that the chart is opened in an emergency.
  package static let emergency = "__Host-peerchart-emergency"
  /// The language that somebody chose who has not signed in.
  package static let language = "__Host-peerchart-language"

  /// The value of a cookie in the `Cookie` field (RFC 6265 section 4.2); nil where it is not there, or
  /// there twice, so that a cookie that somebody planted hides no other.
  package static func value(_ name: String, in field: String?) -> String? {
    guard let field, field.utf8.count <= 8192 else { return nil }
    let values = field.split(separator: ";").compactMap { pair -> Substring? in
      let pair = pair.drop { $0 == " " }
      guard pair.hasPrefix(name + "=") else { return nil }
      return pair.dropFirst(name.utf8.count + 1)
    }
    return values.count == 1 ? values.first.map(String.init) : nil
  }

  /// The value of `Set-Cookie`.
  ///
  /// - Parameter seconds: how long the browser keeps it; nil until it closes, 0 to take it away.
  package static func setting(_ name: String, _ value: String, seconds: Int? = nil) -> String {
    let age = seconds.map { "; Max-Age=\($0)" } ?? ""
    return "\(name)=\(value); Path=/; Secure; HttpOnly; SameSite=Lax\(age)"
  }
}
