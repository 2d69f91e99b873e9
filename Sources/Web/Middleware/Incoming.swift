import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Primitives

/// A request on its way to a use case.
struct Incoming: Sendable {
  let request: Request
  let route: Route
  /// What follows the question mark, undecoded.
  let rawQuery: Substring
  let connection: Connection
  let requestID: String
  let publicAddress: BaseURL?

  /// - Throws: `malformed` for a query that cannot be decoded.
  func query() throws(PeerChartError) -> QueryString { try QueryString(parsing: rawQuery) }

  /// The address to use in links.
  func baseURL() throws(PeerChartError) -> BaseURL {
    if let publicAddress { return publicAddress }
    return try BaseURL(host: request.head.authority, isTLS: connection.isTLS)
  }

  /// A field that may stand there once only, so that two readers cannot see two values.
  ///
  /// - Throws: `malformed` if it is repeated.
  func field(_ name: HTTPField.Name) throws(PeerChartError) -> String? {
    let values = request.headers[values: name]
    guard values.count < 2 else {
      throw PeerChartError(.malformed, "a header field is repeated", place: name.canonicalName)
    }
    return values.first
  }
}

extension HTTPField.Name {
  /// HL7 v3 PurposeOfUse code of the request.
  static let purposeOfUse = constant("X-Purpose-Of-Use")
  /// On whose behalf a paired node asks, percent-encoded.
  static let onBehalfOf = constant("X-On-Behalf-Of")
  static let requestID = constant("X-Request-Id")
  static let prefer = constant("Prefer")
  static let progress = constant("X-Progress")
  static let ifNoneExist = constant("If-None-Exist")

  /// The names above are all valid, so there is no other case.
  private static func constant(_ name: String) -> HTTPField.Name {
    HTTPField.Name(name) ?? .via
  }
}
