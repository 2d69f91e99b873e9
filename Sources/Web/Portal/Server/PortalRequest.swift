import Consent
import Exchange
import FHIR
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import Primitives

/// A request for a page, with who asks and in which language.
struct PortalRequest: Sendable {
  let incoming: Incoming
  let route: PortalRoute
  let visitor: PortalVisitor?
  let strings: PortalStrings
  /// What forms of this page carry: the session's token, or before there is a session that of a cookie.
  let csrf: String
  let query: QueryString

  var isPost: Bool { incoming.request.method == .post }

  /// - Throws: `unauthenticated` for nobody.
  func signedIn() throws(PeerChartError) -> PortalVisitor {
    guard let visitor else {
      throw PeerChartError(.unauthenticated, "this page is for people who have signed in")
    }
    return visitor
  }

  /// The visitor, and the chart that is shown.
  ///
  /// - Throws: `unauthenticated` for nobody, `not-found` for a visitor without a chart.
  func chart() throws(PeerChartError) -> (visitor: PortalVisitor, id: String) {
    let visitor = try signedIn()
    guard let chart = visitor.chart else {
      throw PeerChartError(.notFound, "there is no chart to show")
    }
    return (visitor, chart)
  }

  /// - Throws: `forbidden` for a visitor to whom this is not offered.
  func require(_ permission: NodePermission) throws(PeerChartError) {
    guard try signedIn().permissions.contains(permission) else {
      throw PeerChartError(.forbidden, "this page is not for this role")
    }
  }

  /// Where the request comes from, for the session that it may begin.
  func origin() throws -> SignInOrigin {
    let ticket = PortalCookies.value(PortalCookies.device, in: try incoming.field(.cookie))
    return SignInOrigin(
      networkAddress: incoming.connection.remoteAddress,
      device: incoming.request.headers[.userAgent], deviceTicket: ticket.map { Redacted($0) },
      requestID: incoming.requestID)
  }

  /// This node to the browser that asks, for passkeys; nil where they cannot be: at a bare address.
  func relyingParty(_ name: String) throws -> RelyingParty? {
    let origin = try incoming.baseURL().text
    guard let host = URLComponents(string: origin)?.host else { return nil }
    return try? RelyingParty(id: host, name: name, origins: [origin])
  }

  /// A value of the query that may stand there once.
  func value(_ name: String) -> String { query.values(name).first ?? "" }
}

/// What a form sent, once its token was checked.
struct PortalForm: Sendable {
  /// No form of these pages is longer (bytes).
  static let longest = 64 << 10

  private let fields: QueryString

  /// - Throws: `forbidden` for a form that does not come from a page of this node and session.
  init(_ request: PortalRequest) async throws {
    try Self.checkOrigin(request.incoming)
    let type = try request.incoming.field(.contentType)?.split(separator: ";").first
    guard type?.lowercased() == "application/x-www-form-urlencoded" else {
      throw PeerChartError(.unsupportedMediaType, "pages send forms")
    }
    let body = try await BodyReader.read(request.incoming, limit: Self.longest)
    fields = try QueryString(parsing: String(decoding: body, as: UTF8.self))
    try Self.check(fields.values("csrf").map { Array($0.utf8) }, request)
  }

  /// The text of a field, without spaces around it; empty where there is none.
  subscript(name: String) -> String {
    String((fields.values(name).first ?? "").trimmingSpaces())
  }

  /// As it was typed: a password may begin with a space.
  func secret(_ name: String) -> String { fields.values(name).first ?? "" }

  /// All boxes of that name that are ticked.
  func all(_ name: String) -> Set<String> { Set(fields.values(name)) }

  /// The token of the page that a form was loaded with.
  static func check(_ tokens: [[UInt8]], _ request: PortalRequest) throws(PeerChartError) {
    guard tokens.count == 1, let token = tokens.first, !request.csrf.isEmpty,
      constantTimeEqual(token, Array(request.csrf.utf8))
    else {
      throw PeerChartError(.forbidden, "this form is not of this session; load its page again")
    }
  }

  /// Browsers say where a form was sent from. Whoever says nothing has the token still to show.
  static func checkOrigin(_ incoming: Incoming) throws {
    let foreign = PeerChartError(.forbidden, "this form was sent from another site")
    if let origin = try incoming.field(.origin), origin != (try incoming.baseURL().text) {
      throw foreign
    }
    if let site = try incoming.field(.fetchSite), site != "same-origin", site != "none" {
      throw foreign
    }
  }
}

extension HTTPField.Name {
  static let fetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .via
}
