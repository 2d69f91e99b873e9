import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers of the pages and the fields that keep them to themselves.
package enum PortalAnswer {
  /// Nothing but this node's own files, nothing inline, nobody's frame.
  package static let contentSecurityPolicy = [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    "object-src 'none'",
  ].joined(separator: "; ")

  /// The same, for a page whose form leads on to an app that the person has let in.
  static func policy(formsTo address: String) -> String {
    let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: ".:-[]+"))
    let components = URLComponents(string: address)
    guard let scheme = components?.scheme else { return contentSecurityPolicy }
    var source = "\(scheme):"
    if scheme == "https" || scheme == "http", let host = components?.host {
      source += "//\(host)" + (components?.port.map { ":\($0)" } ?? "")
    }
    guard source.replacing("//", with: "").unicodeScalars.allSatisfy(allowed.contains) else {
      return contentSecurityPolicy
    }
    return contentSecurityPolicy.replacing(
      "form-action 'self'", with: "form-action 'self' \(source)")
  }

  /// By their names, in the order in which they are sent.
  package static let fields: [(name: String, value: String)] = [
    ("Content-Security-Policy", contentSecurityPolicy),
    // Not none: browsers then say nothing of where a form was sent from either.
    ("Referrer-Policy", "same-origin"),
    (
      "Permissions-Policy",
      "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
        + "publickey-credentials-create=(self), publickey-credentials-get=(self)"
    ),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
  ]

  static let secureFields: HTTPFields = fields.reduce(into: [:]) { fields, field in
    if let name = HTTPField.Name(field.name) { fields[name] = field.value }
  }

  static func html(
    _ text: String, status: HTTPResponse.Status = .ok, cookies: [String] = []
  ) -> Response {
    response(Array(text.utf8), type: "text/html; charset=utf-8", status: status, cookies: cookies)
  }

  /// After a form was taken: the page to load now (RFC 9110 section 15.4.4).
  static func seeOther(_ path: String, cookies: [String] = []) -> Response {
    var response = response([], type: nil, status: .seeOther, cookies: cookies)
    response.headers[.location] = path
    return response
  }

  /// A file to keep, under a name of ours.
  static func download(_ bytes: [UInt8], type: String, name: String) -> Response {
    var response = response(bytes, type: type, status: .ok, cookies: [])
    response.headers[.contentDisposition] = "attachment; filename=\"\(name)\""
    return response
  }

  /// A file whose name changes with its content.
  static func asset(_ asset: PortalAsset) -> Response {
    var response = response(Array(asset.text.utf8), type: asset.type, status: .ok, cookies: [])
    response.headers[.cacheControl] = "public, max-age=31536000, immutable"
    return response
  }

  private static func response(
    _ bytes: [UInt8], type: String?, status: HTTPResponse.Status, cookies: [String]
  ) -> Response {
    var fields = secureFields
    if let type { fields[.contentType] = type }
    for cookie in cookies { fields.append(HTTPField(name: .setCookie, value: cookie)) }
    return Response(
      status: status, headers: fields,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
