import Exchange
package import Primitives

extension PeerChartError.Code {
  /// The route exists, the method does not.
  package static let methodNotAllowed = Self("method-not-allowed")
  /// Nothing that the caller accepts is offered.
  package static let notAcceptable = Self("not-acceptable")
  /// The body is in a format that is not taken.
  package static let unsupportedMediaType = Self("unsupported-media-type")
  /// The request did not come in within a reasonable time.
  package static let requestTimeout = Self("request-timeout")
  /// A chart whose key was destroyed (the code is of module Vault, which nothing here may import).
  static let chartDestroyed = Self("chart-destroyed")
}

/// The one place that says what an error is in HTTP (rule 8).
package enum ErrorStatus {
  /// What of the request bears on the status.
  package struct Circumstances: Sendable {
    /// A resource was sent, so what is invalid is its content (R4 3.1.0.1.11).
    package var hasContent: Bool
    /// A message of another node was sent, so what does not match is what it signed, not our store.
    package var isFromPeer: Bool

    package init(
      hasContent: Bool = false, isFromPeer: Bool = false
    ) {
      self.hasContent = hasContent
      self.isFromPeer = isFromPeer
    }
  }

  /// The HTTP status code (RFC 9110 section 15), or nil for an error that nobody outside is told
  /// about: that is a 500 without detail.
  package static func status(
    of code: PeerChartError.Code, in circumstances: Circumstances = Circumstances()
  ) -> Int? {
    switch code {
    case .malformed: 400
    case .invalid: circumstances.hasContent ? 422 : 400
    case .unauthenticated: 401
    case .forbidden, .stepUpRequired, .trainingRequired: 403
    case .notFound: 404
    case .methodNotAllowed: 405
    case .notAcceptable: 406
    case .requestTimeout: 408
    case .conflict: 409
    case .gone, .chartDestroyed: 410
    case .preconditionFailed, .multipleMatches: 412
    case .tooLarge: 413
    case .tooCostly: 400
    case .unsupportedMediaType: 415
    case .unsupportedVersion: 422
    case .integrity: circumstances.isFromPeer ? 422 : 500
    case .notSupported: 501
    case .unreachable: 502
    case .storage: 503
    case .tooManyRequests: 429
    // Documents have codes of their own, one for each way in which they do not follow their format.
    case _ where code.rawValue.hasPrefix("sec-"): 400
    default: nil
    }
  }

  /// The general code under which an error of HTTP itself becomes an OperationOutcome.
  static func issueCode(of code: String) -> PeerChartError.Code {
    switch PeerChartError.Code(code) {
    case .methodNotAllowed, .notAcceptable, .unsupportedMediaType: .notSupported
    case .chartDestroyed: .gone
    case _ where code.hasPrefix("sec-"): .malformed
    case let other: other
    }
  }

  /// The status line's words (RFC 9110 section 15), as a title for people.
  package static func title(_ status: Int) -> String {
    switch status {
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 415: "Unsupported Media Type"
    case 422: "Unprocessable Content"
    case 429: "Too Many Requests"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    default: "Internal Server Error"
    }
  }
}
