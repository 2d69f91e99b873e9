import Exchange
import HTTPTypes
import Identity
import Primitives

/// The cookies of a signed-in browser (RFC 6265bis): bound to this host, never shown to a script, never
/// sent along by another site's forms.
enum SessionCookie: String {
  case session = "__Host-peerchart"
  /// A browser that has signed in before; see `SignInOrigin.deviceTicket`.
  case device = "__Host-peerchart-device"

  private static let longest = 4096

  /// The value in a request's `Cookie` fields; nil where there is none, or more than one.
  func value(in fields: HTTPFields) -> String? {
    let values = fields[values: .cookie].flatMap { $0.split(separator: ";") }
      .compactMap { pair -> Substring? in
        let pair = pair.drop { $0 == " " }
        guard pair.hasPrefix(rawValue + "=") else { return nil }
        return pair.dropFirst(rawValue.utf8.count + 1)
      }
    guard values.count == 1, values[0].utf8.count <= Self.longest else { return nil }
    return String(values[0])
  }

  /// The field that sets it; with no value the one that takes it away.
  private func field(_ value: String?, seconds: Int64?) -> String {
    var parts = ["\(rawValue)=\(value ?? "")", "Path=/", "Secure", "HttpOnly", "SameSite=Lax"]
    if let seconds { parts.append("Max-Age=\(seconds)") }
    return parts.joined(separator: "; ")
  }

  /// What a response says to a browser that is signed in now.
  static func fields(for session: NewSession) -> HTTPFields {
    var fields: HTTPFields = [:]
    for value in [
      SessionCookie.session.field(session.token.text.exposed, seconds: nil),
      SessionCookie.device.field(session.deviceTicket.exposed, seconds: 365 * 86_400),
    ] {
      fields.append(HTTPField(name: .setCookie, value: value))
    }
    return fields
  }

  /// What a response says to a browser that is signed out. It stays a known device.
  static var fieldsForSigningOut: HTTPFields {
    [.setCookie: SessionCookie.session.field(nil, seconds: 0)]
  }
}
